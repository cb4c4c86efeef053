/** Temperature scaling: p(y|x) = softmax(logits / T), the one calibration that keeps every prediction (Guo et al. 2017). */

/** Of the prior on log T: a small validation split without mistakes then leaves probabilities nearly as they are. */
export const TEMPERATURE_SPREAD = 0.25;

/** T is sought between these: beyond them probabilities are certain, or equal. */
const RANGE = [0.01, 100] as const;

/** Halvings of log T: its error is then below 1e-9. */
const HALVINGS = 34;

/**
 * The temperature of least negative log-likelihood, with a prior on it. Bisection finds a root of the derivative by log T. Without the
 * prior, and where all predictions are right (or all wrong), there is none, and the end of the range is returned: probabilities would
 * be 1 because a few examples happened to be easy. The prior log T ~ N(0, spread²) keeps that from happening; among many examples it
 * does not count.
 * @param logits row-major `[N, K]`.
 * @param labels class indices `[N]`.
 * @param spread of the prior: above 0, infinite for none.
 * @throws RangeError without rows.
 */
export function fitTemperature(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  spread = Number.POSITIVE_INFINITY,
): number {
  if (labels.length === 0) throw new RangeError("a temperature cannot be fitted to no predictions");
  let [low, high] = RANGE.map((t) => Math.log(t)) as [number, number];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    const beta = Math.exp(-middle);
    // Below 0: too certain, so the temperature must rise.
    if (middle / spread ** 2 - beta * slope(logits, labels, classes, beta) < 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** Derivative of the negative log-likelihood, summed over rows, by β = 1 / T: Σ E_p[logit] - logit of the label. */
function slope(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number, beta: number): number {
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    const at = i * classes;
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) top = Math.max(top, logits[at + k]!);
    let [mass, mean] = [0, 0];
    for (let k = 0; k < classes; k++) {
      const p = Math.exp(beta * (logits[at + k]! - top));
      mass += p;
      mean += p * (logits[at + k]! - top);
    }
    total += mean / mass - (logits[at + labels[i]!]! - top);
  }
  return total;
}
