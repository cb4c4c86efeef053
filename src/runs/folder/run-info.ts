/** What a run's `config.json`, and the metadata of its checkpoints, say beside the configuration: what it was run with. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { type Dataset, featureNames, type Preprocessing } from "../../data/index.js";
import { PREPROCESSING } from "../../data/preprocessing-schema.js";
import { type Entries, type Schema, several, whole } from "../../files/read-back.js";
import { sizeOf } from "../../graph/index.js";
import type { TrainConfig } from "../config/index.js";

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

/** What of the data is kept with a run. */
export type DataFacts = Pick<Dataset, "name" | "fingerprint" | "shape" | "classes" | "split" | "preprocessing">;

/** The configuration, and what it was run with; plain JSON. */
export type SavedConfig = TrainConfig & { readonly run: RunInfo };

/** What is saved of a run. @param imported the run begins with a checkpoint from elsewhere */
export function savedConfig(config: TrainConfig, dataset: DataFacts, imported = false): SavedConfig {
  const { version } = JSON.parse(
    readFileSync(fileURLToPath(new URL("../../../package.json", import.meta.url)), "utf8"),
  );
  const { name, fingerprint, shape, classes, split, preprocessing } = dataset;
  const about = {
    vera: version as string,
    ...(imported && { imported }),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    data: { name, fingerprint, shape, classes, split, preprocessing },
  };
  return { ...config, ckptPath: config.ckptPath && resolve(config.ckptPath), run: about };
}
