/**
 * Stochastic gradient Langevin dynamics as energy-based models use it (Welling & Teh 2011; Du & Mordatch 2019; JEM, section 4):
 * x ← x + a ∇f(x) + s ξ, ξ ~ N(0, I), always accepted.
 *
 * With a = s²/2 this is Langevin dynamics at discretisation s; in practice a is chosen larger, which samples a sharper
 * density than e^f. Either way there is no correction: the draws are biased. Where f is curved by more than 2/a, steps overshoot, and
 * where training then lowers f at their ends, it curves f further: `maxDrift` ends that.
 */
import * as g from "../graph/index.js";
import { dotRows, perRow } from "./rows.js";
import { evaluate, type Sampler, stacked } from "./sampler.js";

export type SgldState<L = g.Tensor> = {
  /** `[B, …event]`. Nothing else is kept: each step evaluates f once, where it starts. */
  readonly position: L;
};

export type SgldNoise<L = g.Tensor> = {
  /** ξ, standard normal `[B, …event]`. */
  readonly normal: L;
};

export type SgldInfo<L = g.Tensor> = {
  /** f where the step started, `[B]`. */
  readonly logDensity: L;
  /** ‖∇f‖ where the step started, `[B]`. */
  readonly gradientNorm: L;
};

export interface SgldOptions {
  /** s, the noise added in each step: a number or a scalar. Default 0.01. */
  readonly std?: g.TensorLike;
  /** a, the factor of the gradient: a number or a scalar. Default std² / 2. */
  readonly stepSize?: g.TensorLike;
  /**
   * The greatest length of a ∇f of one row: longer ones are shortened to it (JEM++, Yang & Ji 2021, section 3.3, bounds each element
   * instead). Default: any.
   */
  readonly maxDrift?: number;
}

/** Noise of JEM. */
const DEFAULT_STD = 0.01;

/** The sampler's step size is its option: `init` ignores one, and nothing adapts. */
export const sgld = ({
  std = DEFAULT_STD,
  stepSize,
  maxDrift = Number.POSITIVE_INFINITY,
}: SgldOptions = {}): Sampler<SgldState, SgldNoise, SgldInfo> => ({
  init: (_, position) => ({ position }),
  step: (logDensity, { position }, { normal }) =>
    g.scope("sgld", () => {
      const a = stepSize ?? (typeof std === "number" ? std ** 2 / 2 : g.mul(g.square(std), 0.5));
      const { logDensity: value, gradient } = evaluate(logDensity, position);
      const gradientNorm = g.sqrt(dotRows(gradient, gradient));
      const factor = maxDrift === Number.POSITIVE_INFINITY ? a : perRow(within(maxDrift, gradientNorm, a), gradient);
      const drifted = g.add(position, g.mul(gradient, factor));
      return [{ position: g.add(drifted, g.mul(normal, std)) }, { logDensity: value, gradientNorm }];
    }),
  noise: (rng, shape, steps) => ({ normal: rng.normal(stacked(shape, steps)) }),
});

/** The factor for each row: a, or less where a ‖∇f‖ is longer than that. */
const within = (longest: number, gradientNorm: g.Tensor, a: g.TensorLike): g.Tensor =>
  g.div(longest, g.maximum(gradientNorm, g.div(longest, a)));
