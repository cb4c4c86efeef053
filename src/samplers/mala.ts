/**
 * The Metropolis-adjusted Langevin algorithm (Roberts & Tweedie 1996): propose y = x + τ ∇f(x) + √(2τ) ξ, ξ ~ N(0, I), and accept
 * with the Metropolis-Hastings ratio of the Gaussian proposals.
 *
 * With d = √(τ/2) (∇f(x) + ∇f(y)), the reverse move's noise is -(ξ + d), so the logarithm of the ratio is
 * f(y) - f(x) - ½‖ξ + d‖² + ½‖ξ‖² = f(y) - f(x) - d·(ξ + d/2), without the cancellation of two large norms.
 */
import * as g from "../graph/index.js";
import {
  type AdaptationOptions,
  adaptStepSize,
  checkAdaptation,
  initMetropolis,
  type MetropolisInfo,
  type MetropolisNoise,
  type MetropolisState,
  metropolis,
  metropolisNoise,
} from "./metropolis.js";
import { dotRows } from "./rows.js";
import { evaluate, type Sampler } from "./sampler.js";

export interface MalaOptions extends Partial<AdaptationOptions> {
  /** τ to start from: the noise has variance 2τ. */
  readonly stepSize: g.TensorLike;
  /** Default 0.57, the optimum in high dimension (Roberts & Rosenthal 1998). */
  readonly targetAcceptance?: number;
  /** Default 0.02. */
  readonly adaptationRate?: number;
}

/** @throws RangeError for a target or rate outside (0, 1). */
export function mala({
  stepSize,
  targetAcceptance = 0.57,
  adaptationRate = 0.02,
}: MalaOptions): Sampler<MetropolisState, MetropolisNoise, MetropolisInfo> {
  const adaptation = { targetAcceptance, adaptationRate };
  checkAdaptation("mala", adaptation);
  return {
    init: (logDensity, position, start = stepSize) => initMetropolis(logDensity, position, start),
    step: (logDensity, state, { normal, uniform }) =>
      g.scope("mala", () => {
        const { stepSize: tau } = state;
        const drift = g.mul(state.gradient, tau);
        const position = g.add(g.add(state.position, drift), g.mul(normal, g.sqrt(g.mul(tau, 2))));
        const there = evaluate(logDensity, position);
        const d = g.mul(g.add(state.gradient, there.gradient), g.sqrt(g.mul(tau, 0.5)));
        const correction = dotRows(d, g.add(normal, g.mul(d, 0.5)));
        const energyError = g.add(g.sub(state.logDensity, there.logDensity), correction);
        return metropolis(state, { position, ...there }, energyError, uniform);
      }),
    noise: metropolisNoise,
    adapt: (state, info) => adaptStepSize(adaptation, state, info),
  };
}
