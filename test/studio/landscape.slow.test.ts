/** Landscapes: of two dimensions the whole plane at each checkpoint, of more a plane through what was chosen. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { handlers } from "../../src/studio/models/handlers.js";
import { digitsRun, planeRun, tableRun } from "./tiny-runs.js";

let folder: string;
let [plane, table, digits] = ["", "", ""];
const asked = handlers();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-landscape-"));
  plane = await planeRun(folder);
  table = await tableRun(folder);
  digits = await digitsRun(folder, 20);
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test("of two dimensions log p is normalised, with data, samples and chains, at each checkpoint", async () => {
  const last = await asked.landscape({ run: plane, checkpoint: null, plane: "principal" });
  expect(last.checkpoints.map(({ name }) => name)).toEqual(["iteration-0000030", "iteration-0000060", "best", "last"]);
  expect(last).toMatchObject({ plane: "whole", checkpoint: "best", iteration: 60, side: 100, normalised: true });
  expect(last.logDensity).toHaveLength(10_000);
  const { x, y, data, samples, chains } = last;
  expect([x.title, y.title]).toEqual(["x", "y"]);
  const cell = ((x.max - x.min) * (y.max - y.min)) / 10_000;
  const mass = last.logDensity.reduce<number>((sum, v) => sum + Math.exp(v ?? Number.NEGATIVE_INFINITY) * cell, 0);
  expect(mass).toBeGreaterThan(0.3);
  expect(mass).toBeLessThan(1.01);
  expect(data.length).toBe(500);
  expect(samples!.length).toBe(500);
  expect(chains!.length).toBe(81);
  expect(chains![0]).toHaveLength(16);
  const before = await asked.landscape({ run: plane, checkpoint: "iteration-0000030", plane: "principal" });
  expect(before).toMatchObject({ iteration: 30, x, y });
  expect(before.logDensity).not.toEqual(last.logDensity);
  await expect(asked.landscape({ run: plane, checkpoint: "../../x", plane: "principal" })).rejects.toThrow(
    "no checkpoint",
  );
});

test("of pictures it is a plane: along principal directions, or through three of them", async () => {
  const found = await asked.landscape({ run: digits, checkpoint: null, plane: "principal" });
  expect(found).toMatchObject({ plane: "principal", side: 64, normalised: false, examples: null });
  expect(found.x.title).toMatch(/^principal direction 1 \(\d+ % of the variance\)$/);
  const { rows } = await asked.examples({ run: digits });
  expect(rows[0]!.picture).toMatch(/^data:image\/png/);
  const through = await asked.landscape({ run: digits, checkpoint: null, plane: [0, 5, 9] });
  expect(through.examples![0]).toEqual([0, 0]);
  expect(through.examples![1]![1]).toBeCloseTo(0, 4);
  await expect(asked.landscape({ run: digits, checkpoint: null, plane: [0, 0, 9] })).rejects.toThrow("on a line");
});

test("of a table without a generator there are neither samples nor chains", async () => {
  const found = await asked.landscape({ run: table, checkpoint: null, plane: "principal" });
  expect(found).toMatchObject({ samples: null, chains: null, acceptance: null });
  expect(found.notes.join()).toContain("no generator");
  expect((await asked.examples({ run: table })).rows[0]!.text).toMatch(/^length -?\d/);
});
