/** The exported model of a table says what `vera score` says. Classifiers are in `scored.slow.test.ts`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { expectAsScored, hardTable } from "./as-scored.js";
import { trainBriefly } from "./runs.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-scored-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a density of numbers far from 0, categories and missing values", async () => {
  const rows = await hardTable(folder, { seed: 1, numeric: 5, categorical: 3 });
  const csv = join(folder, "train.csv");
  const run = await trainBriefly(join(folder, "run"), { csv, ignore: ["class"] });
  await expectAsScored(run, join(folder, "new.csv"), rows);
}, 60_000);
