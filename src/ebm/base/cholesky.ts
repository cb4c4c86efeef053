/** The Cholesky factor of a covariance, inverted: what whitens. */

/**
 * L⁻¹ `[n, n]` (lower triangular, row by row) of a positive definite matrix A = L Lᵀ, and log |L| (Golub & Van Loan, "Matrix Computations",
 * section 4.2). A diagonal that rounding has driven below its least value is raised to it.
 */
export function invertedCholesky(
  matrix: Float64Array,
  n: number,
  least = 1e-12,
): { readonly inverse: Float64Array; readonly logDiagonal: number } {
  const factor = new Float64Array(n * n);
  let logDiagonal = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0, a = i * n, b = j * n; k < j; k++) sum -= factor[a + k]! * factor[b + k]!;
      factor[i * n + j] = i === j ? Math.sqrt(Math.max(sum, least)) : sum / factor[j * n + j]!;
    }
    logDiagonal += Math.log(factor[i * n + i]!);
  }
  // Row i of L⁻¹: (e_i - Σ_{k<i} L_ik row_k) / L_ii, so that all passes run along rows.
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = inverse.subarray(i * n, i * n + i + 1);
    row[i] = 1;
    for (let k = 0; k < i; k++) {
      const weight = factor[i * n + k]!;
      if (weight === 0) continue;
      const other = k * n;
      for (let j = 0; j <= k; j++) row[j]! -= weight * inverse[other + j]!;
    }
    const scale = 1 / factor[i * n + i]!;
    for (let j = 0; j <= i; j++) row[j]! *= scale;
  }
  return { inverse, logDiagonal };
}
