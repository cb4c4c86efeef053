/** Rows of a matrix. */
import { NdArray } from "../../runtime/index.js";

/** Some rows of `[N, D]`, in the order given. */
export function takeRows({ data, shape }: NdArray, rows: Int32Array): NdArray {
  const width = shape[1]!;
  const out = new Float32Array(rows.length * width);
  rows.forEach((from, to) => {
    out.set(data.subarray(from * width, (from + 1) * width), to * width);
  });
  return new NdArray(out, [rows.length, width]);
}
