/**
 * Uniform noise, the simplest thing that is no data: independent over the range that pixels have, or that the features of data reach; of a
 * column of categories one of its levels.
 */
import { sizeOf } from "../graph/index.js";
import { NdArray } from "../runtime/array.js";
import type { Rng } from "../runtime/random.js";
import { allRows, type Preprocessing, type Split } from "./dataset.js";
import { pixelRange } from "./scaling.js";
import { featureRuns, type TablePreprocessing } from "./table.js";

/** The least and greatest value of each feature; one pair for all where features share their range, as pixels do. */
export interface Box {
  readonly low: ArrayLike<number>;
  readonly high: ArrayLike<number>;
}

/** Black and white of pictures; for tables and points what each feature reaches in the data. */
export function boxOf(preprocessing: Preprocessing, own: Split): Box {
  if (preprocessing.kind === "image") {
    const [low, high] = pixelRange(preprocessing.scaling);
    return { low: [low], high: [high] };
  }
  const { data, shape } = own.x(allRows(own.size));
  const width = sizeOf(shape.slice(1));
  const low = new Float32Array(width).fill(Number.POSITIVE_INFINITY);
  const high = new Float32Array(width).fill(Number.NEGATIVE_INFINITY);
  data.forEach((v, i) => {
    low[i % width] = Math.min(low[i % width]!, v);
    high[i % width] = Math.max(high[i % width]!, v);
  });
  return { low, high };
}

/** The value of feature j at this share of the way through its range. */
export function within({ low, high }: Box, j: number, share: number): number {
  const [a, b] = [low[low.length === 1 ? 0 : j]!, high[high.length === 1 ? 0 : j]!];
  return a + (b - a) * share;
}

/** Overwrites a row. */
export function uniformRow(out: Float32Array, box: Box, rng: Rng): void {
  for (let j = 0; j < out.length; j++) out[j] = within(box, j, rng.random());
}

/** As many rows as are given, each column independent over what it reaches in these. */
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
