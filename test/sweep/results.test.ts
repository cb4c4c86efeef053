import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Plan, readPlan } from "../../src/sweep/plan.js";
import { resultsOf } from "../../src/sweep/results.js";
import { csvOf, markdownOf } from "../../src/sweep/table.js";

let folder: string;
let plan: Plan;

/** Test lines of runs that were trained, by member. */
const ACCURACY: Readonly<Record<string, number>> = {
  "lr=0.1-seed1": 0.9,
  "lr=0.1-seed2": 0.8,
  "lr=0.2-seed1": 0.95,
  "lr=0.2-seed2": 0.87,
  "lr=0.3-seed1": 0.5,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-results-"));
  const file = join(folder, "sweep.yaml");
  await writeFile(
    file,
    "settings: { dataset: digits, clf-only: true }\ngrid: { lr: [0.1, 0.2, 0.3, 0.4] }\nseeds: [1, 2]\n",
  );
  plan = await readPlan(file, folder);
  for (const [name, accuracy] of Object.entries(ACCURACY)) {
    await mkdir(join(folder, name));
    const line = { iteration: 9, kind: "test", chosen_by: "last", accuracy };
    await writeFile(join(folder, name, "metrics.jsonl"), `${JSON.stringify(line)}\n`);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("mean ± deviation over seeds, and differences from the first with the same seed", async () => {
  const failed = new Map([[plan.members.find(({ name }) => name === "lr=0.3-seed2")!, "diverged"]]);
  const leftAt = new Map([[plan.variants[3]!, 100]]);
  const results = await resultsOf(plan, [], { failed, leftAt });
  const [first, second, third, fourth] = results.rows;
  expect(first!.cells.accuracy).toMatchObject({ difference: null });
  expect(first!.cells.accuracy!.mean).toBeCloseTo(0.85, 12);
  expect(first!.cells.accuracy!.deviation).toBeCloseTo(0.1 / Math.SQRT2, 12);
  // Pairs differ by 0.05 and 0.07.
  expect(second!.cells.accuracy!.difference!.mean).toBeCloseTo(0.06, 12);
  expect(second!.cells.accuracy!.difference!.error).toBeCloseTo(0.01, 12);
  expect(third).toMatchObject({ seeds: 1, missing: "1 failed" });
  expect(third!.cells.accuracy).toMatchObject({ mean: 0.5, deviation: null, difference: { error: null } });
  expect(fourth).toMatchObject({ seeds: 0, cells: {}, missing: "left after 100 iterations" });
  expect(markdownOf(results).split("\n")).toEqual([
    "| settings | seeds | accuracy |",
    "| --- | --: | --: |",
    "| lr=0.1 | 2 | 0.850 ± 0.071 |",
    "| lr=0.2 | 2 | 0.910 ± 0.057 (+0.060 ± 0.010) |",
    "| lr=0.3, 1 failed | 1 | 0.5000 (-0.4000) |",
    "| lr=0.4, left after 100 iterations | 0 | – |",
  ]);
  expect(csvOf(results).split("\n")[0]).toBe("settings,metric,seeds,mean,deviation,difference,difference_error");
  expect(csvOf(results).split("\n")).toHaveLength(5);
});

test("how long runs trained, without the time that they stood still, and what else was measured of them", async () => {
  const log = [
    { time: 1_000, iteration: null, text: "note: something" },
    { time: 2_000, iteration: 0, text: "trains to iteration 9", iterations: 9 },
    { time: 62_000, iteration: 5, text: "stopped", end: "stopped" },
    { time: 900_000, iteration: null, text: "note: something" },
    { time: 990_000, iteration: 5, text: "trains to iteration 9", iterations: 9 },
    { time: 1_020_000, iteration: 9, text: "done", end: "done" },
  ];
  await writeFile(join(folder, "lr=0.1-seed1", "log.jsonl"), log.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  const none = { failed: new Map(), leftAt: new Map() };
  const { metrics, rows } = await resultsOf(plan, [], none, async ({ seed }) => ({ twice: 2 * seed }));
  expect(metrics).toEqual(["accuracy", "minutes", "twice"]);
  expect(rows[0]!.cells.minutes).toMatchObject({ mean: 1.5, deviation: null });
  expect(rows[0]!.cells.twice).toMatchObject({ mean: 3 });
});
