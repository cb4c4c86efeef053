/**
 * How usual an input looks inside a network: f(x) is lowered by weight · δ² (√(1 + Σ_l z_l(x)² / δ²) - 1), where l are stages of the network, d_l is
 * Mahalanobis' distance of the channels' means and deviations there from those of training rows, and z_l is log d_l, standardised by rows held
 * out. Inputs that are too near to the mean are unusual, too: those of one distribution lie in a shell (typicality, Nalisnick et al. 2019,
 * arXiv 1906.02994; on several statistics, Morningstar et al. 2021, arXiv 2006.09273; features of several layers, Lee et al. 2018,
 * arXiv 1807.03888).
 */

import * as g from "../graph/index.js";
import { type Dict, variable } from "../nn/index.js";
import { full, NdArray, zeros } from "../runtime/index.js";
import { mean, standardDeviation } from "../runtime/numbers.js";
import { invertedCholesky } from "./base/cholesky.js";
import { quantile } from "./base/columns.js";
import { child } from "./child.js";
import { classShares, noClassShares } from "./class-shares.js";

/** Added to the variance of a channel. */
const LEAST = 1e-4;

/** Added to d²: none is 0. */
const NEAREST = 1e-6;

/** Added to the variances of statistics, as a share of their mean: what never varies among the training rows would else decide alone. */
const RIDGE = 1e-3;

/** δ: up to so many deviations the density is a normal one, beyond it falls exponentially: z of rows held out has heavy tails. */
const NORMAL = 2;

/** Means and standard deviations of the channels of maps `[B, C, H, W]`: `[B, 2 C]`. */
export function channelStatistics(maps: g.Tensor): g.Tensor {
  const mean = g.mean(maps, [2, 3], true);
  const variance = g.mean(g.square(g.sub(maps, mean)), [2, 3]);
  return g.concat([g.reshape(mean, variance.shape), g.sqrt(g.add(variance, LEAST))], 1);
}

/** f `[B]` with the term. @param stages maps, by stage */
export const withTypicality = (fitted: Dict<g.Tensor>, stages: readonly g.Tensor[], logDensity: g.Tensor): g.Tensor =>
  g.scope("typicality", () => {
    const unusual = unusualness(child(fitted, "stages"), stages.map(channelStatistics));
    return g.sub(logDensity, g.mul(unusual, variable(fitted, "weight")));
  });

/** δ² (√(1 + Σ_l z_l² / δ²) - 1) `[B]`, from the statistics of the stages, each `[B, D]`. */
function unusualness(fitted: Dict<g.Tensor>, stages: readonly g.Tensor[]): g.Tensor {
  const squares = stages.map((statistics, l) => {
    const own = child<Dict<g.Tensor>>(fitted, String(l));
    const logDistance = logDistances(own, statistics);
    return g.square(g.div(g.sub(logDistance, variable(own, "centre")), variable(own, "spread")));
  });
  const sum = squares.reduce((a, b) => g.add(a, b));
  return g.mul(g.sub(g.sqrt(g.add(g.div(sum, NORMAL ** 2), 1)), 1), NORMAL ** 2);
}

/** log d² `[B]`. */
function logDistances(own: Dict<g.Tensor>, statistics: g.Tensor): g.Tensor {
  const apart = g.matmul(g.sub(statistics, variable(own, "mean")), variable(own, "whitening"), { transB: true });
  return g.log(g.add(g.sum(g.square(apart), 1), NEAREST));
}

/** Buffers as they are before anything is fitted: f is the network's, and so is p(y|x). @param channels of the stages @param shares null: there are no classes */
export const noTypicality = (channels: readonly number[], shares: readonly number[] | null): Dict<NdArray> => ({
  weight: full([], 0),
  stages: Object.fromEntries(
    channels.map((c, l) => [
      String(l),
      { mean: zeros([2 * c]), whitening: zeros([2 * c, 2 * c]), centre: full([], 0), spread: full([], 1) },
    ]),
  ),
  ...(shares !== null && { shares: noClassShares(shares) }),
});

/** What a model without the term says of rows: f `[N]`, and statistics `[N, D]` of each stage. */
export interface Looked {
  readonly logDensity: NdArray;
  readonly stages: readonly NdArray[];
}

/** The buffers as fitted to training rows and rows held out. @throws RangeError for fewer than two rows of either */
export function fittedTypicality(known: Looked, heldOut: Looked, shares: readonly number[] | null): Dict<NdArray> {
  const weight = deviationBelow(heldOut.logDensity.data);
  const sums = new Float64Array(heldOut.logDensity.data.length);
  const stages = known.stages.map((statistics, l) => {
    const whitening = whiteningOf(statistics);
    const logs = logDistancesOf(whitening, heldOut.stages[l]!);
    const { mean: centre, deviation } = spreadOf(logs);
    const spread = Math.max(deviation, 1e-3);
    for (let i = 0; i < sums.length; i++) sums[i]! += ((logs[i]! - centre) / spread) ** 2;
    return [String(l), { ...whitening, centre: full([], centre), spread: full([], spread) }] as const;
  });
  const f = sums.map(
    (sum, i) => heldOut.logDensity.data[i]! - weight * NORMAL ** 2 * (Math.sqrt(1 + sum / NORMAL ** 2) - 1),
  );
  return {
    weight: full([], weight),
    stages: Object.fromEntries(stages),
    ...(shares !== null && { shares: classShares(shares, f.sort()) }),
  };
}

type Whitening = { readonly mean: NdArray; readonly whitening: NdArray };

/** Of rows `[N, D]`: their mean `[D]`, and what makes their covariance the identity `[D, D]`. */
function whiteningOf({ data, shape }: NdArray): Whitening {
  const [n, width] = shape as [number, number];
  const mean = new Float64Array(width);
  for (let i = 0; i < data.length; i++) mean[i % width]! += data[i]! / n;
  const covariance = new Float64Array(width * width);
  const row = new Float64Array(width);
  for (let at = 0; at < data.length; at += width) {
    for (let j = 0; j < width; j++) row[j] = data[at + j]! - mean[j]!;
    for (let j = 0; j < width; j++) for (let k = 0; k <= j; k++) covariance[j * width + k]! += (row[j]! * row[k]!) / n;
  }
  let trace = 0;
  for (let j = 0; j < width; j++) trace += covariance[j * (width + 1)]!;
  for (let j = 0; j < width; j++) covariance[j * (width + 1)]! += (RIDGE * trace) / width + 1e-12;
  const { inverse } = invertedCholesky(covariance, width); // of which the lower triangle is read
  return {
    mean: new NdArray(Float32Array.from(mean), [width]),
    whitening: new NdArray(Float32Array.from(inverse), [width, width]),
  };
}

/** log d² of rows `[N, D]`. */
function logDistancesOf({ mean, whitening }: Whitening, { data, shape }: NdArray): Float64Array {
  const [n, width] = shape as [number, number];
  return Float64Array.from({ length: n }, (_, i) => {
    let distance = 0;
    for (let j = 0; j < width; j++) {
      let sum = 0;
      for (let k = 0; k <= j; k++) sum += whitening.data[j * width + k]! * (data[i * width + k]! - mean.data[k]!);
      distance += sum ** 2;
    }
    return Math.log(distance + NEAREST);
  });
}

/**
 * Root mean square of how far values are below their median, those that are: it is low f that tells what is none of the data, and classes of which f
 * is high say nothing of that.
 */
function deviationBelow(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = quantile(sorted, 0.5);
  return Math.sqrt(mean(sorted.filter((v) => v <= middle).map((v) => (v - middle) ** 2)));
}

/** Mean and standard deviation. @throws RangeError for fewer than two values */
function spreadOf(values: ArrayLike<number>): { readonly mean: number; readonly deviation: number } {
  const all = Array.from(values);
  if (all.length < 2) throw new RangeError(`typicality is fitted to two rows or more, not ${all.length}`);
  return { mean: mean(all), deviation: standardDeviation(all) };
}
