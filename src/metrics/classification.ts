/** How good predicted class probabilities are. Probabilities are row-major `[N, K]`; labels are class indices `[N]`. */
import { mean } from "../runtime/numbers.js";
import { auroc } from "./detection.js";

/** Index of the largest of each row's K values. */
export function predictedClasses(rows: ArrayLike<number>, classes: number): Int32Array {
  const out = new Int32Array(rows.length / classes);
  for (let i = 0; i < out.length; i++) {
    let best = 0;
    for (let k = 1; k < classes; k++) if (rows[i * classes + k]! > rows[i * classes + best]!) best = k;
    out[i] = best;
  }
  return out;
}

/** Rows of logits as probabilities, at a temperature. */
export function softmaxRows(logits: ArrayLike<number>, classes: number, temperature = 1): Float64Array {
  const out = new Float64Array(logits.length);
  for (let at = 0; at < logits.length; at += classes) {
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) top = Math.max(top, logits[at + k]!);
    let total = 0;
    for (let k = 0; k < classes; k++) total += out[at + k] = Math.exp((logits[at + k]! - top) / temperature);
    for (let k = 0; k < classes; k++) out[at + k]! /= total;
  }
  return out;
}

/** Share of rows whose most probable class is the label. */
export function accuracy(probabilities: ArrayLike<number>, labels: ArrayLike<number>, classes: number): number {
  const predicted = predictedClasses(probabilities, classes);
  let hits = 0;
  for (let i = 0; i < predicted.length; i++) hits += Number(predicted[i] === labels[i]);
  return hits / predicted.length;
}

/** Mean of -log p(label), in nats. Probabilities of zero count as the smallest positive double. */
export function negativeLogLikelihood(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): number {
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    total -= Math.log(Math.max(probabilities[i * classes + labels[i]!]!, Number.MIN_VALUE));
  }
  return total / labels.length;
}

/** Mean of Σ_k (p_k - [k = label])² (Brier 1950; for two classes twice the one-sided form). */
export function brierScore(probabilities: ArrayLike<number>, labels: ArrayLike<number>, classes: number): number {
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    for (let k = 0; k < classes; k++) total += (probabilities[i * classes + k]! - Number(k === labels[i])) ** 2;
  }
  return total / labels.length;
}

/** How many rows of each class (first index) are taken for which (second): `[K, K]`. */
export function confusionCounts(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): Int32Array {
  const counts = new Int32Array(classes * classes);
  predictedClasses(probabilities, classes).forEach((k, i) => {
    counts[labels[i]! * classes + k]!++;
  });
  return counts;
}

/** AUROC of each class's probability against the rest; NaN for a class that has no row or all of them. */
export function classAurocs(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): Float64Array {
  return Float64Array.from({ length: classes }, (_, k) => {
    const [own, rest]: [number[], number[]] = [[], []];
    for (let i = 0; i < labels.length; i++) (labels[i] === k ? own : rest).push(probabilities[i * classes + k]!);
    return own.length === 0 || rest.length === 0 ? Number.NaN : auroc(own, rest);
  });
}

/** For two classes the AUROC of the second; for more the mean over classes that can be told (one against the rest, macro). */
export function classifierAuroc(probabilities: ArrayLike<number>, labels: ArrayLike<number>, classes: number): number {
  const each = classAurocs(probabilities, labels, classes);
  if (classes === 2) return each[1]!;
  const known = each.filter((v) => !Number.isNaN(v));
  return mean(known);
}
