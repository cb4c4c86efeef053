/** What a run's `config.json` says beside the configuration: what it was run with. */
import * as v from "valibot";
import { featureNames, type Preprocessing } from "../data/index.js";
import { PREPROCESSING } from "../data/preprocessing-schema.js";
import { type Entries, type Schema, several, whole } from "../files/read-back.js";
import { sizeOf } from "../graph/index.js";

/** The data, as far as a model needs to know it. */
export interface DataInfo {
  readonly name: string;
  readonly fingerprint: string;
  /** Shape of one example. */
  readonly shape: readonly number[];
  /** Names of the classes by label, or null. */
  readonly classes: readonly string[] | null;
  readonly preprocessing: Preprocessing;
}

export interface RunInfo {
  /** Version of this package that the run was started with. */
  readonly vera: string;
  /** The run began with a checkpoint from elsewhere. */
  readonly imported?: boolean;
  readonly data: DataInfo;
}

/** Whether examples of this shape come of such preprocessing. */
const fits = ({ shape, preprocessing }: DataInfo): boolean => {
  if (preprocessing.kind === "table") return featureNames(preprocessing).length === sizeOf(shape);
  return preprocessing.kind === "none" || shape.length === 3;
};

const DATA: Schema<DataInfo> = v.object({
  name: v.string(),
  fingerprint: v.string(),
  shape: several(whole(1)),
  classes: v.nullable(several(v.string())),
  preprocessing: PREPROCESSING,
} satisfies Entries<DataInfo>);

/** Beside these there is what only tells a reader: versions, the machine, how the data was split. */
export const RUN_INFO: Schema<RunInfo> = v.object({
  vera: v.string(),
  imported: v.exactOptional(v.boolean()),
  data: v.pipe(DATA, v.check(fits, "its preprocessing does not make examples of its shape")),
} satisfies Entries<RunInfo>);
