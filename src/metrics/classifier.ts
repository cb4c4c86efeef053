/** What is measured of a classifier, in training and after it. */
import { expectedCalibrationError, type ReliabilityBin, reliability } from "./calibration.js";
import { accuracy, brierScore, negativeLogLikelihood } from "./classification.js";

export interface ClassifierScores {
  readonly accuracy: number;
  /** Cross-entropy, the mean negative log-likelihood of the labels, in nats. */
  readonly nll: number;
  readonly brier: number;
  /** Expected calibration error over 15 bins of equal width. */
  readonly ece: number;
  /** Of equal width. */
  readonly bins: readonly ReliabilityBin[];
}

/** @param p row-major `[N, K]`; `y` class indices `[N]`. */
export function classifierScores(p: Float64Array, y: Int32Array, classes: number): ClassifierScores {
  const bins = reliability(p, y, classes);
  return {
    accuracy: accuracy(p, y, classes),
    nll: negativeLogLikelihood(p, y, classes),
    brier: brierScore(p, y, classes),
    ece: expectedCalibrationError(bins),
    bins,
  };
}
