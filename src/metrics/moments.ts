/** Mean and covariance of many rows. The products run in the engine, their sums in double precision. */
import { matmul, sub, type Tensor } from "../graph/index.js";
import { chunksOf, compile, NdArray } from "../runtime/index.js";

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

/** @param x `[N, …]`, flattened to rows of D. @throws RangeError for fewer than 2 rows. */
export async function moments(x: NdArray): Promise<Moments> {
  const count = x.shape[0] ?? 0;
  if (count < 2) throw new RangeError(`a covariance of ${count} rows`);
  const mean = meanRow(x);
  const width = mean.length;
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

/** The mean of the rows of `[N, …]`, in double precision: `D`. */
export function meanRow(x: NdArray): Float64Array {
  const count = x.shape[0]!;
  const width = x.size / count;
  const mean = new Float64Array(width);
  for (let i = 0; i < x.size; i++) mean[i % width]! += x.data[i]! / count;
  return mean;
}
