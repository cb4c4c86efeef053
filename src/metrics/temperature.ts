/** Temperature scaling: p(y|x) = softmax(logits / T), the one calibration that keeps every prediction (Guo et al. 2017). */

/** T is sought between these: beyond them probabilities are certain, or equal. */
const RANGE = [0.01, 100] as const;

/** Halvings of log T: its error is then below 1e-9. */
const HALVINGS = 34;

/**
 * The temperature of least negative log-likelihood. That is convex in β = 1 / T, and its slope, the mean of
 * E_p[logit] - logit of the label, grows with β: its root is found by bisection. Where all predictions are right (or all wrong)
 * there is none, and the end of the range is returned.
 * @param logits row-major `[N, K]`.
 * @param labels class indices `[N]`.
 * @throws RangeError without rows.
 */
export function fitTemperature(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): number {
  if (labels.length === 0) throw new RangeError("a temperature cannot be fitted to no predictions");
  let [low, high] = RANGE.map((t) => Math.log(t)) as [number, number];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    // A positive slope in β: too certain, so the temperature must rise.
    if (slope(logits, labels, classes, Math.exp(-middle)) > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

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
