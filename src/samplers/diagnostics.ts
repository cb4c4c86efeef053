/**
 * Have the chains mixed, and what are their draws worth? Split R̂ and effective sample size as in Vehtari, Gelman, Simpson,
 * Carpenter & Bürkner (2021, "Rank-normalization, folding, and localization: an improved R̂"). `splitRhat` and
 * `effectiveSampleSize` are of the values as they are; `diagnose` uses the rank-normalised versions (R̂ and bulk-ESS).
 *
 * Chains are lists of draws of one quantity, of equal length.
 */
import { ShapeError, show } from "../graph/shape.js";
import type { NdArray } from "../runtime/index.js";
import { mean as average } from "../runtime/numbers.js";
import { rankNormalize } from "./rank-normal.js";

/** Draws of one quantity, chain by chain. */
export type ChainDraws = readonly ArrayLike<number>[];

/** Sample variance, with denominator n - 1. */
const variance = (x: ArrayLike<number>): number => {
  const mean = average(x);
  return (average(Float64Array.from(x, (v) => (v - mean) ** 2)) * x.length) / (x.length - 1);
};

/** Each chain's first and last half; the middle draw of an odd number belongs to neither. */
function halves(chains: ChainDraws): Float64Array[] {
  const length = chains[0]?.length ?? 0;
  if (length < 4 || chains.some((chain) => chain.length !== length)) {
    throw new RangeError("diagnostics need chains of equal length, of 4 draws or more");
  }
  const half = Math.floor(length / 2);
  return chains.flatMap((chain) => {
    const values = Float64Array.from(chain);
    return [values.subarray(0, half), values.subarray(length - half)];
  });
}

/** Within-chain variance W, and the estimate of the target's variance from W and B (eq. 1–3). */
function variances(chains: readonly Float64Array[]): { within: number; pooled: number } {
  const n = chains[0]!.length;
  const within = average(chains.map(variance));
  return { within, pooled: ((n - 1) / n) * within + variance(chains.map(average)) };
}

/**
 * √(estimated variance / within-chain variance) of the split chains (eq. 4): 1 where all agree. NaN where no chain moves
 * and all are equal, infinite where they stand still in different places.
 * @throws RangeError for chains of unequal length or fewer than 4 draws.
 */
export function splitRhat(chains: ChainDraws): number {
  const { within, pooled } = variances(halves(chains));
  return Math.sqrt(pooled / within);
}

/**
 * The number of independent draws that would estimate the mean as well: M N / τ, with the autocorrelation time τ = 1 + 2 Σ ρ_t
 * of the split chains (eq. 10–13), summed in pairs while they are positive and made monotone (Geyer 1992), and at most
 * M N log₁₀(M N) as Stan has it.
 * @throws RangeError for chains of unequal length or fewer than 4 draws.
 */
export function effectiveSampleSize(chains: ChainDraws): number {
  const split = halves(chains);
  const n = split[0]!.length;
  const total = split.length * n;
  const { within, pooled } = variances(split);
  if (pooled === 0) return Number.NaN;
  const centred = split.map((chain) => {
    const mean = average(chain);
    return chain.map((x) => x - mean);
  });
  /** Autocorrelation at lag t, of all chains together. */
  const correlation = (t: number): number => {
    const covariance = average(
      centred.map((chain) => {
        let sum = 0;
        for (let i = t; i < n; i++) sum += chain[i]! * chain[i - t]!;
        return sum / (n - 1);
      }),
    );
    return 1 - (within - covariance) / pooled;
  };
  let time = -1;
  let smallest = Number.POSITIVE_INFINITY;
  for (let t = 0; t + 1 < n; t += 2) {
    const pair = (t === 0 ? 1 : correlation(t)) + correlation(t + 1);
    if (pair <= 0) break;
    smallest = Math.min(smallest, pair);
    time += 2 * smallest;
  }
  return total / Math.max(time, 1 / Math.log10(total));
}

/** What is known about one coordinate of the draws. */
export interface CoordinateDiagnosis {
  readonly mean: number;
  /** Standard deviation of all draws. */
  readonly std: number;
  /** Rank-normalised split R̂, the larger of location's and (folded) scale's (section 4.2). Above 1.01 is suspect. */
  readonly rhat: number;
  /** Bulk effective sample size. Fewer than 100 per chain are too few to rely on the rest. */
  readonly ess: number;
}

/**
 * Diagnoses every coordinate of draws `[draws, B, …event]`, in row-major order of the event.
 * @throws ShapeError for arrays without a chain axis; RangeError for fewer than 4 draws.
 */
export function diagnose(draws: NdArray): CoordinateDiagnosis[] {
  const [count = 0, chains] = draws.shape;
  if (chains === undefined || chains === 0) {
    throw new ShapeError("diagnose", `expected draws [draws, B, …event], got ${show(draws.shape)}`);
  }
  const width = draws.shape.slice(2).reduce((n, d) => n * d, 1);
  return Array.from({ length: width }, (_, d) => {
    const values = Array.from({ length: chains }, (_, c) =>
      Float64Array.from({ length: count }, (_, i) => draws.data[(i * chains + c) * width + d]!),
    );
    const all = values.flatMap((chain) => [...chain]);
    const middle = median(all);
    const scores = rankNormalize(values);
    const folded = rankNormalize(values.map((chain) => chain.map((x) => Math.abs(x - middle))));
    return {
      mean: average(all),
      std: Math.sqrt(variance(all)),
      rhat: Math.max(splitRhat(scores), splitRhat(folded)),
      ess: effectiveSampleSize(scores),
    };
  });
}

function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** How often chains moved. */
export interface AcceptanceSummary {
  /** Over all steps and chains. */
  readonly mean: number;
  /** Of the chain that moved least often. */
  readonly lowest: number;
  /** Of the chain that moved most often. */
  readonly highest: number;
  /** Chains that never moved. */
  readonly stuck: number;
}

/** @param accepted `[steps, B]`, as a run's info holds it: booleans. @throws ShapeError */
export function summarizeAcceptance(accepted: NdArray): AcceptanceSummary {
  const [steps = 0, chains = 0] = accepted.shape;
  if (accepted.shape.length !== 2 || accepted.size === 0) {
    throw new ShapeError("summarizeAcceptance", `expected [steps, B], got ${show(accepted.shape)}`);
  }
  const rates = new Float64Array(chains);
  accepted.data.forEach((moved: number, i: number) => {
    rates[i % chains]! += moved / steps;
  });
  return {
    mean: average(rates),
    lowest: Math.min(...rates),
    highest: Math.max(...rates),
    stuck: rates.filter((rate) => rate === 0).length,
  };
}
