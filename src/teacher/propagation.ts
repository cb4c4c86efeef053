/** Label propagation: predictions are smoothed over a graph, while labelled rows keep their labels. */
import type { SparseMatrix } from "./neighbours.js";

const ITERATIONS = 30;
/** Changes that shrink below this are not worth further passes. */
const NEGLIGIBLE = 1e-4;

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
  const count = graph.starts.length - 1;
  const from = predictions.slice();
  clamp(from, classes, labelled);
  const fixed = new Uint8Array(count);
  for (const i of labelled.rows) fixed[i] = 1;
  let [current, next] = [from.slice(), from.slice()];
  const mean = new Float64Array(classes);
  // A change shrinks by α a pass, at least.
  const passes = alpha === 0 ? 0 : Math.min(ITERATIONS, Math.ceil(Math.log(NEGLIGIBLE) / Math.log(alpha)));
  for (let pass = 0; pass < passes; pass++) {
    for (let i = 0; i < count; i++) {
      // A row that is joined to none keeps its prediction.
      if (fixed[i] === 1 || graph.starts[i] === graph.starts[i + 1]) continue;
      mean.fill(0);
      for (let e = graph.starts[i]!, end = graph.starts[i + 1]!; e < end; e++) {
        const weight = graph.weights[e]!;
        for (let k = 0, at = graph.targets[e]! * classes; k < classes; k++, at++) mean[k]! += weight * current[at]!;
      }
      for (let k = 0, at = i * classes; k < classes; k++, at++) next[at] = alpha * mean[k]! + (1 - alpha) * from[at]!;
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
