/**
 * Refining a generator's samples by MALA on f before the density model learns from them. The model's gradient needs samples of
 * p ∝ e^f and is given the generator's; a few transitions that leave p invariant take away most of the difference within a mode
 * (VERA, section 5, refines so when it samples; here in training). The chains start anew at the generator's samples in every iteration.
 */
import * as g from "../graph/index.js";
import type { Dict } from "../nn/index.js";
import { full, type NdArray, type Rng } from "../runtime/index.js";
import { type LogDensity, type MetropolisNoise, mala, unroll } from "../samplers/index.js";

export interface Refinement {
  /** What is carried from iteration to iteration: the step size. */
  init(): Dict<NdArray>;
  /** For samples of this shape, the batch first. */
  noise(shape: readonly number[], rng: Rng): Dict<NdArray>;
  /**
   * @param x `[B, …event]`, where the chains start
   * @param data a batch `[B, …event]`: the scale of the space
   * @returns the chains' ends, held constant; metrics; the adapted state
   */
  refine(
    logDensity: LogDensity,
    state: Dict<g.Tensor>,
    x: g.Tensor,
    data: g.Tensor,
    noise: Dict<g.Tensor>,
  ): { readonly x: g.Tensor; readonly info: Readonly<Record<string, g.Tensor>>; readonly state: Dict<g.Tensor> };
}

/** The step size at which adaptation starts, and its rate per iteration of training. */
const START = 0.01;
const RATE = 0.05;
/** Optimal in high dimension (Roberts & Rosenthal 1998), and close to it in the plane. */
const ACCEPTANCE = 0.57;

export function malaRefinement(steps: number): Refinement {
  const sampler = mala({ stepSize: START });
  return {
    init: () => ({ stepsize: full([], START) }),
    noise: (shape, rng) => sampler.noise(rng, shape, steps) as Dict<NdArray>,
    refine(logDensity, { stepsize }, x, data, noise) {
      return g.scope("refinement", () => {
        const start = sampler.init(logDensity, g.stopGradient(x), stepsize as g.Tensor);
        const { state, info } = unroll(sampler, logDensity, start, noise as unknown as MetropolisNoise);
        const acceptance = g.mean(info.acceptanceProbability);
        const adapted = g.mul(stepsize as g.Tensor, g.exp(g.mul(g.sub(acceptance, ACCEPTANCE), RATE)));
        // Where f is flat all moves are accepted: a whole chain may then diffuse by the data's standard deviation, 2τ · steps = var.
        const variance = g.mean(g.square(g.sub(data, g.mean(data, 0))));
        return {
          x: g.stopGradient(state.position),
          info: { refine_acceptance: acceptance, refine_stepsize: stepsize as g.Tensor },
          state: { stepsize: g.minimum(adapted, g.div(variance, 2 * steps)) },
        };
      });
    },
  };
}
