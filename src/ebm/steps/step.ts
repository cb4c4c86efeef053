/** What every training algorithm of this project looks like to a training loop. */
import type { Tensor } from "../../graph/index.js";
import type { Dict, OptimizerState } from "../../nn/index.js";
import type { NdArray, Rng } from "../../runtime/index.js";
import type { GeneratorParams } from "../generator.js";

/** A model being trained: PyTorch-named trees and its optimiser's. */
export type Trained<L, P = Dict<L>> = {
  readonly params: P;
  readonly state: Dict<L>;
  readonly optimizer: OptimizerState<L>;
};

/** Everything that training changes. */
export type TrainState<L> = {
  readonly energy: Trained<L>;
  /** Where the algorithm has one. */
  readonly generator?: Trained<L, GeneratorParams<L>>;
  /** What the entropy estimator of that generator adapts. */
  readonly posterior?: Dict<L>;
};

/** One iteration's data. */
export type Batch<L> = {
  /** Inputs `[B, …]`. */
  readonly x: L;
  /** Their classes `[B]` (i32), where all inputs have one. */
  readonly y?: L;
  /** Views of these inputs `[B, …]` by which the classes are told, where a network of its own tells them. Default: the inputs. */
  readonly view?: L;
  /** A strongly changed view of each input `[B, …]`. */
  readonly strong?: L;
  /** Where chains that persist between iterations start `[B, …]`. */
  readonly start?: L;
  /** The labelled batch of semi-supervised training. */
  readonly labeled?: { readonly x: L; readonly y: L };
};

/** Learning rates at this iteration, as scalars. */
export type Rates<L> = { readonly energy: L; readonly generator: L };

/** Which networks an iteration trains. */
export interface Phases {
  readonly energy: boolean;
  readonly generator: boolean;
}

export type StepOutput = {
  /** Scalars, by the names that end up in metrics.jsonl. */
  readonly metrics: Readonly<Record<string, Tensor>>;
  /** The chain's last positions, where the algorithm has chains that persist. */
  readonly samples?: Tensor;
};

export interface TrainingStep<out S extends TrainState<Tensor> = TrainState<Tensor>> {
  /** The state before the first iteration, in the structure of `S`. */
  init(rng: Rng): TrainState<NdArray>;
  /** The random numbers of one iteration with a batch of this size. */
  noise(batch: number, rng: Rng): Dict<NdArray>;
  /** Builds one iteration's graph. */
  run(state: S, batch: Batch<Tensor>, noise: Dict<Tensor>, rates: Rates<Tensor>, phases: Phases): [S, StepOutput];
}

/** A child of a tree of random numbers or states. @throws TypeError where it is missing. */
export function child<T = Tensor>(tree: Dict<Tensor>, name: string): T {
  const value = tree[name];
  if (value === undefined) throw new TypeError(`no "${name}" in ${Object.keys(tree).join(", ")}`);
  return value as T;
}
