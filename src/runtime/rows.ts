/** Rows of arrays whose first axis counts them. */
import type { TypedArray } from "../graph/tensor.js";
import { NdArray } from "./array.js";

/** Some rows of `[N, …]`, in the order given. */
export function takeRows({ data, shape, dtype }: NdArray, rows: Int32Array): NdArray {
  const width = data.length / shape[0]!;
  const out = roomLike(data, rows.length * width);
  rows.forEach((from, to) => {
    out.set(data.subarray(from * width, (from + 1) * width), to * width);
  });
  return new NdArray(out, [rows.length, ...shape.slice(1)], dtype);
}

/** Rows from `start` to before `end`: a view, nothing is copied. */
export function sliceRows({ data, shape, dtype }: NdArray, start: number, end: number): NdArray {
  const [n, ...event] = shape;
  const width = data.length / n!;
  const stop = Math.min(end, n!);
  return new NdArray(data.subarray(start * width, stop * width), [stop - start, ...event], dtype);
}

/** Rows `[N, …]` in chunks of no more than `size`. */
export function* chunksOf(x: NdArray, size: number): Generator<NdArray> {
  for (let at = 0; at < x.shape[0]!; at += size) yield sliceRows(x, at, at + size);
}

/** The rows of one array or several `[N, …]`, one below the other. */
export function joinRows(parts: readonly NdArray[]): NdArray {
  const { data, shape, dtype } = parts[0]!;
  const out = roomLike(
    data,
    parts.reduce((n, { size }) => n + size, 0),
  );
  let at = 0;
  for (const part of parts) {
    out.set(part.data, at);
    at += part.size;
  }
  const count = parts.reduce((n, part) => n + part.shape[0]!, 0);
  return new NdArray(out, [count, ...shape.slice(1)], dtype);
}

function roomLike(data: TypedArray, size: number): TypedArray {
  if (data instanceof Float32Array) return new Float32Array(size);
  return data instanceof Int32Array ? new Int32Array(size) : new Uint8Array(size);
}
