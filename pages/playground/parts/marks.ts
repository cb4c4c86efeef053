/** Marks of an iteration's phases, from arrays of it. */
import { metrics, type NdArray } from "../../../src/web.js";
import type { Mark } from "../train/protocol.js";

/** Rows that lines and arrows are drawn for: more cannot be told apart. */
const LINES = 40;

export const pointMark = (kind: Mark["kind"], label: string, at: NdArray, weights?: ArrayLike<number>): Mark => ({
  kind,
  label,
  shape: "points",
  at: Float32Array.from(at.data),
  ...(weights && { weights: shares(weights) }),
});

/** From one row to the same row of another. */
export function lineMark(kind: Mark["kind"], label: string, from: NdArray, to: NdArray): Mark {
  const rows = Math.min(LINES, from.shape[0]!);
  const at = Float32Array.from({ length: 4 * rows }, (_, i) => (i % 4 < 2 ? from : to).data[2 * (i >> 2) + (i % 2)]!);
  return { kind, label, shape: "lines", at };
}

/** Vectors at places, the longest of them as long as `longest`. */
export function arrowMark(kind: Mark["kind"], label: string, at: NdArray, vectors: NdArray, longest = 1): Mark {
  const rows = Math.min(LINES, at.shape[0]!);
  let most = 1e-9;
  for (let i = 0; i < rows; i++) most = Math.max(most, Math.hypot(vectors.data[2 * i]!, vectors.data[2 * i + 1]!));
  const made = Float32Array.from({ length: 4 * rows }, (_, i) => {
    const j = 2 * (i >> 2) + (i % 2);
    return at.data[j]! + (i % 4 < 2 ? 0 : (longest * vectors.data[j]!) / most);
  });
  return { kind, label, shape: "arrows", at: made };
}

/** Of the largest. */
function shares(weights: ArrayLike<number>): Float32Array {
  let top = 0;
  for (let i = 0; i < weights.length; i++) top = Math.max(top, weights[i]!);
  return Float32Array.from(weights, (w) => w / (top || 1));
}

export const average = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** Mean length of rows `[N, 2]`. */
export const meanLength = ({ data }: NdArray): number =>
  average(Array.from({ length: data.length / 2 }, (_, i) => Math.hypot(data[2 * i]!, data[2 * i + 1]!)));

/** Softmax down the columns of rows `[M, B]`, flat. */
export function columnShares({ data, shape }: NdArray): Float32Array {
  const [rows, columns] = [shape[0]!, shape[1]!];
  const transposed = Float32Array.from(
    { length: data.length },
    (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!,
  );
  const p = metrics.softmaxRows(transposed, rows);
  return Float32Array.from({ length: data.length }, (_, i) => p[(i % columns) * rows + Math.floor(i / columns)]!);
}
