import { expect, test } from "vitest";
import { classify } from "../../src/eval/classification.js";
import { Probe } from "../../src/eval/probe.js";
import { textTable } from "../../src/eval/table.js";
import { NdArray, Rng } from "../../src/runtime/index.js";
import { linearRun, rowsOf } from "./linear-run.js";

/** Logits ±scale·x of one number: p(1|x) is known, and labels are drawn from it at scale 1. */
const weight = (scale: number) => [[-scale / 2], [scale / 2]];
const probe = (scale: number) => new Probe(linearRun({ weight: weight(scale), bias: [0, 0], classes: 2 }));

function draws(n: number, seed: number) {
  const rng = new Rng(seed);
  const x = rng.normal([n, 1], 0, 2);
  const y = Int32Array.from(x.data, (v) => Number(rng.random() < 1 / (1 + Math.exp(-v))));
  return { x, y };
}
const held = draws(4000, 1);
const fresh = draws(4000, 2);

test("a model three times too certain is found out, and put right by its temperature", async () => {
  const calibrateOn = rowsOf(held.x, held.y);
  const report = await classify(probe(3), rowsOf(fresh.x, fresh.y), { calibrateOn });
  const honest = await classify(probe(1), rowsOf(fresh.x, fresh.y));
  const { measures, calibrated } = report;
  // The temperature's standard error on 4000 rows is about 0.1.
  expect(Math.abs(calibrated!.temperature - 3)).toBeLessThan(0.4);
  expect(measures.ece).toBeGreaterThan(0.08);
  // ECE of a perfect model on 4000 rows is about 0.01 by chance alone.
  expect(calibrated!.measures.ece).toBeLessThan(0.03);
  expect(calibrated!.measures.nll).toBeLessThan(measures.nll);
  expect(calibrated!.measures.nll).toBeCloseTo(honest.measures.nll, 2);
  expect(calibrated!.measures.accuracy).toBe(measures.accuracy);
  expect(measures.auroc).toBeCloseTo(honest.measures.auroc, 6);
  expect(honest.calibrated).toBeNull();
});

test("confusion, classes and rows without a label", async () => {
  const y = fresh.y.map((v, i) => (i % 4 === 0 ? -1 : v));
  const report = await classify(probe(1), rowsOf(fresh.x, y));
  expect(report.examples).toBe(3000);
  expect(report.classes).toEqual(["class 0", "class 1"]);
  expect(report.confusion.flat().reduce((a, b) => a + b, 0)).toBe(3000);
  const [[right0], [, right1]] = report.confusion as [[number, number], [number, number]];
  expect((right0 + right1) / 3000).toBeCloseTo(report.measures.accuracy, 12);
  expect(report.classAurocs[0]).toBeCloseTo(report.measures.auroc, 9);
  await expect(
    classify(
      probe(1),
      rowsOf(
        fresh.x,
        y.map(() => -1),
      ),
    ),
  ).rejects.toThrow(/no example with a class/);
});

test("inputs are refined before they are classified", async () => {
  // f = log 2cosh(x / 2) pulls x outwards: everything becomes certain, nothing changes sides.
  const refinement = { steps: 30, stepSize: 1, std: 0 };
  const plain = await classify(probe(1), rowsOf(fresh.x, fresh.y));
  const refined = await classify(probe(1), rowsOf(fresh.x, fresh.y), { refinement });
  expect(refined.measures.accuracy).toBe(plain.measures.accuracy);
  expect(refined.measures.nll).toBeGreaterThan(2 * plain.measures.nll);
  expect(refined.refinement).toEqual(refinement);
});

test("models without classes are no classifiers", async () => {
  const density = new Probe(linearRun({ weight: [[1]], bias: [0], classes: null }));
  await expect(classify(density, rowsOf(new NdArray(new Float32Array(1), [1, 1])))).rejects.toThrow(TypeError);
});

test("tables align numbers to the right", () => {
  expect(
    textTable([
      ["", "a"],
      ["long", "12"],
      ["b", "3"],
    ]),
  ).toBe("          a\n  long   12\n  b       3");
});
