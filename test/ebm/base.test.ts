/** Base measures: each against what can be computed by other means, and the pool for what it promises. */
import { describe, expect, test } from "vitest";
import { invertedCholesky } from "../../src/ebm/base/cholesky.js";
import * as ebm from "../../src/ebm/index.js";
import { NdArray, Rng } from "../../src/runtime/index.js";

/** Rows of a correlated Gaussian: x2 = x1 / 2 + noise of 0.3. */
function correlated(count: number, rng: Rng): NdArray {
  const { data } = rng.normal([count, 2]);
  for (let i = 0; i < count; i++) data[2 * i + 1] = 0.5 * data[2 * i]! + 0.3 * data[2 * i + 1]!;
  return new NdArray(data, [count, 2]);
}

async function logDensity(measure: ebm.BaseMeasure, rows: NdArray, at: NdArray, seed = 1): Promise<Float32Array> {
  const fitted = { it: await measure.fit(rows, new Rng(seed)) };
  return (await ebm.logDensities({ it: measure }, fitted, at))[0]!;
}

const rowsOf = (values: readonly (readonly number[])[]): NdArray =>
  new NdArray(Float32Array.from(values.flat()), [values.length, values[0]!.length]);
const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length;
const scaled = ({ data, shape }: NdArray, factor: number) =>
  new NdArray(
    Float32Array.from(data, (v) => factor * v),
    shape,
  );

test("the inverse of the Cholesky factor whitens", () => {
  const a = Float64Array.of(4, 2, 0.4, 2, 3, 0.5, 0.4, 0.5, 2);
  const { inverse, logDiagonal } = invertedCholesky(a, 3);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      let sum = 0;
      for (let k = 0; k < 3; k++)
        for (let l = 0; l < 3; l++) sum += inverse[3 * i + k]! * a[3 * k + l]! * inverse[3 * j + l]!;
      expect(sum).toBeCloseTo(i === j ? 1 : 0, 12);
    }
  }
  const determinant = 4 * (3 * 2 - 0.25) - 2 * (2 * 2 - 0.2) + 0.4 * (2 * 0.5 - 3 * 0.4);
  expect(2 * logDiagonal).toBeCloseTo(Math.log(determinant), 12);
});

describe("mixtures of Gaussians", () => {
  test("one component is the Gaussian of the rows, with the ridge", async () => {
    const rows = correlated(500, new Rng(1));
    const [f] = await logDensity(ebm.gaussianMixture({ components: 1, ridge: 0.05 }), rows, rowsOf([[1, -1]]));
    const of = (j: number) => Array.from({ length: 500 }, (_, i) => rows.data[2 * i + j]!);
    const m = [0, 1].map((j) => of(j).reduce((a, b) => a + b, 0) / 500);
    const c = (i: number, j: number) =>
      of(i).reduce((sum, v, k) => sum + (v - m[i]!) * (of(j)[k]! - m[j]!), 0) / 500 + (i === j ? 0.05 : 0);
    const [a, b, d] = [c(0, 0), c(0, 1), c(1, 1)];
    const det = a * d - b * b;
    const [u, v] = [1 - m[0]!, -1 - m[1]!];
    const expected =
      -0.5 * ((d * u * u - 2 * b * u * v + a * v * v) / det) - 0.5 * Math.log(det) - Math.log(2 * Math.PI);
    expect(f).toBeCloseTo(expected, 3); // single precision: 1e-4 of 20
  });

  test("two clusters are found, and the likelihood is the true density's", async () => {
    const draw = (rng: Rng) => {
      const { data } = rng.normal([800, 2], 0, 0.5);
      return new NdArray(data.map((v, i) => v + (Math.floor(i / 2) % 2 === 0 ? 3 : -3)) as Float32Array, [800, 2]);
    };
    const [rows, fresh] = [draw(new Rng(1)), draw(new Rng(2))];
    const f = await logDensity(ebm.gaussianMixture({ components: 2, ridge: 1e-3 }), rows, fresh);
    const truth = -Math.log(2) - Math.log(2 * Math.PI * 0.25) - 1; // mean log-density: far apart clusters
    expect(Math.abs(mean(f) - truth)).toBeLessThan(0.1); // its standard error is 0.035
  });

  test("there are no more components than the rows can bear", async () => {
    const fitted = await ebm
      .gaussianMixture({ components: 8, ridge: 0.05 })
      .fit(correlated(20, new Rng(1)), new Rng(1));
    expect((fitted.mean as NdArray).shape).toEqual([5, 2]);
  });
});

test("column densities integrate to one, and follow the rows", async () => {
  const rows = new Rng(3).normal([400, 1]);
  const grid = Array.from({ length: 2001 }, (_, i) => [-20 + 0.02 * i]);
  const f = await logDensity(ebm.columnDensities, rows, rowsOf(grid));
  expect(f.reduce((total, v) => total + 0.02 * Math.exp(v), 0)).toBeCloseTo(1, 3);
  expect(f[1000]).toBeCloseTo(-0.5 * Math.log(2 * Math.PI), 0);
});

test.each([1, 2] as const)("nearness to landmarks by hand, neighbour %i", async (neighbour) => {
  const rows = new Rng(4).normal([12, 3]);
  const at = new Rng(5).normal([4, 3]);
  const measure = ebm.nearestLandmarks({ landmarks: 5, draws: 3, neighbour });
  const fitted = await measure.fit(rows, new Rng(6));
  const marks = fitted.landmarks as NdArray;
  expect(marks.shape).toEqual([3, 5, 3]);
  const [f] = await ebm.logDensities({ it: measure }, { it: fitted }, at);
  for (let i = 0; i < 4; i++) {
    let total = 0;
    for (let draw = 0; draw < 3; draw++) {
      const squares = Array.from({ length: 5 }, (_, k) =>
        [0, 1, 2].reduce((sum, j) => sum + (at.data[3 * i + j]! - marks.data[(5 * draw + k) * 3 + j]!) ** 2, 0),
      ).sort((a, b) => a - b);
      total -= Math.log(Math.sqrt(squares[neighbour - 1]! + 0.05 ** 2)) / 3;
    }
    expect(f![i]).toBeCloseTo(total, 4);
  }
});

test("compressed columns: the measure of asinh, standardised", async () => {
  const rows = scaled(new Rng(7).normal([300, 1]), 1);
  rows.data.forEach((v, i) => {
    rows.data[i] = Math.sinh(3 * v); // heavy tails: asinh makes them a Gaussian again
  });
  const f = await logDensity(ebm.compressed(ebm.gaussianMixture({ components: 1, ridge: 0 })), rows, rows);
  // The density is that of u, which is nearly standard normal: its mean log-density is -½ log 2πe.
  expect(mean(f)).toBeCloseTo(-0.5 * Math.log(2 * Math.PI * Math.E), 3);
});

test("wide rows: principal components and the rest make the Gaussian of a low-dimensional cloud", async () => {
  const [count, width] = [300, 140];
  const rng = new Rng(8);
  const [latent, directions] = [rng.normal([count, 2]), rng.normal([2, width])];
  const rows = rng.normal([count, width], 0, 0.3);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < width; j++)
      rows.data[i * width + j]! +=
        latent.data[2 * i]! * directions.data[j]! + latent.data[2 * i + 1]! * directions.data[width + j]!;
  const measure = ebm.inPrincipalComponents(ebm.gaussianMixture({ components: 1, ridge: 0.01 }));
  const fitted = await measure.fit(rows, new Rng(9));
  expect((fitted.basis as NdArray).shape).toEqual([width, 128]);
  const noise = new Rng(10).normal([50, width], 0, 3);
  const [inside, outside] = [
    (await ebm.logDensities({ it: measure }, { it: fitted }, rows))[0]!,
    (await ebm.logDensities({ it: measure }, { it: fitted }, noise))[0]!,
  ];
  expect(Math.max(...outside)).toBeLessThan(Math.min(...inside));
});

test("the core leaves out a group of odd rows", async () => {
  const rows = new Rng(11).normal([300, 4]);
  for (let i = 0; i < 30; i++) for (let j = 0; j < 4; j++) rows.data[4 * i + j] = 5 + 0.05 * rows.data[4 * i + j]!;
  const { data, shape } = await ebm.coreOf(rows, new Rng(12));
  expect(shape).toEqual([240, 4]);
  expect(Array.from({ length: 240 }, (_, i) => data[4 * i]!).filter((v) => v > 4)).toEqual([]);
});

describe("the pool", () => {
  const measure = ebm.pool(
    { mixture: ebm.gaussianMixture({ components: 4, ridge: 0.05 }), columns: ebm.columnDensities },
    { near: ebm.nearestLandmarks({ landmarks: 64, draws: 5 }) },
  );

  test("holds rows out, and gives its members the same spread", async () => {
    const rows = correlated(200, new Rng(13));
    const fitted = await measure.fit(rows, new Rng(14));
    const heldout = (fitted.heldout as NdArray).data as Float32Array;
    expect(heldout.length).toBe(200); // all, in five folds
    expect(Array.from(heldout)).toEqual([...heldout].sort((a, b) => a - b));
    const fresh = (await ebm.logDensities({ it: measure }, { it: fitted }, correlated(2000, new Rng(15))))[0]!;
    const threshold = heldout[10]!; // of 200: the lowest twentieth
    const flagged = fresh.filter((v) => v < threshold).length / 2000;
    expect(flagged).toBeGreaterThan(0.02);
    expect(flagged).toBeLessThan(0.1); // 0.05 ± 3 standard errors of a threshold from 200 rows
  });

  test("falls far from the rows, along every ray", async () => {
    const rows = new Rng(16).normal([300, 6]);
    const fitted = await measure.fit(rows, new Rng(17));
    const heldout = (fitted.heldout as NdArray).data;
    for (const factor of [16, 100]) {
      const far = (await ebm.logDensities({ it: measure }, { it: fitted }, scaled(rows, factor)))[0]!;
      const passed = far.filter((v) => v >= heldout[Math.floor(0.05 * heldout.length)]!).length;
      expect(passed / far.length).toBeLessThan(0.01);
    }
  });

  test("is the same at the same seed, and takes five rows", async () => {
    const rows = correlated(5, new Rng(18));
    const [a, b] = [await measure.fit(rows, new Rng(19)), await measure.fit(rows, new Rng(19))];
    expect(a).toEqual(b);
    expect((a.heldout as NdArray).data.every(Number.isFinite)).toBe(true);
  });
});
