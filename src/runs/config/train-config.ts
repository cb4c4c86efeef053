/** The configuration of a run, with everything filled in; plain JSON. */
import type { Augmentation } from "../../data/augment.js";
import type { Scaling } from "../../data/scaling.js";
import type { OutputActivation } from "../../nn/architectures/output.js";
import type { Choices } from "./choose.js";
import type { SourceFacts } from "./datasets.js";
import type { Settings } from "./options.js";

/** What follows from the settings and the data set. */
export interface Derived extends Choices {
  /** The data set, or the file or folder without path and ending. */
  readonly dataName: string;
  readonly dataKind: SourceFacts["kind"];
  /** Number of classes, 0 for none; null for a file or folder that must be read first. */
  readonly classes: number | null;
  /** How pixels become numbers; of no meaning for points and tables. */
  readonly scaling: Scaling;
  /** The last function of the generator. As in the original it follows --nice and --unit-interval, not --logit. */
  readonly outputActivation: OutputActivation;
  readonly augmentation: Augmentation | null;
}

/** Settings that are never null once resolved. */
interface Filled {
  readonly noiseDim: number;
  readonly sgldLr: number;
  readonly saveDir: string;
}

export const FILLED = ["noiseDim", "sgldLr", "saveDir"] as const satisfies readonly (keyof Filled)[];

/** All options (`options.ts`), by the camel case of their flags, and what follows from them. */
export interface TrainConfig extends Omit<Settings, keyof Filled>, Filled, Derived {}

/** What a run's `config.json` holds beside the configuration: what it was run with. */
export const PROVENANCE = "run";

export const DERIVED = [
  "mode",
  "labels",
  "density",
  "architecture",
  "shape",
  "dataName",
  "dataKind",
  "classes",
  "scaling",
  "outputActivation",
  "augmentation",
] as const satisfies readonly (keyof Derived)[];
