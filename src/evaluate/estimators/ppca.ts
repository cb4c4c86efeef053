/**
 * Probabilistic PCA (Tipping & Bishop 1999): x = μ + W z + σ ε, fitted in closed form. As a generator g(z) = μ + W z its score is
 * known, ∇ log q(x) = -(W Wᵀ + σ² I)⁻¹ (x - μ), and so is its posterior.
 */

import { add, constant, matmul, type Tensor } from "../../graph/index.js";
import { type Moments, moments } from "../../metrics/moments.js";
import { eigenSymmetric } from "../../metrics/symmetric.js";
import { NdArray, type Rng } from "../../runtime/index.js";
import { total } from "../../runtime/numbers.js";

export class PpcaModel {
  /** @param components orthonormal directions, `k × D` @param lengths of W's columns along them, `k` */
  constructor(
    readonly mean: Float64Array,
    readonly components: Float64Array,
    readonly lengths: Float64Array,
    readonly sigma: number,
  ) {}

  get dim(): number {
    return this.mean.length;
  }

  get latentDim(): number {
    return this.lengths.length;
  }

  /** g(z) `[N, k]` → `[N, D]`, in a graph. */
  decode = (z: Tensor): Tensor => {
    const { dim, latentDim, components, lengths } = this;
    const wTransposed = components.map((v, i) => v * lengths[Math.floor(i / dim)]!);
    return add(matmul(z, constant(wTransposed, [latentDim, dim])), constant(this.mean));
  };

  /** Draws x `[B, D]`. */
  sample(batch: number, rng: Rng): NdArray {
    const { dim, latentDim, mean, components, lengths, sigma } = this;
    const x = new Float32Array(batch * dim);
    for (let b = 0; b < batch; b++) {
      const row = Float64Array.from(mean, (m) => m + sigma * rng.gaussian());
      for (let i = 0; i < latentDim; i++) {
        const along = lengths[i]! * rng.gaussian();
        for (let d = 0; d < dim; d++) row[d]! += along * components[i * dim + d]!;
      }
      x.set(row, b * dim);
    }
    return new NdArray(x, [batch, dim]);
  }

  /**
   * Deviations of q(z|x), the same for all x: independent because W's columns are orthogonal, 1 / √(1 + ‖w_i‖² / σ²). The optimum of
   * VERA's η.
   */
  get posteriorStd(): Float64Array {
    return this.lengths.map((l) => 1 / Math.sqrt(1 + (l / this.sigma) ** 2));
  }

  /** One exact draw of z given each x: `[B, k]`. */
  samplePosterior(x: NdArray, rng: Rng): NdArray {
    const { latentDim, sigma, lengths, posteriorStd } = this;
    const along = this.project(x);
    const z = along.map((a, j) => {
      const i = j % latentDim;
      return (posteriorStd[i]! ** 2 * lengths[i]! * a) / sigma ** 2 + posteriorStd[i]! * rng.gaussian();
    });
    return new NdArray(Float32Array.from(z), [x.shape[0]!, latentDim]);
  }

  /** Exact -∇ log q(x) `[B × D]`, by the eigenvectors of the covariance: what lies outside of them has variance σ². */
  negativeScore(x: NdArray): Float64Array {
    const { dim, latentDim, mean, components, lengths, sigma } = this;
    const along = this.project(x);
    const score = Float64Array.from(x.data, (v, i) => (v - mean[i % dim]!) / sigma ** 2);
    for (let b = 0; b < x.shape[0]!; b++) {
      for (let i = 0; i < latentDim; i++) {
        const factor = along[b * latentDim + i]! * (1 / (lengths[i]! ** 2 + sigma ** 2) - 1 / sigma ** 2);
        for (let d = 0; d < dim; d++) score[b * dim + d]! += factor * components[i * dim + d]!;
      }
    }
    return score;
  }

  /** Coordinates of x - μ along the components, `B × k`. */
  private project(x: NdArray): Float64Array {
    const { dim, latentDim, mean, components } = this;
    const batch = x.shape[0]!;
    const along = new Float64Array(batch * latentDim);
    for (let b = 0; b < batch; b++) {
      for (let i = 0; i < latentDim; i++) {
        let sum = 0;
        for (let d = 0; d < dim; d++) sum += components[i * dim + d]! * (x.data[b * dim + d]! - mean[d]!);
        along[b * latentDim + i] = sum;
      }
    }
    return along;
  }
}

/** Variance of the noise where data have none left over: single precision needs some. */
const LEAST_VARIANCE = 1e-4;

/**
 * Maximum likelihood: W's columns are the leading eigenvectors of the covariance, scaled to √(λ_i - σ²); σ² is the mean of the other
 * eigenvalues.
 * @param x `[N, …]` @throws RangeError where there are not more dimensions than latent ones.
 */
export async function fitPpca(x: NdArray, latentDim: number): Promise<PpcaModel> {
  return ppcaOfMoments(await moments(x), latentDim);
}

function ppcaOfMoments({ mean, covariance }: Omit<Moments, "count">, latentDim: number): PpcaModel {
  const dim = mean.length;
  if (!(latentDim >= 1 && latentDim < dim)) throw new RangeError(`${latentDim} latent dimensions for ${dim}`);
  const { values, vectors } = eigenSymmetric(covariance, dim);
  const rest = total(values.subarray(latentDim)) / (dim - latentDim);
  const variance = Math.max(rest, LEAST_VARIANCE);
  const lengths = values.slice(0, latentDim).map((v) => Math.sqrt(Math.max(v - variance, 0)));
  return new PpcaModel(mean, vectors.slice(0, latentDim * dim), lengths, Math.sqrt(variance));
}
