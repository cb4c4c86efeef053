import { describe, expect, test } from "vitest";
import { detectOutliers } from "../../src/evaluate/outliers/ood.js";
import { OF_CLASSES, SCORE_NAMES, scoresOf } from "../../src/evaluate/outliers/scores.js";
import { array, Rng } from "../../src/runtime/index.js";
import { constants, interpolations, uniformNoise, withChannels } from "../../src/score/generated.js";
import { Probe } from "../../src/score/probe.js";
import { linearRun, rowsOf } from "../runs/linear-run.js";

// f(x) = -‖x‖²: ∇f = -2x, and without noise a step of size a leads to (1 - 2a) x.
const bowl = new Probe(linearRun({ weight: [[0, 0]], bias: [0], classes: null, curvature: 2 }));
const refinement = { steps: 3, stepSize: 0.25, std: 0 };

describe("scores of f(x) = -‖x‖²", () => {
  test("are what calculus says", async () => {
    const names = ["px", "pxgrad", "refine", "refinegrad", "refinel2"] as const;
    const scores = await scoresOf(bowl, rowsOf(array([[3, 4]])), names, { refinement });
    const shrunk = 0.5 ** 3;
    const expected = {
      px: -25,
      pxgrad: -10,
      refine: -25 + 25 * shrunk ** 2,
      refinegrad: 10 * shrunk - 10,
      refinel2: -5 * (1 - shrunk),
    };
    for (const name of names) expect(scores[name]![0], name).toBeCloseTo(expected[name], 4);
  });

  test("do not depend on how rows fall into batches, and noise on the seed alone", async () => {
    const x = new Rng(3).normal([bowl.batchSize + 3, 2]);
    const options = { refinement: { ...refinement, std: 0.1 }, seed: 5 };
    const all = await scoresOf(bowl, rowsOf(x), ["px", "refine"], options);
    const again = await scoresOf(bowl, rowsOf(x), ["px", "refine"], options);
    expect(again).toEqual(all);
    const last = await scoresOf(bowl, rowsOf(x).subset([bowl.batchSize + 2]), ["px"], options);
    expect(last.px![0]).toBe(all.px![bowl.batchSize + 2]);
  });
});

test("py is the largest probability", async () => {
  const two = new Probe(
    linearRun({
      weight: [
        [1, 0],
        [0, 0],
      ],
      bias: [0, 0],
      classes: 2,
    }),
  );
  const { py } = await scoresOf(
    two,
    rowsOf(
      array([
        [2, 0],
        [-1, 0],
      ]),
    ),
    ["py"],
    { refinement },
  );
  expect(py![0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  expect(py![1]).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
});

test("outliers by every score, with intervals that contain the estimate", async () => {
  const rng = new Rng(4);
  const data = { name: "data", split: rowsOf(rng.normal([150, 2])) };
  const far = { name: "far", split: rowsOf(rng.normal([120, 2], 3)) };
  const same = { name: "same", split: rowsOf(rng.normal([120, 2])) };
  const scores = SCORE_NAMES.filter((name) => !OF_CLASSES.includes(name));
  const seen: string[] = [];
  const { report, table } = await detectOutliers(bowl, data, [far, same], {
    scores,
    refinement,
    resamples: 100,
    onProgress: (set) => seen.push(set),
  });
  expect(seen).toEqual(["data", "far", "same"]);
  expect([...table.keys()]).toEqual(seen);
  expect(report.against.map(({ name, examples }) => [name, examples])).toEqual([
    ["far", 120],
    ["same", 120],
  ]);
  for (const score of scores) {
    const [apart, alike] = report.against.map((set) => set.scores[score]!.auroc);
    expect(apart!.value, score).toBeGreaterThan(0.95);
    expect(alike!.low, score).toBeLessThan(0.5);
    expect(alike!.high, score).toBeGreaterThan(0.5);
    expect(apart!.low).toBeLessThanOrEqual(apart!.value);
    expect(apart!.high).toBeGreaterThanOrEqual(apart!.value);
  }
});

test("scores that are not numbers are named", async () => {
  const data = { name: "data", split: rowsOf(new Rng(0).normal([10, 2])) };
  const options = { scores: ["refine"] as const, refinement: { steps: 200, stepSize: 100, std: 0 } };
  await expect(detectOutliers(bowl, data, [data], options)).rejects.toThrow(/score refine of data is not a number/);
});

describe("inputs that are made", () => {
  const event = [1, 2, 2];

  test("rows are the same however they are asked for", () => {
    const noise = uniformNoise(50, event, { low: [-1], high: [1] }, 9);
    const all = noise.x(Int32Array.from({ length: 50 }, (_, i) => i)).data;
    expect(noise.subset([7, 3]).x([1]).data).toEqual(all.slice(12, 16));
    expect(Math.min(...all)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...all)).toBeLessThan(1);
    expect(new Set(all).size).toBeGreaterThan(195);
    expect(() => noise.x([50])).toThrow(RangeError);
  });

  test("constants run from black to white", () => {
    const { data } = constants(3, event, { low: [-1], high: [1] }).x([0, 1, 2]);
    expect([...data]).toEqual([-1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1, 1]);
    const table = constants(2, [2], { low: [0, 10], high: [1, 20] }).x([0, 1]);
    expect([...table.data]).toEqual([0, 10, 1, 20]);
  });

  test("interpolations are means of two different rows, and use each row twice", () => {
    const split = rowsOf(array([[1], [10], [100], [1000]]));
    const { data, shape } = interpolations(split, [1]).x([0, 1, 2, 3]);
    expect(shape).toEqual([4, 1]);
    expect(Array.from(data).reduce((a, b) => a + b, 0)).toBe(1111);
    for (const v of data) expect([5.5, 50.5, 55, 500.5, 505, 550]).toContain(v);
    expect(interpolations(split.subset([0]), [1]).size).toBe(0);
  });

  test("grey pictures in three channels, colours as their luminance", () => {
    const grey = withChannels(rowsOf(array([0.1, 0.2], [1, 1, 1, 2])), [1, 1, 2], 3).x([0]);
    expect(grey.shape).toEqual([1, 3, 1, 2]);
    expect([...grey.data]).toEqual([...new Float32Array([0.1, 0.2, 0.1, 0.2, 0.1, 0.2])]);
    const colour = withChannels(rowsOf(array([1, 0.5, -1], [1, 3, 1, 1])), [3, 1, 1], 1).x([0]);
    expect(colour.data[0]).toBeCloseTo(0.299 + 0.587 / 2 - 0.114, 6);
  });
});
