/** Class shares: those of the labelled rows need not be those of all, where labels were given class by class. */
import { total } from "../runtime/numbers.js";

const ITERATIONS = 50;

/**
 * Re-weights predictions of unlabelled rows by the class shares of all rows, found by expectation maximisation (Saerens et al. 2002,
 * "Adjusting the Outputs of a Classifier to New a Priori Probabilities"). Predictions that are often wrong mislead it, so the shares
 * are shrunk to the labels' by N (1 - a) / a pseudo-rows, a being an accuracy that the predictions can be trusted to have.
 * @param probabilities `[U, C]` of the unlabelled rows.
 * @param labels classes of the labelled rows, one or more.
 * @param accuracy of predictions like these, as measured on the labelled rows.
 * @returns `[U, C]`.
 */
export function adjustShares(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  accuracy: number,
): Float32Array {
  const counts = new Float64Array(classes);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  const count = labels.length + probabilities.length / classes;
  const trusted = trustedAccuracy(accuracy, labels.length, classes);
  const pseudoRows = (count * (1 - trusted)) / trusted;
  // A class without labels counts as half a row: its share is unknown, not zero.
  const before = normalized(counts.map((n) => Math.max(n, 0.5)));
  let shares = before;
  const out = new Float32Array(probabilities.length);
  const row = new Float64Array(classes);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const ratio = shares.map((share, k) => share / before[k]!);
    const mass = counts.map((n, k) => n + pseudoRows * before[k]!);
    for (let at = 0; at < out.length; at += classes) {
      let sum = 0;
      for (let k = 0; k < classes; k++) sum += row[k] = probabilities[at + k]! * ratio[k]!;
      for (let k = 0; k < classes; k++) mass[k]! += out[at + k] = row[k]! / sum;
    }
    shares = normalized(mass);
  }
  return out;
}

/** Less a standard error (at most 1 / 2√n), never better than n right answers can show, never worse than chance. */
function trustedAccuracy(accuracy: number, n: number, classes: number): number {
  return Math.max(1 / classes, Math.min(accuracy, 1 - 0.5 / n) - 0.5 / Math.sqrt(n));
}

function normalized(values: Float64Array): Float64Array {
  const all = total(values);
  return values.map((v) => v / all);
}
