/** The graph of nearest neighbours, as a sparse matrix. */
import { compile, NdArray } from "../runtime/index.js";
import { squaredDistances } from "./distances.js";

/** A sparse matrix `[N, N]`: row i has `weights[e]` at columns `targets[e]`, e from `starts[i]` to before `starts[i + 1]`. */
export interface SparseMatrix {
  readonly starts: Int32Array;
  readonly targets: Int32Array;
  readonly weights: Float32Array;
}

/** Distances are computed for so many rows at a time. */
const BLOCK = 512;

/**
 * Rows joined to their `k` nearest others (fewer where there are fewer rows) and to those that they are nearest to. An edge of length d
 * weighs exp(-(d / d_k)²), d_k being the distance of the k-th neighbour, the larger of the weights seen from both ends; then rows are
 * normalised to sum 1.
 * @param rows `[N, D]`. The time grows with N² D.
 */
export async function neighbourGraph(rows: NdArray, k = 10): Promise<SparseMatrix> {
  const count = rows.shape[0]!;
  const degree = Math.min(k, count - 1);
  const nearest = await nearestRows(rows, degree);
  const weights = new Float32Array(count * degree);
  for (let i = 0; i < count; i++) {
    const squares = nearest.subarray(i * degree, (i + 1) * degree);
    // Again, in double precision: the product's rounding is large beside the distances of rows that are nearly equal.
    const exact = Array.from(squares, (j) => squaredDistance(rows, i, j));
    const scale = Math.max(...exact) + 1e-18;
    for (let e = 0; e < degree; e++) weights[i * degree + e] = Math.exp(-exact[e]! / scale);
  }
  return symmetric(nearest, weights, degree, count);
}

/** The `k` nearest other rows of each `[N, k]`, nearest first; of equally near ones the first. */
async function nearestRows(rows: NdArray, k: number): Promise<Int32Array> {
  const [count, width] = rows.shape as [number, number];
  const nearest = new Int32Array(count * k);
  if (k === 0) return nearest;
  const distances = compile(squaredDistances, { name: "distances", argNames: ["block", "rows"] });
  const best = new Float64Array(k);
  try {
    for (let first = 0; first < count; first += BLOCK) {
      const size = Math.min(BLOCK, count - first);
      const block = new NdArray(rows.data.slice(first * width, (first + size) * width), [size, width]);
      const { data } = await distances(block, rows);
      for (let i = 0; i < size; i++) {
        const chosen = nearest.subarray((first + i) * k, (first + i + 1) * k);
        best.fill(Number.POSITIVE_INFINITY);
        for (let j = 0, at = i * count; j < count; j++, at++) {
          const distance = data[at]!;
          if (!(distance < best[k - 1]!) || j === first + i) continue;
          let place = k - 1;
          for (; place > 0 && distance < best[place - 1]!; place--) {
            best[place] = best[place - 1]!;
            chosen[place] = chosen[place - 1]!;
          }
          best[place] = distance;
          chosen[place] = j;
        }
      }
    }
  } finally {
    await distances.release();
  }
  return nearest;
}

function squaredDistance({ data, shape }: NdArray, i: number, j: number): number {
  const width = shape[1]!;
  let sum = 0;
  for (let a = i * width, b = j * width, end = a + width; a < end; a++, b++) sum += (data[a]! - data[b]!) ** 2;
  return sum;
}

/** max(W, Wᵀ) with rows of sum 1, for W with `degree` entries a row. */
function symmetric(targets: Int32Array, weights: Float32Array, degree: number, count: number): SparseMatrix {
  const edges = targets.length;
  // Edges by their end: edge e goes from row ⌊e / degree⌋ to targets[e].
  const ends = new Int32Array(count + 1);
  for (const j of targets) ends[j + 1]!++;
  for (let j = 0; j < count; j++) ends[j + 1]! += ends[j]!;
  const filled = ends.slice();
  const incoming = new Int32Array(edges);
  for (let e = 0; e < edges; e++) incoming[filled[targets[e]!]!++] = e;

  const out = {
    starts: new Int32Array(count + 1),
    targets: new Int32Array(2 * edges),
    weights: new Float32Array(2 * edges),
  };
  const placed = new Int32Array(count).fill(-1); // where a column was last put: in this row, if not before its start
  let [start, next] = [0, 0];
  const put = (column: number, weight: number) => {
    if (placed[column]! < start) {
      placed[column] = next;
      out.targets[next] = column;
      out.weights[next++] = weight;
    } else out.weights[placed[column]!] = Math.max(out.weights[placed[column]!]!, weight);
  };
  for (let i = 0; i < count; i++) {
    start = next;
    for (let e = i * degree; e < (i + 1) * degree; e++) put(targets[e]!, weights[e]!);
    for (let e = ends[i]!; e < ends[i + 1]!; e++) put(Math.floor(incoming[e]! / degree), weights[incoming[e]!]!);
    let total = 0;
    for (let e = start; e < next; e++) total += out.weights[e]!;
    for (let e = start; e < next; e++) out.weights[e]! /= total;
    out.starts[i + 1] = next;
  }
  return { starts: out.starts, targets: out.targets.slice(0, next), weights: out.weights.slice(0, next) };
}
