/** Telling two sets apart by a score that should be higher for the first: detection of what is out of distribution. */

/** How well a score separates positives (in distribution) from negatives (out of distribution). */
export interface Detection {
  /** Probability that a random positive scores above a random negative, ties counting half. */
  readonly auroc: number;
  /** Average precision at finding the positives from the top of the ranking. */
  readonly auprIn: number;
  /** Average precision at finding the negatives from its bottom. */
  readonly auprOut: number;
  /** Share of negatives above the threshold that keeps 95 % of the positives. */
  readonly fpr95: number;
}

/** A curve over falling thresholds, one point for each distinct score, from (0, 0). */
export interface Roc {
  readonly falsePositiveRate: Float64Array;
  readonly truePositiveRate: Float64Array;
}

/**
 * Both sets sorted once by falling score, so that the measures of many reweightings (bootstrap) each take one pass.
 */
export class Ranking {
  /** By rank: whether it is a positive. */
  readonly positive: Uint8Array;
  /** Ends of runs of equal scores, exclusive. */
  private readonly ends: readonly number[];

  /** @throws RangeError where a set is empty or a score is NaN. */
  constructor(positives: ArrayLike<number>, negatives: ArrayLike<number>) {
    const [p, n] = [positives.length, negatives.length];
    if (p === 0 || n === 0) throw new RangeError(`cannot rank ${p} positives and ${n} negatives`);
    const scores = new Float64Array(p + n);
    scores.set(positives);
    scores.set(negatives, p);
    if (scores.some(Number.isNaN)) throw new RangeError("cannot rank scores that are not numbers");
    const order = Int32Array.from(scores.keys()).sort((a, b) =>
      scores[a]! < scores[b]! ? 1 : scores[a]! > scores[b]! ? -1 : 0,
    );
    this.positive = Uint8Array.from(order, (i) => Number(i < p));
    this.ends = Array.from(order.keys(), (i) => i + 1).filter(
      (end) => end === order.length || scores[order[end]!] !== scores[order[end - 1]!],
    );
  }

  /** Ranks of the positives, and of the negatives: the strata of a bootstrap. */
  get strata(): readonly [Int32Array, Int32Array] {
    const ranks = Int32Array.from(this.positive.keys());
    return [ranks.filter((i) => this.positive[i] === 1), ranks.filter((i) => this.positive[i] === 0)];
  }

  /**
   * All measures in one pass.
   * @param weights how often each rank counts; default once. Either set's must not all be zero.
   */
  detection(weights?: ArrayLike<number>): Detection {
    const { positive, ends } = this;
    const weight = (i: number) => (weights === undefined ? 1 : weights[i]!);
    let [P, N] = [0, 0];
    for (let i = 0; i < positive.length; i++) {
      if (positive[i]) P += weight(i);
      else N += weight(i);
    }
    let [tp, fp, area, precisionIn, precisionOut] = [0, 0, 0, 0, 0];
    let fpr95 = -1;
    let at = 0;
    for (const end of ends) {
      let [dtp, dfp] = [0, 0];
      for (; at < end; at++) {
        if (positive[at]) dtp += weight(at);
        else dfp += weight(at);
      }
      area += dfp * (tp + dtp / 2);
      // At or below this score lie the negatives and positives that are not above it.
      if (dfp > 0) precisionOut += (dfp * (N - fp)) / (N - fp + P - tp);
      tp += dtp;
      fp += dfp;
      if (dtp > 0) precisionIn += (dtp * tp) / (tp + fp);
      if (fpr95 < 0 && tp / P >= 0.95) fpr95 = fp / N;
    }
    return { auroc: area / (P * N), auprIn: precisionIn / P, auprOut: precisionOut / N, fpr95 };
  }

  roc(): Roc {
    const { positive, ends } = this;
    const falsePositiveRate = new Float64Array(ends.length + 1);
    const truePositiveRate = new Float64Array(ends.length + 1);
    let at = 0;
    let [tp, fp] = [0, 0];
    ends.forEach((end, k) => {
      for (; at < end; at++) {
        if (positive[at]) tp++;
        else fp++;
      }
      truePositiveRate[k + 1] = tp;
      falsePositiveRate[k + 1] = fp;
    });
    return {
      falsePositiveRate: falsePositiveRate.map((v) => v / fp),
      truePositiveRate: truePositiveRate.map((v) => v / tp),
    };
  }
}

/** @throws RangeError where a set is empty or a score is NaN. */
export const detection = (positives: ArrayLike<number>, negatives: ArrayLike<number>): Detection =>
  new Ranking(positives, negatives).detection();

/**
 * Area under the ROC curve: the probability that a random positive scores above a random negative, ties counting half.
 * @throws RangeError where a set is empty or a score is NaN.
 */
export const auroc = (positives: ArrayLike<number>, negatives: ArrayLike<number>): number =>
  detection(positives, negatives).auroc;

/**
 * The score below which a share `rate` of new examples from the same distribution falls at most: the conformal quantile of
 * scores that the model was not fitted to (Vovk et al. 2005; Laxhammar 2014). -Infinity where there are fewer than 1 / rate - 1
 * of them: then nothing can be flagged at that rate.
 * @throws RangeError for a rate outside [0, 1).
 */
export function alarmThreshold(scores: ArrayLike<number>, rate: number): number {
  if (!(rate >= 0 && rate < 1)) throw new RangeError(`a false-alarm rate of ${rate}: 0 to below 1`);
  const sorted = Float64Array.from(scores).sort();
  // A new example's rank among n + 1 is uniform: it lies below the k-th smallest with probability k / (n + 1).
  const k = Math.floor(rate * (sorted.length + 1) + 1e-9);
  return k === 0 ? Number.NEGATIVE_INFINITY : sorted[k - 1]!;
}

/**
 * How surprising f(x) is: the share of rows like the training rows that are more likely, from 0 to 1, whatever the units of f.
 * @param heldout f of rows held out, ascending
 */
export function surprise(logDensity: number, heldout: readonly number[]): number {
  let [low, high] = [0, heldout.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (heldout[middle]! <= logDensity) low = middle + 1;
    else high = middle;
  }
  return Number.isNaN(logDensity) ? 1 : (heldout.length - low) / heldout.length;
}
