/**
 * What every sampler of this folder is: `init` and `step`, pure functions that build graph (after blackjax).
 *
 * Conventions. Positions are `[B, …event]`: B chains side by side, each independent of the others. A log-density maps them
 * to `[B]` and need not be normalised; row b of its result may depend on row b of the position only. Random numbers are
 * inputs, drawn on the host by `noise`. Nothing stops the gradient: draws that enter a loss as data go through
 * `stopGradient`.
 */
import { onesLike, ShapeError, type Tensor, type TensorLike, vjp } from "../graph/index.js";
import { sameShape } from "../graph/shape.js";
import type { NdArray, Rng } from "../runtime/index.js";

/** log p(x) up to a constant: `[B, …event]` → `[B]`. */
export type LogDensity = (position: Tensor) => Tensor;

/** States, random numbers and information are flat records of tensors. */
export type Tensors = { readonly [name: string]: Tensor };

/** Their values outside a graph. */
export type Arrays<T extends Tensors> = { readonly [K in keyof T]: NdArray };

/** What all states have. */
export type ChainState = Tensors & {
  /** `[B, …event]`. */
  readonly position: Tensor;
};

/** A sampler with state `S`, random numbers `N` and information about a step `I`. */
export interface Sampler<S extends ChainState, N extends Tensors, I extends Tensors> {
  /**
   * The state of chains at `position` `[B, …event]`. A state belongs to the log-density it was made with: where that
   * has changed, start anew from the position.
   * @param stepSize where to start from (a scalar), if not from the sampler's own; samplers whose step size is fixed ignore it.
   */
  init(logDensity: LogDensity, position: Tensor, stepSize?: TensorLike): S;
  /** One transition of every chain. */
  step(logDensity: LogDensity, state: S, noise: N): [state: S, info: I];
  /** The random numbers of one step for positions of this shape; of several, stacked along a new leading axis. */
  noise(rng: Rng, shape: readonly number[], steps?: number): Arrays<N>;
  /** The state with its step size adapted to what one step, or several stacked, reported. Absent where nothing adapts. */
  adapt?(state: S, info: I): S;
}

/** A log-density and its gradient at one position. */
export interface Evaluated {
  /** `[B]`. */
  readonly logDensity: Tensor;
  /** `[B, …event]`. */
  readonly gradient: Tensor;
}

/**
 * f(x) and ∇ₓf(x), row by row.
 * @throws ShapeError where the log-density does not return one number per chain.
 */
export function evaluate(logDensity: LogDensity, position: Tensor): Evaluated {
  const [value, pullback] = vjp((x: Tensor) => logDensity(x), position);
  if (!sameShape(value.shape, position.shape.slice(0, 1))) {
    throw new ShapeError("logDensity", `expected one value per row of ${position}, got ${value}`);
  }
  const [gradient] = pullback(onesLike(value));
  return { logDensity: value, gradient };
}

/** The shape of the noise of one step, or of several stacked. */
export const stacked = (shape: readonly number[], steps: number | undefined): readonly number[] =>
  steps === undefined ? shape : [steps, ...shape];
