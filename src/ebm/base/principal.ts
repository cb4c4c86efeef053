/**
 * A base measure of the principal components of wide rows: the family in the q directions of largest variance, an isotropic Gaussian in
 * the rest (probabilistic PCA: Tipping & Bishop 1999; the family takes the place of its Gaussian). Covariances of a thousand columns would
 * take longer to invert than all else takes to fit, and rows are too few to tell them.
 */
import * as g from "../../graph/index.js";
import { variable } from "../../nn/index.js";
import { compile, full, NdArray, type Rng } from "../../runtime/index.js";
import { child } from "../child.js";
import { type BaseMeasure, LOG_2PI } from "./base-measure.js";

/** Columns up to which the family is fitted to the rows as they are. */
const NARROW = 128;
const ITERATIONS = 2;
/** Least variance of a direction outside, in units of the standardised columns. */
const LEAST = 0.05;

/** Fitted: `of`; for rows of more than 128 columns also `mean` `[D]`, `basis` `[D, q]`, `variance` `[]` of a direction outside. */
export const inPrincipalComponents = (base: BaseMeasure): BaseMeasure => ({
  async fit(rows, rng) {
    const [count, width] = rows.shape as [number, number];
    if (width <= NARROW) return { of: await base.fit(rows, rng) };
    const mean = columnMeans(rows);
    const basis = await principalBasis(rows, mean, Math.min(NARROW, count), rng);
    const project = compile(projection, { name: "project", argNames: ["x", "mean", "basis"] });
    try {
      const { inside, outside } = await project(rows, mean, basis);
      let squares = 0;
      for (const value of outside.data) squares += value;
      const left = squares / (count * (width - basis.shape[1]!));
      return { mean, basis, variance: full([], Math.max(left, LEAST)), of: await base.fit(inside, rng) };
    } finally {
      await project.release();
    }
  },

  logDensity(fitted, x) {
    const of = child<Parameters<BaseMeasure["logDensity"]>[0]>(fitted, "of");
    if (fitted.basis === undefined) return base.logDensity(of, x);
    const [basis, variance] = [variable(fitted, "basis"), variable(fitted, "variance")];
    const { inside, outside } = projection(x, variable(fitted, "mean"), basis);
    const rest = basis.shape[0]! - basis.shape[1]!;
    const normaliser = g.mul(g.add(g.log(variance), LOG_2PI), -0.5 * rest);
    const left = g.add(g.mul(g.div(outside, variance), -0.5), normaliser);
    return g.add(base.logDensity(of, inside), left);
  },
});

/** Coordinates in the basis `[B, q]`, and the squared length of what is left `[B]`. */
function projection(x: g.Tensor, mean: g.Tensor, basis: g.Tensor) {
  const centred = g.sub(x, mean);
  const inside = g.matmul(centred, basis);
  const outside = g.sub(centred, g.matmul(inside, basis, { transB: true }));
  return { inside, outside: g.sum(g.square(outside), 1) };
}

function columnMeans({ data, shape }: NdArray): NdArray {
  const [count, width] = shape as [number, number];
  const sums = new Float64Array(width);
  for (let i = 0; i < count; i++) for (let j = 0; j < width; j++) sums[j]! += data[i * width + j]!;
  return new NdArray(
    Float32Array.from(sums, (s) => s / count),
    [width],
  );
}

/** Orthonormal `[D, q]`, spanning nearly the first q principal directions: subspace iteration (Halko et al. 2011, algorithm 4.4). */
async function principalBasis(rows: NdArray, mean: NdArray, q: number, rng: Rng): Promise<NdArray> {
  const step = compile(
    (x: g.Tensor, centre: g.Tensor, basis: g.Tensor) => {
      const centred = g.sub(x, centre);
      return g.matmul(centred, g.matmul(centred, basis), { transA: true });
    },
    { name: "power", argNames: ["x", "mean", "basis"] },
  );
  try {
    let basis = orthonormal(rng.normal([rows.shape[1]!, q]));
    for (let i = 0; i < ITERATIONS; i++) basis = orthonormal(await step(rows, mean, basis));
    return basis;
  } finally {
    await step.release();
  }
}

/** Columns made orthonormal by the modified Gram-Schmidt process; a column that depends on others becomes 0. */
function orthonormal({ data, shape }: NdArray): NdArray {
  const [height, count] = shape as [number, number];
  const columns = Array.from({ length: count }, (_, c) =>
    Float64Array.from({ length: height }, (_, i) => data[i * count + c]!),
  );
  columns.forEach((column, c) => {
    const before = Math.sqrt(dot(column, column));
    for (const other of columns.slice(0, c)) {
      const along = dot(column, other);
      for (let i = 0; i < height; i++) column[i]! -= along * other[i]!;
    }
    const length = Math.sqrt(dot(column, column));
    const scale = length > 1e-6 * before ? 1 / length : 0;
    for (let i = 0; i < height; i++) column[i]! *= scale;
  });
  const out = new Float32Array(height * count);
  columns.forEach((column, c) => {
    for (let i = 0; i < height; i++) out[i * count + c] = column[i]!;
  });
  return new NdArray(out, [height, count]);
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}
