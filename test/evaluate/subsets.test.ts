/** Subsets of sorted data: drawn, so that every class is in them in proportion. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Dataset } from "../../src/data/index.js";
import { evaluateLikelihood } from "../../src/evaluate/likelihood/likelihood.js";
import { evaluateQuality } from "../../src/evaluate/quality/quality.js";
import { loadRun, resolveConfig, train } from "../../src/runs/index.js";
import { NdArray, Rng, streams, takeRows } from "../../src/runtime/index.js";
import { limited, someRows } from "../../src/score/inputs.js";
import { linearRun, rowsOf } from "../runs/linear-run.js";

/** Ten classes of 100 rows, sorted: row i has the value of its class. */
const sorted = rowsOf(
  new NdArray(
    Float32Array.from({ length: 1000 }, (_, i) => Math.floor(i / 100)),
    [1000, 1],
  ),
  Int32Array.from({ length: 1000 }, (_, i) => Math.floor(i / 100)),
);

describe("rows of a sorted split", () => {
  test("are of all classes, in their order, and the same for the same stream", () => {
    const draw = (seed: number) => someRows(sorted, 200, streams(seed).for("rows"));
    const values = Array.from(draw(1).data);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(2)).not.toEqual(draw(1));
    for (let k = 0; k < 10; k++) {
      // 20 each, with a standard deviation of √(200 · 0.1 · 0.9 · 0.8) = 3.8.
      expect(Math.abs(values.filter((v) => v === k).length - 20)).toBeLessThan(4.5 * 3.8);
    }
    const { y } = limited(sorted, 200, streams(1).for("rows"));
    expect(Array.from(y!)).toEqual(values);
  });

  test("are all where there are no more, and none of an empty split", () => {
    expect(limited(sorted, 1000, new Rng(1))).toBe(sorted);
    expect(someRows(sorted, 5000, new Rng(1)).data).toEqual(
      sorted.x(Int32Array.from({ length: 1000 }, (_, i) => i)).data,
    );
    expect(someRows(sorted.subset([]), 5, new Rng(1)).shape).toEqual([0, 1]);
  });

  test("of arrays of any shape", () => {
    const x = new NdArray(
      Float32Array.from({ length: 24 }, (_, i) => i),
      [3, 2, 4],
    );
    const { data, shape } = takeRows(x, Int32Array.of(2, 0));
    expect(shape).toEqual([2, 2, 4]);
    expect([data[0], data[8]]).toEqual([16, 0]);
  });
});

test("the likelihood of a sorted set is that of the set", async () => {
  // f(x) = x: its mean over the set is 4.5, over the first 200 rows 0.5.
  const run = { ...linearRun({ weight: [[1]], bias: [0], classes: null }), config: { density: "network" } as never };
  const splits = { train: sorted, validation: sorted.subset([]), test: sorted };
  const dataset = { name: "sorted", kind: "table", splits, sample: null } as unknown as Dataset;
  const {
    logPartition,
    train: a,
    test: b,
    other,
  } = await evaluateLikelihood(run, { dataset, examples: 200, other: sorted });
  for (const { mean, examples } of [a, b, other!]) {
    expect(examples).toBe(200);
    // Deviation of the values 2.87, of the mean of 200 of 1000 2.87 / √200 · √0.8 = 0.18.
    expect(Math.abs(mean + logPartition.value - 4.5)).toBeLessThan(4.5 * 0.18);
  }
  expect(a.mean).not.toBe(b.mean);
});

describe("the quality of samples, on a table sorted by its two clusters", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vera-subsets-"));
    const rng = new Rng(1);
    const rows = Array.from({ length: 600 }, (_, i) => `${rng.gaussian() + (i < 300 ? 0 : 50)},${rng.gaussian()}`);
    await writeFile(join(folder, "sorted.csv"), ["u,v", ...rows].join("\n"));
    const flags = { csv: join(folder, "sorted.csv"), base: "gaussian", plots: false, threads: 1 };
    await train(resolveConfig({ flags: { ...flags, saveDir: join(folder, "run") } }));
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("both clusters are on either side, of training rows and of samples given in order", async () => {
    // The data's own distribution in standardised columns, whose clusters lie at -1 and 1.
    const rng = new Rng(2);
    const given = Array.from({ length: 400 }, (_, i) => [(i < 200 ? -1 : 1) + 0.04 * rng.gaussian(), rng.gaussian()]);
    const samples = new NdArray(Float32Array.from(given.flat()), [400, 2]);
    const { count, ideal, samples: judged } = await evaluateQuality(await loadRun(join(folder, "run")), { samples });
    expect(count).toBe(120); // the test split
    // One cluster alone would have a recall of a half, and a Fréchet distance of 1 and more from the mean of one column.
    for (const { recall, precision, frechet } of [ideal, judged]) {
      expect(Math.min(recall, precision)).toBeGreaterThan(0.75);
      expect(frechet).toBeLessThan(0.3);
    }
  });
});
