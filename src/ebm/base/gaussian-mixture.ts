/**
 * A mixture of Gaussians with full covariances, fitted by expectation maximisation (Dempster et al. 1977) from k-means++ (Arthur &
 * Vassilvitskii 2007). A ridge on every covariance keeps components from closing in on a few rows, and there are no more of them than the
 * rows can bear. With one component it is the Gaussian of the rows: its log-density is Mahalanobis' distance.
 */
import * as g from "../../graph/index.js";
import { variable } from "../../nn/index.js";
import { compile, NdArray, type Rng } from "../../runtime/index.js";
import { type BaseMeasure, LOG_2PI } from "./base-measure.js";
import { invertedCholesky } from "./cholesky.js";

export interface MixtureOptions {
  /** At most. */
  readonly components: number;
  /** Added to the variances: in units of the (standardised) columns. */
  readonly ridge: number;
  /** A component has at least this many rows for each column. Default 2. */
  readonly rowsPerColumn?: number;
}

const ITERATIONS = 30;
const LLOYD_ITERATIONS = 5;
/** Mean log-likelihood gained, times the root of the number of columns, below which EM ends. */
const TOLERANCE = 1e-3;

/**
 * Fitted: `mean` `[K, D]`; `whitening` `[K, D, D]`, the inverse Cholesky factors L⁻¹ of the covariances; `logweight` `[K]`, which holds
 * log π - log |L| - D/2 log 2π.
 */
export const gaussianMixture = ({ components, ridge, rowsPerColumn = 2 }: MixtureOptions): BaseMeasure => ({
  async fit(rows, rng) {
    const [count, width] = rows.shape as [number, number];
    const most = Math.floor(count / (rowsPerColumn * width));
    const k = Math.max(1, Math.min(components, most));
    const maximise = compile(sufficientStatistics, { name: "maximise", argNames: ["x", "responsibilities"] });
    const expect = compile(expectation, { name: "expect", argNames: ["mixture", "x"] });
    try {
      let responsibilities = nearestMeans(rows, k, rng);
      let before = Number.NEGATIVE_INFINITY;
      for (let iteration = 0; ; iteration++) {
        const mixture = componentsOf(await maximise(rows, responsibilities), count, ridge);
        if (k === 1 || iteration === ITERATIONS - 1) return mixture;
        const next = await expect(mixture, rows);
        const likelihood = next.likelihood.item();
        if (!(likelihood - before >= TOLERANCE * Math.sqrt(width))) return mixture;
        before = likelihood;
        responsibilities = next.responsibilities;
      }
    } finally {
      await maximise.release();
      await expect.release();
    }
  },

  logDensity: (fitted, x) => g.logsumexp(jointLogDensity(parts(fitted), x), 1),
});

type Mixture<L> = { readonly mean: L; readonly whitening: L; readonly logweight: L };

const parts = (fitted: Parameters<BaseMeasure["logDensity"]>[0]): Mixture<g.Tensor> => ({
  mean: variable(fitted, "mean"),
  whitening: variable(fitted, "whitening"),
  logweight: variable(fitted, "logweight"),
});

/** log π_k + log N(x; m_k, C_k): `[B, K]`. Rows are whitened by all components in one product. */
function jointLogDensity({ mean, whitening, logweight }: Mixture<g.Tensor>, x: g.Tensor): g.Tensor {
  const [k, width] = mean.shape as [number, number];
  const whitened = g.matmul(x, g.reshape(whitening, [k * width, width]), { transB: true });
  const centres = g.matmul(whitening, g.reshape(mean, [k, width, 1]));
  const distance = g.sub(g.reshape(whitened, [x.shape[0]!, k, width]), g.reshape(centres, [1, k, width]));
  return g.add(g.mul(g.sum(g.square(distance), 2), -0.5), logweight);
}

function expectation(mixture: Mixture<g.Tensor>, x: g.Tensor) {
  const joint = jointLogDensity(mixture, x);
  return { responsibilities: g.softmax(joint, 1), likelihood: g.mean(g.logsumexp(joint, 1)) };
}

/** Σ r, Σ r x and Σ r x xᵀ of each component. */
function sufficientStatistics(x: g.Tensor, responsibilities: g.Tensor) {
  const [count, width] = x.shape as [number, number];
  const k = responsibilities.shape[1]!;
  const weighted = g.mul(g.reshape(responsibilities, [count, k, 1]), g.reshape(x, [count, 1, width]));
  const flat = g.reshape(weighted, [count, k * width]);
  return {
    mass: g.sum(responsibilities, 0),
    first: g.sum(weighted, 0),
    second: g.reshape(g.matmul(flat, x, { transA: true }), [k, width, width]),
  };
}

type Statistics = { readonly mass: NdArray; readonly first: NdArray; readonly second: NdArray };

/** Means and covariances that maximise the expected likelihood; in double precision. */
function componentsOf({ mass, first, second }: Statistics, count: number, ridge: number): Mixture<NdArray> {
  const [k, width] = first.shape as [number, number];
  const mean = new Float32Array(k * width);
  const whitening = new Float32Array(k * width * width);
  const logweight = new Float32Array(k);
  const covariance = new Float64Array(width * width);
  for (let c = 0; c < k; c++) {
    const weight = mass.data[c]! + 1e-9;
    const centre = Float64Array.from({ length: width }, (_, i) => first.data[c * width + i]! / weight);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        covariance[i * width + j] = second.data[(c * width + i) * width + j]! / weight - centre[i]! * centre[j]!;
      }
      covariance[i * width + i]! += ridge;
    }
    const { inverse, logDiagonal } = invertedCholesky(covariance, width);
    mean.set(centre, c * width);
    whitening.set(inverse, c * width * width);
    logweight[c] = Math.log(weight / count) - logDiagonal - 0.5 * width * LOG_2PI;
  }
  return {
    mean: new NdArray(mean, [k, width]),
    whitening: new NdArray(whitening, [k, width, width]),
    logweight: new NdArray(logweight, [k]),
  };
}

/** One-hot `[N, K]`: the nearest of k means after a few iterations of Lloyd's. */
function nearestMeans({ data, shape }: NdArray, k: number, rng: Rng): NdArray {
  const [count, width] = shape as [number, number];
  const squaredDistance = (row: number, centre: Float64Array): number => {
    let total = 0;
    for (let j = 0; j < width; j++) total += (data[row * width + j]! - centre[j]!) ** 2;
    return total;
  };
  const rowAt = (row: number) => Float64Array.from(data.subarray(row * width, (row + 1) * width));
  const centres = [rowAt(rng.below(count))];
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  while (centres.length < k) {
    let total = 0;
    for (let i = 0; i < count; i++) total += nearest[i] = Math.min(nearest[i]!, squaredDistance(i, centres.at(-1)!));
    let left = rng.random() * total;
    let chosen = 0;
    for (; chosen < count - 1; chosen++) {
      left -= nearest[chosen]!;
      if (left <= 0) break;
    }
    centres.push(rowAt(chosen));
  }
  const members = new Int32Array(count);
  for (let iteration = 0; iteration < LLOYD_ITERATIONS; iteration++) {
    for (let i = 0; i < count; i++) {
      let best = Number.POSITIVE_INFINITY;
      centres.forEach((centre, c) => {
        const distance = squaredDistance(i, centre);
        if (distance < best) [best, members[i]] = [distance, c];
      });
    }
    const sums = centres.map(() => new Float64Array(width));
    const sizes = new Float64Array(k);
    for (let i = 0; i < count; i++) {
      sizes[members[i]!]!++;
      const sum = sums[members[i]!]!;
      for (let j = 0; j < width; j++) sum[j]! += data[i * width + j]!;
    }
    sums.forEach((sum, c) => {
      if (sizes[c]! > 0) centres[c] = sum.map((v) => v / sizes[c]!);
    });
  }
  const oneHot = new Float32Array(count * k);
  for (let i = 0; i < count; i++) oneHot[i * k + members[i]!] = 1;
  return new NdArray(oneHot, [count, k]);
}
