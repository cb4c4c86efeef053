/** Order statistics of columns, for fits. */
import type { NdArray } from "../../runtime/index.js";

/** Copies of the columns of rows `[N, D]`. */
export function columnsOf({ data, shape }: NdArray): Float32Array[] {
  const [count, width] = shape as [number, number];
  return Array.from({ length: width }, (_, j) => Float32Array.from({ length: count }, (_, i) => data[i * width + j]!));
}

/** Of sorted values, by linear interpolation. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = p * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  return low + (at - Math.floor(at)) * (high - low);
}

/** Of sorted values at most so many quantiles, evenly spaced. */
export function quantiles(sorted: ArrayLike<number>, most: number): number[] {
  const count = Math.min(most, sorted.length);
  return Array.from({ length: count }, (_, i) => quantile(sorted, count === 1 ? 0.5 : i / (count - 1)));
}
