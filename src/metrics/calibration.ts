/** Whether predicted probabilities mean what they say (Guo et al. 2017). */
import { predictedClasses } from "./classification.js";

/** One bin of a reliability diagram. */
export interface ReliabilityBin {
  readonly count: number;
  /** Mean probability of the predicted class; 0 in an empty bin. */
  readonly confidence: number;
  /** Share of correct predictions; 0 in an empty bin. */
  readonly accuracy: number;
}

/** Predictions binned by the probability of the predicted class, into bins of equal width. */
export function reliability(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  bins = 15,
): ReliabilityBin[] {
  const sums = emptySums(bins);
  for (const { confidence, hit } of predictions(probabilities, labels, classes)) {
    // Bins are (low, high], as in the reference implementation; 0 belongs to the first.
    add(sums[Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1))]!, confidence, hit);
  }
  return sums.map(means);
}

/** The same, into bins of equal counts (within one): no bin is empty or ruled by a few predictions (Nguyen & O'Connor 2015). */
export function adaptiveReliability(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  bins = 15,
): ReliabilityBin[] {
  const sorted = predictions(probabilities, labels, classes).sort((a, b) => a.confidence - b.confidence);
  const sums = emptySums(bins);
  const [least, larger] = [Math.floor(sorted.length / bins), sorted.length % bins];
  let at = 0;
  sums.forEach((sum, b) => {
    for (const end = at + least + Number(b < larger); at < end; at++) add(sum, sorted[at]!.confidence, sorted[at]!.hit);
  });
  return sums.map(means);
}

/** Expected calibration error: |accuracy - confidence| averaged over bins by their share of predictions. */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((n, b) => n + b.count, 0);
  return bins.reduce((sum, b) => sum + (b.count / total) * Math.abs(b.accuracy - b.confidence), 0);
}

type Sums = { count: number; confidence: number; hits: number };

const emptySums = (bins: number): Sums[] => Array.from({ length: bins }, () => ({ count: 0, confidence: 0, hits: 0 }));

function add(sum: Sums, confidence: number, hit: boolean): void {
  sum.count++;
  sum.confidence += confidence;
  sum.hits += Number(hit);
}

const means = ({ count, confidence, hits }: Sums): ReliabilityBin => ({
  count,
  confidence: count === 0 ? 0 : confidence / count,
  accuracy: count === 0 ? 0 : hits / count,
});

const predictions = (probabilities: ArrayLike<number>, labels: ArrayLike<number>, classes: number) =>
  Array.from(predictedClasses(probabilities, classes), (k, i) => ({
    confidence: probabilities[i * classes + k]!,
    hit: k === labels[i],
  }));
