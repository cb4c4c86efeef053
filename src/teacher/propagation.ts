/** Label propagation: predictions are smoothed over a graph, while labelled rows keep their labels. */
import type { SparseMatrix } from "./neighbours.js";

const PASSES = 30;
/** Changes that shrink below this are not worth further passes. */
const NEGLIGIBLE = 1e-4;

/** Classes that are smoothed at a time. */
const WIDE = 4;

/** Labelled rows: their indices, and the class of each. */
export interface Labelled {
  readonly rows: Int32Array;
  readonly classes: Int32Array;
}

/**
 * Y ← α W Y + (1 - α) Y₀ (Zhou et al. 2004, "Learning with Local and Global Consistency", section 2), where Y₀ is the prediction and
 * labelled rows are set to their labels (Zhu & Ghahramani 2002). For α near 1 the passes end before it converges, on purpose: labels
 * reach no farther than 30 edges.
 * @param graph W `[N, N]`, rows of sum 1.
 * @param predictions Y₀ `[N, C]`, rows of sum 1.
 * @returns Y `[N, C]`.
 */
export function propagate(
  graph: SparseMatrix,
  predictions: Float32Array,
  classes: number,
  labelled: Labelled,
  alpha: number,
): Float32Array {
  const from = predictions.slice();
  clamp(from, classes, labelled);
  const fixed = new Uint8Array(graph.starts.length - 1);
  for (const i of labelled.rows) fixed[i] = 1;
  // A change shrinks by α a pass, at least.
  const passes = alpha === 0 ? 0 : Math.min(PASSES, Math.ceil(Math.log(NEGLIGIBLE) / Math.log(alpha)));
  const out = new Float32Array(from.length);
  for (let first = 0; first < classes; first += WIDE) {
    const width = Math.min(WIDE, classes - first);
    const block = new Float64Array(fixed.length * WIDE);
    for (let i = 0; i < fixed.length; i++) {
      for (let k = 0; k < width; k++) block[i * WIDE + k] = from[i * classes + first + k]!;
    }
    const smoothed = smooth(graph, block, fixed, alpha, passes);
    for (let i = 0; i < fixed.length; i++) {
      for (let k = 0; k < width; k++) out[i * classes + first + k] = smoothed[i * WIDE + k]!;
    }
  }
  return out;
}

/** {@link propagate} for four classes, `[N, 4]`: their sums stay in registers, which makes it some three times as fast. */
function smooth(
  { starts, targets, weights }: SparseMatrix,
  from: Float64Array,
  fixed: Uint8Array,
  alpha: number,
  passes: number,
): Float64Array {
  let [current, next] = [from.slice(), from.slice()];
  for (let pass = 0; pass < passes; pass++) {
    for (let i = 0, at = 0; i < fixed.length; i++, at += WIDE) {
      const first = starts[i]!;
      const end = starts[i + 1]!;
      // A row that is joined to none keeps its prediction.
      if (fixed[i] === 1 || first === end) continue;
      let s = 0;
      let t = 0;
      let u = 0;
      let v = 0;
      for (let e = first; e < end; e++) {
        const weight = weights[e]!;
        const target = targets[e]! * WIDE;
        s += weight * current[target]!;
        t += weight * current[target + 1]!;
        u += weight * current[target + 2]!;
        v += weight * current[target + 3]!;
      }
      next[at] = alpha * s + (1 - alpha) * from[at]!;
      next[at + 1] = alpha * t + (1 - alpha) * from[at + 1]!;
      next[at + 2] = alpha * u + (1 - alpha) * from[at + 2]!;
      next[at + 3] = alpha * v + (1 - alpha) * from[at + 3]!;
    }
    [current, next] = [next, current];
  }
  return current;
}

/** Sets labelled rows of `[N, C]` to their labels. */
export function clamp(probabilities: Float32Array, classes: number, { rows, classes: labels }: Labelled): void {
  rows.forEach((row, i) => {
    probabilities.fill(0, row * classes, (row + 1) * classes);
    probabilities[row * classes + labels[i]!] = 1;
  });
}
