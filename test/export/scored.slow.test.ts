/** Exported models of many tables, of every kind of model, say what `vera score` says. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { expectAsScored, hardTable } from "./as-scored.js";
import { trainBriefly } from "./runs.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-scored-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const kinds: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  classifier: { label: "class", clfOnly: true },
  "classifier and density": { label: "class", jem: true },
  density: { ignore: ["class"] },
  "a network trained by VERA": { label: "class", jem: true, vera: true, noiseDim: 8 },
};
/** Every kind with columns of both sorts; tables of other forms with those that hold what the others hold. */
const tables = [
  { seed: 1, numeric: 5, categorical: 3, models: Object.keys(kinds) },
  { seed: 2, numeric: 21, categorical: 0, models: ["classifier and density", "a network trained by VERA"] },
  { seed: 3, numeric: 0, categorical: 4, models: ["classifier"] },
  { seed: 4, numeric: 1, categorical: 1, models: ["density", "a network trained by VERA"] },
];

describe.each(tables)("$numeric columns of numbers, $categorical of categories", ({ models, ...table }) => {
  test.each(models)("%s", async (name) => {
    const flags = kinds[name]!;
    const at = await mkdtemp(join(folder, "table-"));
    const rows = await hardTable(at, table);
    const run = await trainBriefly(join(at, "run"), { csv: join(at, "train.csv"), ...flags });
    const { f, p } = await expectAsScored(run, join(at, "new.csv"), rows);
    console.log(`${name}: f within ${f.toExponential(1)}, probabilities within ${p.toExponential(1)}`);
  });
});
