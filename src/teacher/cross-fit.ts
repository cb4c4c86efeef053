/** What held-out labels say about predictions: how to mix several, and how certain the mixture may be. */
import { accuracy, fitTemperature, negativeLogLikelihood, softmaxRows } from "../metrics/index.js";
import type { Rng } from "../runtime/index.js";

/** Probabilities below this are taken for it: a label may not cost without bound. */
const FLOOR = 1e-9;
/** Of the prior log T ~ N(0, spread²). */
const SPREAD = 0.5;

/** A fold for each label, `[n]`: sizes differ by one at most, and so do those of any class. */
export function stratifiedFolds(labels: ArrayLike<number>, folds: number, rng: Rng): Int32Array {
  const order = Array.from(rng.permutation(labels.length)).sort((i, j) => labels[i]! - labels[j]!);
  const out = new Int32Array(labels.length);
  order.forEach((label, rank) => {
    out[label] = rank % folds;
  });
  return out;
}

export interface Mixture {
  /** One for each candidate; their sum is 1. */
  readonly weights: readonly number[];
  /** Of the mixture. */
  readonly temperature: number;
  /** Of the mixture. */
  readonly accuracy: number;
}

/**
 * Candidates weighed by their likelihood of held-out labels, each at its own best temperature: the posterior of which one is right. The
 * temperature of their mixture is that of largest posterior probability.
 * @param candidates probabilities `[n, C]` of labelled rows, made without their labels.
 * @param labels `[n]`.
 */
export function fitMixture(candidates: readonly Float32Array[], labels: ArrayLike<number>, classes: number): Mixture {
  const scores = candidates.map((p) => -fitted(p, labels, classes).loss);
  const weights = Array.from(softmaxRows(scores, scores.length));
  const mixed = mix(candidates, weights);
  return {
    weights,
    temperature: fitted(mixed, labels, classes).temperature,
    accuracy: accuracy(mixed, labels, classes),
  };
}

/** The temperature of probabilities, and what they cost then: -log p(labels, T), but for a constant. */
function fitted(probabilities: Float32Array, labels: ArrayLike<number>, classes: number) {
  const logits = logarithms(probabilities);
  const temperature = fitTemperature(logits, labels, classes, SPREAD);
  const mean = negativeLogLikelihood(softmaxRows(logits, classes, temperature), labels, classes);
  return { temperature, loss: labels.length * mean + 0.5 * (Math.log(temperature) / SPREAD) ** 2 };
}

/** Σ_a weight_a candidate_a. */
export function mix(candidates: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const out = new Float32Array(candidates[0]!.length);
  candidates.forEach((p, a) => {
    for (let i = 0; i < out.length; i++) out[i]! += weights[a]! * p[i]!;
  });
  return out;
}

/** Probabilities `[N, C]` at a temperature: p^(1/T), normalised. */
export function temper(probabilities: Float32Array, classes: number, temperature: number): Float32Array {
  return Float32Array.from(softmaxRows(logarithms(probabilities), classes, temperature));
}

const logarithms = (probabilities: Float32Array): Float64Array =>
  Float64Array.from(probabilities, (p) => Math.log(Math.max(p, FLOOR)));
