/** The Fréchet distance between two sets of features, each taken for a Gaussian (Heusel et al. 2017: FID, with Inception's features). */
import { matmul, square, sub, sum, type Tensor } from "../graph/index.js";
import { compile, NdArray } from "../runtime/index.js";
import { type Moments, meanRow, moments } from "./moments.js";
import { eigenSymmetric, eigenvaluesSymmetric } from "./symmetric.js";

/**
 * ‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½). Biased upwards for few rows: compare sets of equal size only.
 * @param a `[N, D]` @param b `[M, D]`
 * @throws RangeError where the widths differ, or for fewer than 2 rows.
 */
export async function frechetDistance(a: NdArray, b: NdArray): Promise<number> {
  const [rows, others] = [a.shape[0]!, b.shape[0]!];
  const wide = a.size / rows > Math.max(rows, others) && Math.min(rows, others) >= 2;
  return wide ? frechetOfFewRows(a, b) : frechetOfMoments(await moments(a), await moments(b));
}

/**
 * The same by products of rows, where there are fewer of them than features: with centred rows A, B and Σ₁ = AᵀA / (n - 1) the eigenvalues of Σ₁ Σ₂
 * that are not 0 are those of M Mᵀ with M = A Bᵀ / √((n - 1)(m - 1)). Nothing of D × D is made.
 */
async function frechetOfFewRows(a: NdArray, b: NdArray): Promise<number> {
  const [n, m] = [a.shape[0]!, b.shape[0]!];
  const width = a.size / n;
  if (b.size / m !== width) throw new RangeError(`features of ${width} and of ${b.size / m} dimensions`);
  const [mean, other] = [meanRow(a), meanRow(b)];
  const crossed = compile(function crossed(x: Tensor, y: Tensor, ofX: Tensor, ofY: Tensor) {
    const [rows, others] = [sub(x, ofX), sub(y, ofY)];
    return { cross: matmul(rows, others, { transB: true }), spread: [sum(square(rows)), sum(square(others))] as const };
  });
  const rowsOf = (x: NdArray) => new NdArray(x.data, [x.shape[0]!, width]);
  const centre = (of: Float64Array) => new NdArray(Float32Array.from(of), [width]);
  const { cross, spread } = await crossed(rowsOf(a), rowsOf(b), centre(mean), centre(other)).finally(() =>
    crossed.release(),
  );
  const values = eigenvaluesSymmetric(gram(cross.data, n, m), n);
  const shared = values.reduce((total, v) => total + Math.sqrt(Math.max(v, 0)), 0) / Math.sqrt((n - 1) * (m - 1));
  const apart = mean.reduce((total, x, i) => total + (x - other[i]!) ** 2, 0);
  return apart + spread[0].item() / (n - 1) + spread[1].item() / (m - 1) - 2 * shared;
}

/** M Mᵀ of `n × m`, in double precision: roots of its small eigenvalues count. */
function gram(matrix: ArrayLike<number>, n: number, m: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let total = 0;
      for (let k = 0; k < m; k++) total += matrix[i * m + k]! * matrix[j * m + k]!;
      out[i * n + j] = total;
      out[j * n + i] = total;
    }
  }
  return out;
}

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
  const values = eigenvaluesSymmetric(symmetrized(product(product(root, b.covariance, n), root, n), n), n);
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
