/**
 * Optimisers as pure functions of trees, to be part of a compiled training step: one step's arithmetic is PyTorch's,
 * operation for operation where it does not cost memory passes.
 */
import { add, isTensor, mul, type Tensor, type TensorLike, type TensorTree, zipTrees } from "../../graph/index.js";
import type { NdArray } from "../../runtime/index.js";
import type { Dict } from "../module.js";

/** What an optimiser remembers: named scalars and records shaped like the parameters. */
export type OptimizerState<L> = Dict<L>;

export interface Optimizer {
  /** The state before the first step, as arrays. */
  init(params: NdArray | Dict<NdArray>): OptimizerState<NdArray>;
  /**
   * One step downhill. `grads` has the structure of `params`, `lr` is a scalar.
   * @throws TypeError where structures differ.
   */
  update<P extends Tensor | Dict<Tensor>>(
    params: P,
    grads: P,
    state: OptimizerState<Tensor>,
    lr: TensorLike,
  ): { readonly params: P; readonly state: OptimizerState<Tensor> };
}

/** Combines trees leaf by leaf. */
export const zip = <T extends TensorTree>(
  combine: (...leaves: Tensor[]) => Tensor,
  first: T,
  ...others: readonly (TensorTree | undefined)[]
): T => zipTrees<unknown, Tensor, Tensor>(first, others, isTensor, combine) as T;

/** The gradient of the loss plus ½ weightDecay ‖params‖² (L2 regularisation; not decoupled). */
export const decayed = <P extends TensorTree>(grads: P, params: P, weightDecay: number): P =>
  weightDecay === 0 ? grads : zip((grad, p) => add(grad, mul(p, weightDecay)), grads, params);
