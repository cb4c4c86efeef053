/**
 * Precision and recall of samples (Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative
 * models"): a set's manifold is the union of balls around its features, each reaching to the k-th nearest neighbour.
 */
import { add, matmul, maximum, mul, square, sub, sum, type Tensor } from "../graph/index.js";
import { compile, NdArray } from "../runtime/index.js";
import { chunksOf } from "./moments.js";

export interface PrecisionRecall {
  /** Share of samples that lie in the manifold of the data: are they like the data? */
  readonly precision: number;
  /** Share of data that lie in the manifold of the samples: is all of the data there? */
  readonly recall: number;
  readonly neighbours: number;
}

/** Rows of one matrix of distances. */
const CHUNK = 500;

/**
 * @param data features `[N, D]` @param samples features `[M, D]`
 * @param neighbours k; the paper's 3
 * @throws RangeError where a set has no more than k rows.
 */
export async function precisionRecall(data: NdArray, samples: NdArray, neighbours = 3): Promise<PrecisionRecall> {
  for (const { shape } of [data, samples]) {
    if (shape[0]! <= neighbours) throw new RangeError(`${shape[0]} rows have no neighbours of order ${neighbours}`);
  }
  const distances = compile(squaredDistances);
  const centre = meanRow(data); // distances from rounded differences of large squares would be wrong far from 0
  const call = async (a: NdArray, b: NdArray) => (await distances(a, b, centre)).data;
  /** Squared distance of each row to its k-th nearest other row. */
  const radii = async (x: NdArray): Promise<Float32Array> => {
    const out: number[] = [];
    const n = x.shape[0]!;
    for (const rows of chunksOf(x, CHUNK)) {
      const d = await call(rows, x);
      for (let i = 0; i < rows.shape[0]!; i++) {
        const row = d.slice(i * n, (i + 1) * n) as Float32Array;
        row[out.length] = -1; // the row itself, whatever rounding makes of its distance
        out.push(row.sort()[neighbours]!);
      }
    }
    return Float32Array.from(out);
  };
  /** Share of rows of `x` within reach of a row of `of`. */
  const covered = async (x: NdArray, of: NdArray, reach: Float32Array): Promise<number> => {
    let inside = 0;
    const n = of.shape[0]!;
    for (const rows of chunksOf(x, CHUNK)) {
      const d = await call(rows, of);
      for (let i = 0; i < rows.shape[0]!; i++) {
        for (let j = 0; j < n; j++) {
          if (d[i * n + j]! > reach[j]!) continue;
          inside++;
          break;
        }
      }
    }
    return inside / x.shape[0]!;
  };
  try {
    const precision = await covered(samples, data, await radii(data));
    const recall = await covered(data, samples, await radii(samples));
    return { precision, recall, neighbours };
  } finally {
    await distances.release();
  }
}

/** ‖a_i - b_j‖² for all pairs: `[N, D]`, `[M, D]` → `[N, M]`. */
function squaredDistances(a: Tensor, b: Tensor, centre: Tensor): Tensor {
  const [x, y] = [sub(a, centre), sub(b, centre)];
  const norms = add(sum(square(x), 1, true), sum(square(y), 1));
  return maximum(sub(norms, mul(matmul(x, y, { transB: true }), 2)), 0);
}

function meanRow({ data, shape: [n, width] }: NdArray): NdArray {
  const mean = new Float64Array(width!);
  for (let i = 0; i < data.length; i++) mean[i % width!]! += data[i]! / n!;
  return new NdArray(Float32Array.from(mean), [width!]);
}
