/** Temperature scaling: p(y|x) = softmax(logits / T), the one calibration that keeps every prediction (Guo et al. 2017). */

/** T is sought between these: beyond them probabilities are certain, or equal. */
const RANGE = [0.01, 100] as const;

/** Halvings of log T: its error is then below 1e-9. */
const HALVINGS = 34;

/**
 * The temperature of least negative log-likelihood. That is convex in β = 1 / T, and its slope, the mean of
 * E_p[logit] - E_target[logit], grows with β: its root is found by bisection. Where all predictions are right (or all wrong)
 * there is none, and the end of the range is returned: probabilities would be 1 because a few examples happened to be easy. Imagined
 * mistakes keep that from happening, and vanish among many examples: with one, targets are (N + 1) / (N + 2) for the label and
 * the rest for the other classes, as Platt (1999) has them.
 * @param logits row-major `[N, K]`.
 * @param labels class indices `[N]`.
 * @param mistakes as many imagined ones, 0 or more, spread over all rows and wrong labels.
 * @throws RangeError without rows.
 */
export function fitTemperature(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  mistakes = 0,
): number {
  if (labels.length === 0) throw new RangeError("a temperature cannot be fitted to no predictions");
  const wrong = classes > 1 ? mistakes / (labels.length + 2 * mistakes) : 0;
  let [low, high] = RANGE.map((t) => Math.log(t)) as [number, number];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    // A positive slope in β: too certain, so the temperature must rise.
    if (slope(logits, labels, classes, wrong, Math.exp(-middle)) > 0) low = middle;
    else high = middle;
  }
  return Math.exp((low + high) / 2);
}

/** @param wrong probability that the targets give to other classes than the label. */
function slope(
  logits: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  wrong: number,
  beta: number,
): number {
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    const at = i * classes;
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) top = Math.max(top, logits[at + k]!);
    let [mass, mean, all] = [0, 0, 0];
    for (let k = 0; k < classes; k++) {
      const p = Math.exp(beta * (logits[at + k]! - top));
      mass += p;
      mean += p * (logits[at + k]! - top);
      all += logits[at + k]! - top;
    }
    const own = logits[at + labels[i]!]! - top;
    const target = wrong === 0 ? own : (1 - wrong) * own + (wrong * (all - own)) / (classes - 1);
    total += mean / mass - target;
  }
  return total;
}
