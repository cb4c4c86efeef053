/** What passes between training and whoever started it. */
import type { Ranks } from "../../runtime/index.js";
import type { TrainConfig } from "./train-config.js";

export interface TrainProgress {
  /** Iterations done, of how many. */
  readonly iteration: number;
  readonly iterations: number;
  readonly epoch: number;
  /** By name, since the last call. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface TrainHooks {
  /** May be called as often as is convenient; the receiver shows what it has room for. */
  onProgress(progress: TrainProgress): void;
  /** Something worth a line of its own: an evaluation, a file written. */
  onMessage(text: string): void;
  /** Aborted: finish the iteration, save, and return. */
  readonly signal: AbortSignal;
  /** Save, and return, at this iteration at the latest. Default: at the end alone. */
  readonly until?: number;
}

export interface TrainResult {
  /** Iterations done, of how many: fewer where it was stopped. */
  readonly iteration: number;
  readonly iterations: number;
}

export interface TrainOptions {
  /** Replace the run that `config.saveDir` holds: its own files, no others. Default false. */
  readonly overwrite?: boolean;
  /** The processes that train this run together, as this one sees them; rank 0 keeps it. Default null: this one alone. */
  readonly ranks?: Ranks | null;
}

/** Trains and writes everything into `config.saveDir`, which must be new, empty, or the folder of a run to be resumed or replaced. */
export type Train = (config: TrainConfig, hooks: TrainHooks, options?: TrainOptions) => Promise<TrainResult>;

/** What would be trained: a summary of the networks and the memory they take, as text. */
export type Describe = (config: TrainConfig) => Promise<string>;
