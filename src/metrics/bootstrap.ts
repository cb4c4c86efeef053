/** Confidence intervals by resampling (Efron & Tibshirani 1993, section 13.3). */
import type { Rng } from "../runtime/index.js";
import { FIXED } from "../runtime/streams.js";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** Default 500: the ends of a 95 % interval are then known to about a twentieth of its width. */
  readonly resamples?: number;
  /** Default 0.95. */
  readonly level?: number;
  /** Of the resamples. Default: the same at every call. */
  readonly rng?: Rng;
}

/**
 * Percentile intervals of statistics of weighted examples. Each resample draws as many examples from every stratum, with
 * replacement, as it has.
 * @param strata indices of the examples, 0 … n - 1, each in one stratum.
 * @param estimate the statistics, given how often each example counts.
 */
export function bootstrap<K extends string>(
  strata: readonly Int32Array[],
  estimate: (weights: Float64Array) => Readonly<Record<K, number>>,
  { resamples = 500, level = 0.95, rng = FIXED.for("bootstrap") }: BootstrapOptions = {},
): Record<K, Interval> {
  const weights = new Float64Array(strata.reduce((n, s) => n + s.length, 0));
  const draws: Readonly<Record<K, number>>[] = [];
  for (let i = 0; i < resamples; i++) {
    weights.fill(0);
    for (const stratum of strata) for (const _ of stratum) weights[stratum[rng.below(stratum.length)]!]!++;
    draws.push(estimate(weights));
  }
  const names = Object.keys(draws[0]!) as K[];
  return Object.fromEntries(
    names.map((name) => {
      const sorted = Float64Array.from(draws, (d) => d[name]).sort();
      return [name, { low: quantile(sorted, (1 - level) / 2), high: quantile(sorted, (1 + level) / 2) }];
    }),
  ) as Record<K, Interval>;
}

/** The q-quantile of sorted values, linear between them. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  const above = sorted[Math.ceil(at)]!;
  return below === above ? below : below + (above - below) * (at - Math.floor(at));
}
