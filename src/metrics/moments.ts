/** Mean and covariance of many rows. The products run in the engine, their sums in double precision. */
import { matmul, sub, type Tensor } from "../graph/index.js";
import { compile, NdArray } from "../runtime/index.js";

export interface Moments {
  /** Rows that these are of. */
  readonly count: number;
  /** `D`. */
  readonly mean: Float64Array;
  /** Unbiased, `D × D` row by row. */
  readonly covariance: Float64Array;
}

/** Rows of one product. */
const CHUNK = 1000;

/** Rows from `start` to before `end`. */
export function sliceRows({ data, shape, dtype }: NdArray, start: number, end: number): NdArray {
  const [n, ...event] = shape;
  const width = data.length / n!;
  const stop = Math.min(end, n!);
  return new NdArray(data.subarray(start * width, stop * width), [stop - start, ...event], dtype);
}

/** Several arrays one below the other. */
export function joinRows(parts: readonly NdArray[]): NdArray {
  const data = new Float32Array(parts.reduce((n, part) => n + part.size, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.size;
  }
  const rows = parts.reduce((n, part) => n + part.shape[0]!, 0);
  return new NdArray(data, [rows, ...parts[0]!.shape.slice(1)]);
}

/** Rows `[N, …]` in chunks of no more than `size`. */
export function* chunksOf(x: NdArray, size: number): Generator<NdArray> {
  for (let at = 0; at < x.shape[0]!; at += size) yield sliceRows(x, at, at + size);
}

/** @param x `[N, …]`, flattened to rows of D. @throws RangeError for fewer than 2 rows. */
export async function moments(x: NdArray): Promise<Moments> {
  const count = x.shape[0] ?? 0;
  if (count < 2) throw new RangeError(`a covariance of ${count} rows`);
  const width = x.size / count;
  const mean = new Float64Array(width);
  for (let i = 0; i < x.size; i++) mean[i % width]! += x.data[i]! / count;
  const centre = new NdArray(Float32Array.from(mean), [width]);
  const gram = compile(function gram(rows: Tensor, c: Tensor) {
    const centred = sub(rows, c);
    return matmul(centred, centred, { transA: true });
  });
  const covariance = new Float64Array(width * width);
  try {
    for (const rows of chunksOf(new NdArray(x.data, [count, width]), CHUNK)) {
      const { data } = await gram(rows, centre);
      for (let i = 0; i < data.length; i++) covariance[i]! += data[i]! / (count - 1);
    }
  } finally {
    await gram.release();
  }
  return { count, mean, covariance };
}
