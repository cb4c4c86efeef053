/** Several transitions in one graph: for chains inside a training step. */
import { isTensor, leaves, mapTree, ShapeError, slice, stack, type Tensor, zipTrees } from "../graph/index.js";
import type { ChainState, LogDensity, Sampler, Tensors } from "./sampler.js";

export interface UnrollOptions {
  /** Transitions during which the step size adapts and whose positions are not kept. Default 0. */
  readonly burnIn?: number;
}

/** The result of transitions from a state. */
export interface Unrolled<S, I> {
  /** After the last transition. */
  readonly state: S;
  /** Positions after each transition that follows the burn-in, `[kept, B, …event]`. */
  readonly draws: Tensor;
  /** What all transitions reported, burn-in first, stacked along a new leading axis. */
  readonly info: I;
}

/**
 * One transition per entry of the noise, which {@link Sampler.noise} draws for that many steps. What is not used of the result
 * costs nothing.
 * @example
 * // JEM's negative samples: noise drawn by dynamics.noise(rng, x.shape, 20)
 * const dynamics = sgld({ stepSize: 1 });
 * const { position } = unroll(dynamics, f, dynamics.init(f, x), noise).state;
 * @example
 * // Posterior draws as VERA's HMC estimator needs them: 2 transitions of burn-in, 2 kept
 * const { draws, state } = unroll(sampler, logPosterior, sampler.init(logPosterior, z, stepSize), noise, { burnIn: 2 });
 * @throws ShapeError where the noise's leaves differ in length or leave nothing after the burn-in.
 */
export function unroll<S extends ChainState, N extends Tensors, I extends Tensors>(
  sampler: Sampler<S, N, I>,
  logDensity: LogDensity,
  start: S,
  noise: N,
  { burnIn = 0 }: UnrollOptions = {},
): Unrolled<S, I> {
  const lengths = new Set(leaves(noise, isTensor).map(([, t]) => t.shape[0]));
  const [steps = 0] = lengths;
  if (lengths.size !== 1 || steps <= burnIn) {
    throw new ShapeError("unroll", `noise for ${[...lengths].join(", ")} steps of which ${burnIn} are burn-in`);
  }
  let state = start;
  const draws: Tensor[] = [];
  const infos: I[] = [];
  for (let i = 0; i < steps; i++) {
    const each = mapTree<unknown, Tensor, Tensor>(noise, isTensor, (t) => slice(t, i)) as N;
    const [next, info] = sampler.step(logDensity, state, each);
    const burning = i < burnIn;
    state = burning && sampler.adapt !== undefined ? sampler.adapt(next, info) : next;
    if (!burning) draws.push(state.position);
    infos.push(info);
  }
  const info = zipTrees<unknown, Tensor, Tensor>(infos[0]!, infos.slice(1), isTensor, (...all) => stack(all)) as I;
  return { state, draws: stack(draws), info };
}
