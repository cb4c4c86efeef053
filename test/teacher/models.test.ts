/** The two models that the teacher averages, and the optimiser of one. */
import { expect, test } from "vitest";
import { NdArray, Rng } from "../../src/runtime/index.js";
import { extraTrees } from "../../src/teacher/extra-trees.js";
import { gaussianKernel, kernelRegression } from "../../src/teacher/kernel-regression.js";
import { minimize } from "../../src/teacher/lbfgs.js";

const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i);

test("L-BFGS finds the minimum of an ill-conditioned quadratic, and of a flat function where it starts", () => {
  const scales = Array.from({ length: 30 }, (_, i) => 10 ** (i / 10));
  const minimum = minimize((x, gradient) => {
    let value = 0;
    scales.forEach((s, i) => {
      value += 0.5 * s * (x[i]! - 1 / s) ** 2;
      gradient[i] = s * (x[i]! - 1 / s);
    });
    return value;
  }, 30);
  scales.forEach((s, i) => {
    expect(minimum[i]! * s).toBeCloseTo(1, 1);
  });
  expect([...minimize(() => 3, 2)]).toEqual([0, 0]);
});

test("the kernel of rows: bandwidth by the mean squared norm", async () => {
  const rows = new NdArray(Float32Array.of(-1, -1, 1, 1, 0, 0), [3, 2]); // mean squared norm 4/3
  const { data } = await gaussianKernel(rows, Int32Array.of(0, 2));
  const near = Math.exp(-2 / (8 / 3));
  const far = Math.exp(-8 / (8 / 3));
  expect([...data]).toEqual([1, near, far, near, near, 1].map((v) => expect.closeTo(v, 6)));
});

test("kernel regression satisfies the conditions of its minimum", async () => {
  const rng = new Rng(3);
  const [n, classes, cost, ridge] = [40, 5, 100, 1e-5];
  const rows = rng.normal([n, 3]);
  const labels = Int32Array.from({ length: n }, (_, i) => i % classes);
  const kernel = await gaussianKernel(rows, all(n));
  const p = kernelRegression(kernel, all(n), labels, classes);
  // At the minimum logits are (K + ridge) R + b with R = cost (Y - p) (Kimeldorf & Wahba 1971), and b makes the mean of p the share of
  // each class. Of classes 0 and 1, and less those of row 0, without b:
  const residual = (i: number, k: number) => cost * (Number(labels[i] === k) - p[i * classes + k]!);
  const expected = Array.from({ length: n }, (_, i) => {
    let sum = ridge * (residual(i, 0) - residual(i, 1));
    for (let j = 0; j < n; j++) sum += kernel.data[i * n + j]! * (residual(j, 0) - residual(j, 1));
    return sum;
  });
  const logit = (i: number) => Math.log(p[i * classes]! / p[i * classes + 1]!);
  const errors = expected.map((e, i) => Math.abs(logit(i) - logit(0) - (e - expected[0]!)));
  expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(10);
  expect(Math.max(...errors)).toBeLessThan(0.2);
  for (let k = 0; k < classes; k++) {
    const share = Array.from({ length: n }, (_, i) => p[i * classes + k]!).reduce((a, b) => a + b) / n;
    expect(share).toBeCloseTo(1 / classes, 3);
  }
});

test("kernel regression predicts by some of the columns; equal rows with other labels are halved", async () => {
  const rows = new NdArray(Float32Array.of(-1, -1, 1, 1, -1), [5, 1]);
  const kernel = await gaussianKernel(rows, Int32Array.of(4, 0, 1, 2));
  const p = kernelRegression(kernel, Int32Array.of(1, 2, 3), Int32Array.of(0, 1, 1), 2);
  expect(p[0]).toBeCloseTo(0.5, 1);
  expect(p[6]).toBeLessThan(0.05); // row 3, like the member of class 1
  expect(p[8]).toBeCloseTo(p[0]!, 5);
  expect([...kernelRegression(kernel, Int32Array.of(0), Int32Array.of(0), 1)]).toEqual([1, 1, 1, 1, 1]);
});

test("extra trees: exact on their rows, means of labels where rows are equal, blind to later columns", () => {
  const rng = new Rng(5);
  const n = 60;
  const data = rng.normal([n, 4]).data;
  const labels = Int32Array.from({ length: n }, (_, i) => Number(data[i * 4]! > 0) + Number(data[i * 4 + 1]! > 0));
  const rows = { data: Float32Array.from(data), width: 4, plain: 3 };
  const p = extraTrees(rows, all(n), labels, 3, new Rng(1));
  labels.forEach((label, i) => {
    expect(p[i * 3 + label]).toBeCloseTo(1, 5);
  });
  expect(extraTrees(rows, all(n), labels, 3, new Rng(1))).toEqual(p);
  const equal = { data: new Float32Array(8).map((_, i) => i), width: 2, plain: 0 };
  expect([...extraTrees(equal, all(4), Int32Array.of(0, 1, 1, 1), 2, rng)].slice(0, 2)).toEqual([
    expect.closeTo(0.25, 5),
    expect.closeTo(0.75, 5),
  ]);
});

test("extra trees find the column that tells", () => {
  const [n, width] = [300, 9];
  const { data } = new Rng(6).normal([n, width]);
  const labels = Int32Array.from({ length: n }, (_, i) => Number(data[i * width]! > 0));
  const rows = { data: Float32Array.from(data), width, plain: width };
  const p = extraTrees(rows, all(n / 2), labels.slice(0, n / 2), 2, new Rng(1));
  let hits = 0;
  for (let i = n / 2; i < n; i++) hits += Number(p[i * 2 + labels[i]!]! > 0.5);
  expect(hits / (n / 2)).toBeGreaterThan(0.8);
});
