/**
 * Accepting or rejecting proposals (Metropolis et al. 1953, Hastings 1970), chain by chain, and adapting the step size:
 * what MALA and HMC share.
 */
import * as g from "../graph/index.js";
import type { Rng } from "../runtime/index.js";
import { perRow } from "./rows.js";
import { evaluate, type LogDensity, stacked } from "./sampler.js";

/** Where the chains are, with what is known there, so that nothing is evaluated twice. */
export type MetropolisState<L = g.Tensor> = {
  /** `[B, …event]`. */
  readonly position: L;
  /** f at the position, `[B]`. */
  readonly logDensity: L;
  /** ∇f at the position, `[B, …event]`. */
  readonly gradient: L;
  /** One scalar for all chains. */
  readonly stepSize: L;
};

/** Random numbers of one step. */
export type MetropolisNoise<L = g.Tensor> = {
  /** Standard normal `[B, …event]`: MALA's perturbation, HMC's momentum. */
  readonly normal: L;
  /** Uniform in [0, 1) `[B]`: decides on acceptance. */
  readonly uniform: L;
};

/** What one step did. */
export type MetropolisInfo<L = g.Tensor> = {
  /** min(1, e^(-energyError)) `[B]`; 0 where the proposal's density is not a number. */
  readonly acceptanceProbability: L;
  /** Whether the chain moved, `[B]` (bool). */
  readonly accepted: L;
  /** Minus the logarithm of the Metropolis-Hastings ratio, `[B]`; HMC's error of the Hamiltonian. */
  readonly energyError: L;
};

/** How the step size adapts. */
export interface AdaptationOptions {
  /** The acceptance probability to aim for, in (0, 1). */
  readonly targetAcceptance: number;
  /** Relative change of the step size per unit of error in acceptance, in (0, 1). */
  readonly adaptationRate: number;
}

/** A place that a chain might move to. */
export type Proposal = Omit<MetropolisState, "stepSize">;

export const initMetropolis = (
  logDensity: LogDensity,
  position: g.Tensor,
  stepSize: g.TensorLike,
): MetropolisState => ({
  position,
  ...evaluate(logDensity, position),
  stepSize: g.asTensor(stepSize),
});

export const metropolisNoise = (rng: Rng, shape: readonly number[], steps?: number) => ({
  normal: rng.normal(stacked(shape, steps)),
  uniform: rng.uniform(stacked(shape.slice(0, 1), steps)),
});

/**
 * Moves each chain to its proposal with probability min(1, e^(-energyError)). Comparing log u with the logarithm of the ratio
 * cannot overflow, and rejects where the ratio is not a number.
 * @param energyError `[B]`
 * @param uniform `[B]`
 */
export function metropolis(
  state: MetropolisState,
  proposal: Proposal,
  energyError: g.Tensor,
  uniform: g.Tensor,
): [MetropolisState, MetropolisInfo] {
  const logRatio = g.neg(energyError);
  const accepted = g.less(g.log(uniform), logRatio);
  const choose = (key: keyof Proposal) => g.where(perRow(accepted, state[key]), proposal[key], state[key]);
  const downhill = g.where(g.less(logRatio, 0), g.exp(logRatio), 0);
  return [
    {
      position: choose("position"),
      logDensity: choose("logDensity"),
      gradient: choose("gradient"),
      stepSize: state.stepSize,
    },
    {
      acceptanceProbability: g.where(g.greaterEqual(logRatio, 0), 1, downhill),
      accepted,
      energyError,
    },
  ];
}

/**
 * s ← s · (1 + rate · (mean acceptance - target)), the rule of VERA's implementation, with acceptance probabilities in place of
 * counts of accepted proposals: the same expectation with less noise.
 */
export function adaptStepSize(
  { targetAcceptance, adaptationRate }: AdaptationOptions,
  state: MetropolisState,
  { acceptanceProbability }: MetropolisInfo,
): MetropolisState {
  const error = g.sub(g.mean(acceptanceProbability), targetAcceptance);
  return { ...state, stepSize: g.mul(state.stepSize, g.add(1, g.mul(error, adaptationRate))) };
}

/** @throws RangeError where a number is outside (0, 1). */
export function checkAdaptation(name: string, { targetAcceptance, adaptationRate }: AdaptationOptions): void {
  for (const [option, value] of Object.entries({ targetAcceptance, adaptationRate })) {
    if (!(value > 0 && value < 1)) throw new RangeError(`${name}: ${option} must lie between 0 and 1, got ${value}`);
  }
}
