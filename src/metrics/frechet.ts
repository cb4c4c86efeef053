/** The Fréchet distance between two sets of features, each taken for a Gaussian (Heusel et al. 2017: FID, with Inception's features). */
import type { NdArray } from "../runtime/index.js";
import { type Moments, moments } from "./moments.js";
import { eigenSymmetric } from "./symmetric.js";

/**
 * ‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½). Biased upwards for few rows: compare sets of equal size only.
 * @param a `[N, D]` @param b `[M, D]`
 * @throws RangeError where the widths differ, or for fewer than 2 rows.
 */
export const frechetDistance = async (a: NdArray, b: NdArray): Promise<number> =>
  frechetOfMoments(await moments(a), await moments(b));

/** The same of known moments: `D` and `D × D` of each. @throws RangeError where the dimensions differ. */
export function frechetOfMoments(a: Omit<Moments, "count">, b: Omit<Moments, "count">): number {
  const n = a.mean.length;
  if (b.mean.length !== n) throw new RangeError(`features of ${n} and of ${b.mean.length} dimensions`);
  let distance = 0;
  for (let i = 0; i < n; i++) {
    distance += (a.mean[i]! - b.mean[i]!) ** 2 + a.covariance[i * n + i]! + b.covariance[i * n + i]!;
  }
  // tr (Σ₁ Σ₂)^½ is the sum of the square roots of the eigenvalues of S Σ₂ S with S = Σ₁^½.
  const root = squareRoot(a.covariance, n);
  const { values } = eigenSymmetric(symmetrized(product(product(root, b.covariance, n), root, n), n), n);
  return distance - 2 * values.reduce((sum, v) => sum + Math.sqrt(Math.max(v, 0)), 0);
}

/** Of a symmetric matrix without negative eigenvalues, but for rounding. */
function squareRoot(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = eigenSymmetric(matrix, n);
  const scaled = vectors.map((v, i) => v * Math.max(values[Math.floor(i / n)]!, 0) ** 0.25);
  const root = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const row = scaled.subarray(k * n, (k + 1) * n);
    for (let i = 0; i < n; i++) {
      const factor = row[i]!;
      for (let j = 0; j < n; j++) root[i * n + j]! += factor * row[j]!;
    }
  }
  return root;
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]!;
      for (let j = 0; j < n; j++) out[i * n + j]! += factor * b[k * n + j]!;
    }
  }
  return out;
}

const symmetrized = (a: Float64Array, n: number): Float64Array =>
  a.map((v, i) => (v + a[(i % n) * n + Math.floor(i / n)]!) / 2);
