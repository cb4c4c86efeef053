/**
 * Gaussians of a classifier's features, one for each class, with one covariance for all (Lee et al. 2018, arXiv 1807.03888, eq. 1 and 2): how
 * far a new input lies from anything that the classifier was trained on.
 */
import type { Dataset } from "../../data/index.js";
import { invertedCholesky } from "../../ebm/base/cholesky.js";
import { joinRows, moments } from "../../metrics/moments.js";
import { labelledRows } from "../../runs/setup/source.js";
import { NdArray, streams } from "../../runtime/index.js";
import { limited } from "../../score/inputs.js";
import { batchesOf, type OnProgress, type Probe } from "../../score/probe.js";

/** Training rows that they are fitted to, at most. */
const ROWS = 10_000;

/** Added to all variances, as a share of their mean: features that never vary among the training rows would else decide alone. */
const RIDGE = 1e-3;

/** Fitted to features `[N, D]` and classes of rows; classes without rows have no Gaussian. */
export class ClassGaussians {
  private constructor(
    /** `D`. */
    readonly width: number,
    /** Of all rows: distances are measured from it, so that large features lose no digits. */
    private readonly centre: Float64Array,
    /** L⁻¹ `[D, D]`, lower triangular, of the covariance L Lᵀ. */
    private readonly whitening: Float64Array,
    /** Whitened means, one array for each class. */
    private readonly means: readonly Float64Array[],
  ) {}

  /** @throws RangeError for fewer than two rows. */
  static async fit({ data, shape }: NdArray, y: Int32Array): Promise<ClassGaussians> {
    const [n, width] = shape as [number, number];
    const of = meansOf(data, y, width);
    const within = Float32Array.from(data, (v, i) => v - of.get(y[Math.floor(i / width)]!)![i % width]!);
    const { covariance } = await moments(new NdArray(within, [n, width]));
    const shared = covariance.map((v) => (v * (n - 1)) / n);
    let trace = 0;
    for (let j = 0; j < width; j++) trace += shared[j * (width + 1)]!;
    for (let j = 0; j < width; j++) shared[j * (width + 1)]! += (RIDGE * trace) / width;
    const whitening = invertedCholesky(shared, width).inverse;
    const centre = meansOf(data, new Int32Array(n), width).get(0)!;
    const means = Array.from(of.values(), (mean) => whitened(whitening, centre, mean));
    return new ClassGaussians(width, centre, whitening, means);
  }

  /** -min_k (h - μ_k)ᵀ Σ⁻¹ (h - μ_k) of features `[N, D]`. */
  score({ data, shape }: NdArray): Float32Array {
    const { width, centre, whitening, means } = this;
    return Float32Array.from({ length: shape[0]! }, (_, i) => {
      const own = whitened(whitening, centre, data.subarray(i * width, (i + 1) * width));
      return -Math.min(...means.map((mean) => mean.reduce((sum, v, j) => sum + (own[j]! - v) ** 2, 0)));
    });
  }
}

/** Mean of the rows `[N, D]` of each group that has any. */
function meansOf(data: ArrayLike<number>, group: Int32Array, width: number): Map<number, Float64Array> {
  const means = new Map<number, Float64Array>();
  const counts = new Map<number, number>();
  group.forEach((k, i) => {
    const sum = means.get(k) ?? new Float64Array(width);
    for (let j = 0; j < width; j++) sum[j]! += data[i * width + j]!;
    means.set(k, sum);
    counts.set(k, (counts.get(k) ?? 0) + 1);
  });
  return new Map(Array.from(means, ([k, sum]) => [k, sum.map((v) => v / counts.get(k)!)]));
}

/** L⁻¹ (x - centre). */
function whitened(whitening: Float64Array, centre: Float64Array, x: ArrayLike<number>): Float64Array {
  const width = centre.length;
  const out = new Float64Array(width);
  for (let i = 0; i < width; i++)
    for (let j = 0; j <= i; j++) out[i]! += whitening[i * width + j]! * (x[j]! - centre[j]!);
  return out;
}

/** Fitted to the features of training rows whose classes the run learned, at most 10,000. @param own the run's own data */
export async function classGaussians(
  probe: Probe,
  own: Dataset,
  seed: number,
  onProgress?: OnProgress,
): Promise<ClassGaussians> {
  const rng = streams(seed).for("training rows of the classes' Gaussians");
  const rows = limited(labelledRows(probe.run.config, own), ROWS, rng);
  const parts: NdArray[] = [];
  let done = 0;
  for (const x of batchesOf(rows, probe.batchSize)) {
    parts.push(await probe.features(x));
    done += x.shape[0]!;
    onProgress?.(done, rows.size);
  }
  return ClassGaussians.fit(joinRows(parts), rows.y!);
}
