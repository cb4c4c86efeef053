/** What an evaluation is: something to measure of a trained model, that leaves a table, a JSON file and figures. */
import type { Dataset, Split } from "../data/index.js";
import type { Chart } from "../figures/index.js";
import type { Inputs } from "../score/inputs.js";
import type { Probe, Refinement } from "../score/probe.js";
import type { ScoreName } from "./outliers/scores.js";

/** A model and what it is asked about, ready for it. */
export interface Subject {
  readonly probe: Probe;
  /** What is evaluated on. */
  readonly data: Inputs;
  /** The run's own data, whole; null where they are not there. */
  readonly own: Dataset | null;
  /** Finds other inputs by name (inputs.ts). */
  readonly find: (name: string) => Promise<Inputs>;
}

export interface EvaluationContext extends Subject {
  /** Another model of the same data, whose detection of what is out of distribution stands beside; null for none. */
  readonly baseline: Subject | null;
  /** Held-out data of the run, for fitting a temperature; null where there is none, or it is not wanted. */
  readonly validation: Split | null;
  readonly settings: EvaluationSettings;
  /** Called as work goes on. */
  readonly onProgress: (stage: string, done: number, total: number) => void;
}

export interface EvaluationSettings {
  readonly seed: number;
  /** Folder of the data sets, where it is not the run's. */
  readonly dataRoot: string | null;
  /** Examples of each set at most; null for no limit. */
  readonly limit: number | null;
  /** SGLD on inputs before they are classified; 0 steps for none. */
  readonly refinement: Refinement;
  /** File of the people's labels of what is evaluated; null for none. */
  readonly people: string | null;
  /** Sets to detect, by name. */
  readonly against: readonly string[];
  readonly scores: readonly ScoreName[];
  /** SGLD steps of the refinement scores. */
  readonly refineSteps: number;
  readonly resamples: number;
  /** Radii of attacks: shares of the range of pixels, or standard deviations of a table's columns. */
  readonly epsLinf: readonly number[];
  readonly epsL2: readonly number[];
  readonly attackSteps: number;
  readonly restarts: number;
  readonly attackExamples: number;
  /** Annealed importance sampling: chains, temperatures, and whether to run it even where log Z is known. */
  readonly chains: number;
  readonly temperatures: number;
  readonly checkPartition: boolean;
  /** Samples whose modes are counted, and the file of the digit classifier that labels them (null: the run's own). */
  readonly samples: number;
  readonly classifier: string | null;
  /** The data set whose linear generator the estimators are studied on (null: the run's own), and its latent dimensions (null: the run's). */
  readonly estimatorData: string | null;
  readonly latentDim: number | null;
  /** Numbers of posterior samples to study, and estimates of each. */
  readonly posteriorSamples: readonly number[];
  readonly repetitions: number;
}

export interface EvaluationResult {
  /** One line above the table. */
  readonly title: string;
  /** Several lines. */
  readonly table: string;
  /** The content of the JSON file. */
  readonly json: unknown;
  /** What a reader must know to not misread the table. */
  readonly notes?: readonly string[];
  /** Charts by file name without extension. */
  readonly figures: readonly (readonly [name: string, chart: Chart])[];
}

export interface Evaluation {
  /** For help. */
  readonly summary: string;
  /** Why the model or its data cannot be evaluated so; null where they can. */
  objection(context: Pick<EvaluationContext, "probe" | "data" | "own" | "settings">): string | null;
  run(context: EvaluationContext): Promise<EvaluationResult>;
}
