/**
 * Hamiltonian Monte Carlo (Duane et al. 1987; Neal 2011): draw a momentum p ~ N(0, I), follow H(x, p) = -f(x) + ½‖p‖² by the
 * leapfrog scheme, and accept the end point with probability min(1, e^(H - H')).
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
import { type Evaluated, evaluate, type LogDensity, type Sampler } from "./sampler.js";

/** A point of phase space, with what is known there. */
export interface PhasePoint extends Evaluated {
  /** `[B, …event]`. */
  readonly position: g.Tensor;
  /** `[B, …event]`. */
  readonly momentum: g.Tensor;
}

/** `steps` leapfrog steps, one evaluation each: reversible by negating the momentum, and volume-preserving. */
export function leapfrog(logDensity: LogDensity, start: PhasePoint, stepSize: g.TensorLike, steps: number): PhasePoint {
  const half = g.mul(stepSize, 0.5);
  let { position, momentum, logDensity: value, gradient } = start;
  momentum = g.add(momentum, g.mul(gradient, half));
  for (let i = 1; i <= steps; i++) {
    position = g.add(position, g.mul(momentum, stepSize));
    ({ logDensity: value, gradient } = evaluate(logDensity, position));
    // Two half steps of the momentum between positions are one whole step.
    momentum = g.add(momentum, g.mul(gradient, i < steps ? stepSize : half));
  }
  return { position, momentum, logDensity: value, gradient };
}

/** H = -f + ½‖p‖², `[B]`. */
export const hamiltonian = ({ logDensity, momentum }: Pick<PhasePoint, "logDensity" | "momentum">): g.Tensor =>
  g.sub(g.mul(dotRows(momentum, momentum), 0.5), logDensity);

export interface HmcOptions extends Partial<AdaptationOptions> {
  /** Leapfrog's step size to start from. */
  readonly stepSize: g.TensorLike;
  /** Leapfrog steps of a transition. Default 5. */
  readonly leapfrogSteps?: number;
  /** Default 0.67. */
  readonly targetAcceptance?: number;
  /** Default 0.02. */
  readonly adaptationRate?: number;
}

/** @throws RangeError for a target or rate outside (0, 1), or fewer than one leapfrog step. */
export function hmc({
  stepSize,
  leapfrogSteps = 5,
  targetAcceptance = 0.67,
  adaptationRate = 0.02,
}: HmcOptions): Sampler<MetropolisState, MetropolisNoise, MetropolisInfo> {
  const adaptation = { targetAcceptance, adaptationRate };
  checkAdaptation("hmc", adaptation);
  if (!Number.isInteger(leapfrogSteps) || leapfrogSteps < 1) {
    throw new RangeError(`hmc: leapfrogSteps must be a positive integer, got ${leapfrogSteps}`);
  }
  return {
    init: (logDensity, position, start = stepSize) => initMetropolis(logDensity, position, start),
    step: (logDensity, state, { normal, uniform }) =>
      g.scope("hmc", () => {
        const start: PhasePoint = { ...state, momentum: normal };
        const { momentum, ...proposal } = leapfrog(logDensity, start, state.stepSize, leapfrogSteps);
        const end = hamiltonian({ ...proposal, momentum });
        return metropolis(state, proposal, g.sub(end, hamiltonian(start)), uniform);
      }),
    noise: metropolisNoise,
    adapt: (state, info) => adaptStepSize(adaptation, state, info),
  };
}
