import { describe, expect, test } from "vitest";
import { NdArray, Rng } from "../../src/runtime/index.js";
import { ALPHAS, teach } from "../../src/teacher/index.js";

/** Two half-moons, a constant column, and a category (one-hot): which half of its moon a row is on. */
function moons(count: number, rng: Rng) {
  const data = new Float32Array(count * 5);
  const truth = Int32Array.from({ length: count }, (_, i) => i % 2);
  truth.forEach((c, i) => {
    const angle = Math.PI * rng.random();
    const sign = c === 0 ? 1 : -1;
    const noise = () => 0.08 * rng.gaussian();
    data.set([sign * Math.cos(angle) - sign * 0.5 + noise(), sign * (Math.sin(angle) - 0.25) + noise(), 7], i * 5);
    data[i * 5 + 3 + Number(angle > Math.PI / 2)] = 1;
  });
  return { rows: new NdArray(data, [count, 5]), truth };
}
const few = (truth: Int32Array, labels: number) => truth.map((c, i) => (i < labels ? c : -1));
const categories = [[3, 2]] as const;

function accuracyOf(targets: Float32Array, truth: Int32Array, classes: number): number {
  let hits = 0;
  truth.forEach((c, i) => {
    const row = targets.subarray(i * classes, (i + 1) * classes);
    hits += Number(row.indexOf(Math.max(...row)) === c);
  });
  return hits / truth.length;
}

function expectDistributions(targets: Float32Array, classes: number, labels: ArrayLike<number>) {
  expect(targets.length).toBe(labels.length * classes);
  for (let i = 0; i < labels.length; i++) {
    const row = Array.from(targets.subarray(i * classes, (i + 1) * classes));
    expect(row.every((p) => p >= 0 && p <= 1)).toBe(true);
    expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    if (labels[i]! >= 0) expect(row[labels[i]!]).toBe(1);
  }
}

test("unlabelled rows teach: the moons are told apart by a few labels of each", async () => {
  const { rows, truth } = moons(600, new Rng(2));
  const labels = few(truth, 24);
  const taught = await teach(rows, categories, labels, 2, new Rng(0));
  expectDistributions(taught.targets, 2, labels);
  expect(accuracyOf(taught.targets, truth, 2)).toBeGreaterThan(0.95);
  expect(taught.crossFittedAccuracy).toBeGreaterThan(0.7);
  expect(taught.weights.length).toBe(ALPHAS.length);
  expect(taught.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  expect(taught.temperature).toBeGreaterThan(0);
  // Again the same; not by another seed.
  expect((await teach(rows, categories, labels, 2, new Rng(0))).targets).toEqual(taught.targets);
  expect((await teach(rows, categories, labels, 2, new Rng(1))).targets).not.toEqual(taught.targets);
});

test("held-out labels are predicted without themselves: where labels are noise, accuracy is that of chance", async () => {
  const { rows } = moons(200, new Rng(4));
  const rng = new Rng(5);
  const labels = Int32Array.from({ length: 200 }, (_, i) => (i < 120 ? rng.below(2) : -1));
  const { targets, crossFittedAccuracy, temperature } = await teach(rows, categories, labels, 2, new Rng(0));
  expect(crossFittedAccuracy).toBeLessThan(0.65);
  expect(temperature).toBeGreaterThan(1);
  let certainty = 0;
  for (let i = 120; i < 200; i++) certainty += Math.max(targets[2 * i]!, targets[2 * i + 1]!) / 80;
  expect(certainty).toBeLessThan(0.6);
});

test("classes without labels are as good as not there", async () => {
  const { rows, truth } = moons(120, new Rng(2));
  const odd = truth.map((c) => 2 * c + 1);
  const two = await teach(rows, categories, few(truth, 30), 2, new Rng(0));
  const five = await teach(rows, categories, few(odd, 30), 5, new Rng(0));
  truth.forEach((_, i) => {
    expect(five.targets[5 * i + 1]).toBeCloseTo(two.targets[2 * i]!, 1);
    expect(five.targets[5 * i + 3]).toBeCloseTo(two.targets[2 * i + 1]!, 1);
  });
});

describe("corners", () => {
  const { rows, truth } = moons(20, new Rng(3));
  const cases: readonly (readonly [string, Int32Array, number])[] = [
    ["20 rows, two labels", few(truth, 2), 2],
    ["a single label", few(truth, 1), 2],
    ["all rows labelled", truth, 2],
    ["one class", few(truth, 6).map((c) => Math.min(c, 0)), 1],
    ["a class with one label, and classes with none", truth.map((c, i) => (i === 5 ? 3 : i < 9 ? c : -1)), 5],
    ["fewer labels of each class than folds", few(truth, 6), 2],
  ];
  test.each(cases)("%s", async (_, labels, classes) => {
    const taught = await teach(rows, categories, labels, classes, new Rng(0));
    expectDistributions(taught.targets, classes, labels);
    expect(Number.isFinite(taught.temperature)).toBe(true);
  });

  test("constant features alone", async () => {
    const labels = few(truth, 8);
    const constant = new NdArray(new Float32Array(40).fill(2), [20, 2]);
    const taught = await teach(constant, [], labels, 2, new Rng(0));
    expectDistributions(taught.targets, 2, labels);
    expect(taught.targets[39]).toBeCloseTo(0.5, 1);
  });

  test("no labels", async () => {
    await expect(teach(rows, categories, few(truth, 0), 2, new Rng(0))).rejects.toThrow(RangeError);
  });
});
