/**
 * The entropy's gradient by HMC (Titsias & Ruiz 2019, as VERA's `verahmc`): chains on the posterior q(z|x) ∝ q(x, z), started at
 * the z that made x, which is an exact draw from it. c = (x - mean_j g(z_j)) / σ² over the positions kept.
 */
import * as g from "../../graph/index.js";
import type { Dict } from "../../nn/index.js";
import { full, type NdArray } from "../../runtime/index.js";
import { hmc, type MetropolisNoise, unroll } from "../../samplers/index.js";
import { normalLogDensity, scalar } from "../generator.js";
import type { EntropyEstimator } from "./estimator.js";
import type { Decoder } from "./variational.js";

export interface HmcEstimatorOptions {
  readonly noiseDim: number;
  /** Transitions in which the step size adapts. Default 2. */
  readonly burnIn?: number;
  /** Transitions whose positions are kept. Default 2. */
  readonly samples?: number;
  /** Leapfrog steps of a transition. Default 5. */
  readonly leapfrogSteps?: number;
  /** How fast the step size adapts. Default 0.02. */
  readonly adaptationRate?: number;
}

/** log q(x, z) as a function of z; x is held constant. */
export const logJoint =
  (decoder: Decoder, x: g.Tensor) =>
  (z: g.Tensor): g.Tensor =>
    g.add(
      normalLogDensity(g.stopGradient(x), decoder.mean(z), g.stopGradient(scalar(decoder.logSigma))),
      normalLogDensity(z, 0, 0),
    );

/** The step size starts at 1 / noiseDim, is adapted towards an acceptance of 0.67, and is carried along. */
export function hmcEstimator({
  noiseDim,
  burnIn = 2,
  samples = 2,
  leapfrogSteps = 5,
  adaptationRate = 0.02,
}: HmcEstimatorOptions): EntropyEstimator {
  const sampler = hmc({ stepSize: 1 / noiseDim, leapfrogSteps, targetAcceptance: 0.67, adaptationRate });
  return {
    init: () => ({ stepsize: full([], 1 / noiseDim) }),
    noise: (batch, rng) => sampler.noise(rng, [batch, noiseDim], burnIn + samples) as Dict<NdArray>,
    estimate(decoder, { stepsize }, x, z, noise) {
      return g.scope("posterior", () => {
        const logDensity = logJoint(decoder, x);
        const start = sampler.init(logDensity, z, stepsize as g.Tensor);
        const { draws, state, info } = unroll(sampler, logDensity, start, noise as unknown as MetropolisNoise, {
          burnIn,
        });
        const [kept, batch] = draws.shape as [number, number];
        const means = decoder.mean(g.reshape(draws, [kept * batch, noiseDim]));
        const average = g.mean(g.reshape(means, [kept, ...x.shape]), 0);
        const c = g.div(g.sub(x, average), g.exp(g.mul(scalar(decoder.logSigma), 2)));
        return {
          c: g.stopGradient(c),
          info: { posterior_acceptance: g.mean(info.acceptanceProbability), posterior_stepsize: state.stepSize },
          state: { stepsize: state.stepSize },
        };
      });
    },
  };
}
