/** Kernel logistic regression: multinomial, with a Gaussian kernel (Zhu & Hastie 2005). */
import * as g from "../graph/index.js";
import { compile, NdArray } from "../runtime/index.js";
import { squaredDistances } from "./distances.js";
import { minimize, type Objective } from "./lbfgs.js";
import { addProduct } from "./product.js";

/** Of the labels' loss, beside half the squared norm of the function. */
const COST = 100;
/** Added to the kernel's diagonal: rows that are equal make it singular. */
const RIDGE = 1e-5;

/** The kernel of all rows with some of them, the columns: `[N, M]`. */
export interface Kernel {
  readonly data: Float32Array;
  /** Which row each column is, `M`. */
  readonly columns: Int32Array;
}

/** exp(-‖a - b‖² / 2s²), s² being the mean squared distance from the mean row. @param rows `[N, D]`, of mean 0. */
export async function gaussianKernel(rows: NdArray, columns: Int32Array): Promise<Kernel> {
  const [count, width] = rows.shape as [number, number];
  const chosen = new Float32Array(columns.length * width);
  columns.forEach((row, m) => {
    for (let j = 0; j < width; j++) chosen[m * width + j] = rows.data[row * width + j]!;
  });
  let squares = 0;
  for (let i = 0; i < rows.size; i++) squares += rows.data[i]! ** 2;
  const kernel = compile(
    (a: g.Tensor, b: g.Tensor, scale: g.Tensor) => g.exp(g.mul(g.minimum(g.mul(squaredDistances(a, b), -1), 0), scale)),
    { name: "kernel", argNames: ["rows", "columns", "scale"] },
  );
  try {
    const { data } = await kernel(rows, new NdArray(chosen, [columns.length, width]), count / (2 * squares || 1));
    return { data: Float32Array.from(data), columns };
  } finally {
    await kernel.release();
  }
}

/**
 * Fits on some of the kernel's columns and predicts all rows.
 * @param members the columns (indices below M), n of them; the time grows with n³ + n² C.
 * @param labels their classes `[n]`: each of the C has one or more.
 * @returns p(class) `[N, C]`.
 */
export function kernelRegression(
  kernel: Kernel,
  members: Int32Array,
  labels: Int32Array,
  classes: number,
): Float32Array {
  const [n, width] = [members.length, kernel.columns.length];
  const gram = new Float64Array(n * n);
  members.forEach((a, i) => {
    members.forEach((b, j) => {
      gram[i * n + j] = kernel.data[kernel.columns[a]! * width + b]! + (i === j ? RIDGE : 0);
    });
  });
  // With K = L Lᵀ the rows of L are features whose weights have the norm of the function.
  const factor = cholesky(gram, n);
  const weights = minimize(loss(factor, labels, classes), (n + 1) * classes);
  solveTransposed(factor, n, weights, classes);

  const out = new Float32Array((kernel.data.length / width) * classes);
  const values = new Float64Array(n);
  const logits = new Float64Array(classes);
  for (let at = 0, row = 0; at < out.length; at += classes, row += width) {
    for (let i = 0; i < n; i++) values[i] = kernel.data[row + members[i]!]!;
    logits.set(weights.subarray(n * classes));
    addProduct(values, 0, 0, n, weights, classes, logits);
    softmax(logits);
    out.set(logits, at);
  }
  return out;
}

/** COST Σ -log p(label) + ‖W‖² / 2 for logits L W + b; W `[n, C]` and then b `[C]` in one array, b without a penalty. */
function loss(factor: Float64Array, labels: Int32Array, classes: number): Objective {
  const n = labels.length;
  const transposed = factor.map((_, at) => factor[(at % n) * n + Math.floor(at / n)]!);
  const residuals = new Float64Array(n * classes); // by the logits
  return (x, gradient) => {
    const bias = n * classes;
    let total = 0;
    gradient.set(x);
    gradient.fill(0, bias);
    for (let i = 0; i < n; i++) {
      const row = residuals.subarray(i * classes, (i + 1) * classes);
      row.set(x.subarray(bias));
      addProduct(factor, i * n, 0, i + 1, x, classes, row);
      const logit = row[labels[i]!]!;
      total += COST * (softmax(row) - logit);
      row[labels[i]!]!--;
      for (let k = 0; k < classes; k++) gradient[bias + k]! += row[k]! *= COST;
    }
    for (let w = 0; w < bias; w++) total += 0.5 * x[w]! ** 2;
    for (let j = 0; j < n; j++) {
      const row = gradient.subarray(j * classes, (j + 1) * classes);
      addProduct(transposed, j * n, j, n, residuals, classes, row);
    }
    return total;
  };
}

/** Logits to probabilities, in place. @returns log Σ e^logit. */
function softmax(logits: Float64Array): number {
  let [top, sum] = [Number.NEGATIVE_INFINITY, 0];
  for (const v of logits) top = Math.max(top, v);
  for (let k = 0; k < logits.length; k++) sum += logits[k] = Math.exp(logits[k]! - top);
  for (let k = 0; k < logits.length; k++) logits[k]! /= sum;
  return top + Math.log(sum);
}

/** L of A = L Lᵀ, lower triangular, `[n, n]` (Golub & Van Loan, "Matrix Computations", section 4.2). */
function cholesky(matrix: Float64Array, n: number): Float64Array {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0, a = i * n, b = j * n; k < j; k++) sum -= factor[a + k]! * factor[b + k]!;
      // The kernel is in single precision: rounding may eat the ridge.
      factor[i * n + j] = i === j ? Math.sqrt(Math.max(sum, RIDGE / 10)) : sum / factor[j * n + j]!;
    }
  }
  return factor;
}

/** Solves Lᵀ X = B for X `[n, C]`, in place of B. */
function solveTransposed(factor: Float64Array, n: number, b: Float64Array, classes: number): void {
  for (let i = n - 1; i >= 0; i--) {
    for (let k = 0; k < classes; k++) b[i * classes + k]! /= factor[i * n + i]!;
    for (let j = 0; j < i; j++) {
      for (let k = 0; k < classes; k++) b[j * classes + k]! -= factor[i * n + j]! * b[i * classes + k]!;
    }
  }
}
