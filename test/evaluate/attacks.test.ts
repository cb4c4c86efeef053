/** A linear classifier falls exactly where its margin is within reach: |margin| / dual norm of the weights' difference. */
import { describe, expect, test } from "vitest";
import { attack } from "../../src/evaluate/attacks/attacks.js";
import { Rng } from "../../src/runtime/index.js";
import { Probe } from "../../src/score/probe.js";
import { linearRun, rowsOf } from "../runs/linear-run.js";

const weight = [
  [1, -2, 0.5],
  [-1, 0.5, 0.25],
];
const bias = [0.1, -0.2];
const probe = new Probe(linearRun({ weight, bias, classes: 2 }));
const x = new Rng(1).normal([200, 3]);
/** Margins of the first class. */
const margins = Array.from({ length: 200 }, (_, i) =>
  weight[0]!.reduce((m, w, j) => m + (w - weight[1]![j]!) * x.data[i * 3 + j]!, bias[0]! - bias[1]!),
);
// One in ten labels is wrong.
const y = Int32Array.from(margins, (m, i) => Number(m < 0) ^ Number(i % 10 === 0));
const split = rowsOf(x, y);
const difference = weight[0]!.map((w, j) => w - weight[1]![j]!);

const expected = (radius: number, dual: number) =>
  margins.filter((m, i) => i % 10 !== 0 && Math.abs(m) > radius * dual).length / 200;

/** An attack finds the best point of the ball to within 1 %: never more than it can, hardly less. */
function expectWithin(accuracy: number, radius: number, dual: number): void {
  expect(accuracy).toBeGreaterThanOrEqual(expected(radius, dual));
  expect(accuracy).toBeLessThanOrEqual(expected(0.99 * radius, dual));
}

describe.each([
  ["l2", Math.hypot(...difference)],
  ["linf", difference.reduce((a, w) => a + Math.abs(w), 0)],
] as const)("%s", (norm, dual) => {
  test.each([1, 2])("robust accuracy is known, with %i starts", async (restarts) => {
    const { points, examples } = await attack(probe, split, { norm, radii: [0.5, 0.1, 1], restarts, steps: 20 });
    expect(examples).toBe(200);
    expect(points.map((p) => p.radius)).toEqual([0, 0.1, 0.5, 1]);
    for (const { radius, accuracy } of points) expectWithin(accuracy, radius, dual);
  });

  test("the range of inputs bounds what an attack can do", async () => {
    const corner = rowsOf(x, y);
    const range = [-0.5, 0.5] as const;
    const { points } = await attack(probe, corner, { norm, radii: [10], range, steps: 40 });
    // Everything is within reach, in L2 as in L∞, and the best point of the box is a corner of the label's other side.
    const worst = (own: number) =>
      difference.reduce((a, w) => a - 0.5 * Math.abs(w), (bias[0]! - bias[1]!) * (own === 0 ? 1 : -1));
    const standing = margins.filter((m, i) => i % 10 !== 0 && worst(Number(m < 0)) > 0).length;
    expect(points[1]!.accuracy).toBe(standing / 200);
  });
});

test("certainty does not hide the gradient", async () => {
  // Logits a million times larger: softmax is exactly 0 and 1, and only the margin shows the way.
  const certain = weight.map((row) => row.map((w) => 1e6 * w));
  const sure = new Probe(linearRun({ weight: certain, bias: bias.map((b) => 1e6 * b), classes: 2 }));
  const dual = Math.hypot(...difference);
  const { points } = await attack(sure, split, { norm: "l2", radii: [0.5], steps: 20 });
  expectWithin(points[1]!.accuracy, 0.5, dual);
});

test("radii are in the unit given", async () => {
  const dual = Math.hypot(...difference);
  const { points } = await attack(probe, split, { norm: "l2", radii: [0.25], unit: 2, steps: 20 });
  expect(points[1]!.radius).toBe(0.25);
  expectWithin(points[1]!.accuracy, 0.5, dual);
});
