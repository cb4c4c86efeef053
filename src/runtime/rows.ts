/** Rows of arrays whose first axis counts them. */
import { NdArray } from "./array.js";

/** Some rows of `[N, …]`, in the order given. */
export function takeRows({ data, shape }: NdArray, rows: Int32Array): NdArray {
  const width = data.length / shape[0]!;
  const out = new Float32Array(rows.length * width);
  rows.forEach((from, to) => {
    out.set(data.subarray(from * width, (from + 1) * width), to * width);
  });
  return new NdArray(out, [rows.length, ...shape.slice(1)]);
}

/** The rows of several arrays `[N, …]`, one below the other. */
export function joinRows(...parts: readonly NdArray[]): NdArray {
  const out = new Float32Array(parts.reduce((n, { size }) => n + size, 0));
  let at = 0;
  for (const { data } of parts) {
    out.set(data, at);
    at += data.length;
  }
  const count = parts.reduce((n, { shape }) => n + shape[0]!, 0);
  return new NdArray(out, [count, ...parts[0]!.shape.slice(1)]);
}
