/** Rows that are not data, made from rows of a table that are: what a density should find unlikely. */
import { featureRuns, type TablePreprocessing } from "../../data/index.js";
import { NdArray, type Rng } from "../../runtime/index.js";

/** Each column in an order of its own (a category's features together): every value occurs, combinations are broken. */
export function shuffledColumns(table: TablePreprocessing, { data, shape }: NdArray, rng: Rng): NdArray {
  const [count, width] = shape as [number, number];
  const out = new Float32Array(data.length);
  for (const { start, width: features } of featureRuns(table)) {
    rng.permutation(count).forEach((from, to) => {
      const at = from * width + start;
      out.set(data.subarray(at, at + features), to * width + start);
    });
  }
  return new NdArray(out, shape);
}

/** So many times further from the mean of the training rows, which is 0, in all columns of numbers; null where there are none. */
export function movedOutwards(table: TablePreprocessing, { data, shape }: NdArray, times: number): NdArray | null {
  const width = shape[1]!;
  const numeric = new Set(featureRuns(table).flatMap(({ kind, start }) => (kind === "numeric" ? [start] : [])));
  if (numeric.size === 0) return null;
  const moved = Float32Array.from(data, (v, i) => (numeric.has(i % width) ? v * times : v));
  return new NdArray(moved, shape);
}

/** Independent uniform noise over what each column reaches in the rows; of a category one of its levels. */
export function uniformRows(table: TablePreprocessing, { data, shape }: NdArray, rng: Rng): NdArray {
  const [count, width] = shape as [number, number];
  const out = new Float32Array(data.length);
  for (const { kind, start, width: features } of featureRuns(table)) {
    if (kind === "categorical") {
      for (let i = 0; i < count; i++) out[i * width + start + rng.below(features)] = 1;
      continue;
    }
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = start; i < data.length; i += width) {
      low = Math.min(low, data[i]!);
      high = Math.max(high, data[i]!);
    }
    for (let i = start; i < data.length; i += width) out[i] = low + (high - low) * rng.random();
  }
  return new NdArray(out, shape);
}
