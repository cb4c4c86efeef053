import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeNpy } from "../../src/data/formats/npy.js";
import { classify } from "../../src/evaluate/classification/classification.js";
import { readPeople } from "../../src/evaluate/classification/people.js";
import { textTable } from "../../src/evaluate/table.js";
import { array, NdArray, Rng } from "../../src/runtime/index.js";
import { Probe } from "../../src/score/probe.js";
import { linearRun, rowsOf } from "../runs/linear-run.js";

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

describe("people's labels", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vera-people-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const file = async (rows: readonly (readonly number[])[]) => {
    const path = join(folder, "people.npy");
    await writeFile(path, encodeNpy(array(rows)));
    return path;
  };
  const data = { name: "data (test split)", split: rowsOf(array([[0], [2], [-1]]), Int32Array.of(0, 1, 1)) };

  test("counts are shares, and rows go with the examples that have a label", async () => {
    const said = await readPeople(
      await file([
        [30, 20],
        [0, 50],
        [1, 1],
      ]),
      data,
      2,
    );
    expect([...said]).toEqual([0.6, 0.4, 0, 1, 0.5, 0.5]);
    const unlabelled = rowsOf(array([[0], [2], [-1]]), Int32Array.of(0, -1, 1));
    const { people } = await classify(probe(1), unlabelled, {
      people: said,
      calibrateOn: rowsOf(held.x, held.y),
    });
    // p = (½, ½) and (σ(1), σ(-1)); people (0.6, 0.4) and (½, ½).
    const [sure, unsure] = [1, -1].map((z) => 1 / (1 + Math.exp(-z))) as [number, number];
    const cross = [Math.log(2), -(Math.log(sure) + Math.log(unsure)) / 2] as const;
    const entropies = [-0.6 * Math.log(0.6) - 0.4 * Math.log(0.4), Math.log(2)] as const;
    expect(people!.measures.crossEntropy).toBeCloseTo((cross[0] + cross[1]) / 2, 6);
    expect(people!.least.crossEntropy).toBeCloseTo((entropies[0] + entropies[1]) / 2, 12);
    expect(people!.measures.kl).toBeCloseTo((cross[0] + cross[1] - entropies[0] - entropies[1]) / 2, 6);
    expect(people!.measures.totalVariation).toBeCloseTo((0.1 + sure - 0.5) / 2, 6);
    expect(people!.accuracy).toBeCloseTo((0.6 + 0.5) / 2, 12);
    expect(people!.calibrated!.crossEntropy).not.toBe(people!.measures.crossEntropy);
    expect((await classify(probe(1), unlabelled)).people).toBeNull();
  });

  test.each<[string, readonly (readonly number[])[], RegExp]>([
    [
      "fewer rows",
      [
        [1, 0],
        [0, 1],
      ],
      /an array \[2,2\], where \[3,2\] is expected: a row for each example of data \(test split\).*--limit/,
    ],
    [
      "more classes",
      [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ],
      /an array \[3,3\], where \[3,2\]/,
    ],
    [
      "what is negative",
      [
        [1, 0],
        [1, -1],
        [1, 0],
      ],
      /row 1 is no distribution and no counts: 1, -1/,
    ],
    [
      "what is nothing",
      [
        [1, 0],
        [1, 0],
        [0, 0],
      ],
      /row 2 is no distribution/,
    ],
    [
      "what is no number",
      [
        [Number.NaN, 0],
        [1, 0],
        [1, 0],
      ],
      /row 0 is no distribution/,
    ],
  ])("%s in a file are refused", async (_, rows, why) => {
    await expect(readPeople(await file(rows), data, 2)).rejects.toThrow(why);
  });
});
