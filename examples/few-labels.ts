/**
 * A table of your own with few labels: trained on all rows and 10 labels of each class, then asked about new rows.
 *
 *     npx tsx examples/few-labels.ts [customers.csv label-column new-customers.csv]
 *
 * Without arguments it makes a table itself: two classes in interlocking half circles, stretched to five columns. It takes some
 * seconds, prints how often the new rows are classified rightly, and what becomes of one that is unlike all others. In a project of your
 * own, import from "vera-ebm".
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluation, Rng, train } from "../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "few-labels-"));

/** Rows of a made-up table, as CSV; the last column is the class. */
function table(rows: number, seed: number): string {
  const rng = new Rng(seed);
  const lines = Array.from({ length: rows }, () => {
    const [upper, t] = [rng.below(2) === 0, Math.PI * rng.random()];
    const [x, y] = upper ? [Math.cos(t), Math.sin(t)] : [1 - Math.cos(t), 0.5 - Math.sin(t)];
    const columns = [x + y, x - y, 2 * x, 3 * y, y - 2 * x].map((v) => (v + 0.1 * rng.gaussian()).toFixed(3));
    return [...columns, upper ? "upper" : "lower"].join();
  });
  return ["a,b,c,d,e,half", ...lines].join("\n");
}

/** Classes of the new rows, where they are known: by line. */
const truth = new Map<number | string, string>();
let [csv, label, fresh] = process.argv.slice(2);
if (csv === undefined || label === undefined || fresh === undefined) {
  [csv, label, fresh] = [join(folder, "table.csv"), "half", join(folder, "new.csv")];
  writeFileSync(csv, table(1500, 1));
  const rows = table(200, 2);
  writeFileSync(fresh, `${rows}\n9,9,-9,9,9,upper\n`);
  for (const [i, row] of rows.split("\n").entries()) truth.set(i + 1, row.split(",").at(-1)!);
}

const config = train.resolveConfig({ flags: { csv, label, labelsPerClass: 10, saveDir: join(folder, "run") } });
await train.train(config, { onMessage: console.log });

const probe = new evaluation.Probe(await train.loadRun(config.saveDir));
const calibration = await evaluation.calibrationFor(probe, 0.01); // of rows like the training data 1 % are flagged
const threshold = evaluation.thresholdAt(calibration, 0.01) ?? null;
let right = 0;
for await (const row of evaluation.score(probe, fresh, { temperature: calibration.temperature ?? 1, threshold })) {
  if ("problem" in row) console.log(`line ${row.at}: ${row.problem}`);
  else if (truth.get(row.at) === row.class) right++;
  if ("problem" in row) continue;
  if (row.ood) console.log(`line ${row.at}: unlike the training data (log-density ${row.logDensity.toFixed(1)})`);
  else if (Number(row.at) <= 5) console.log(`line ${row.at}: ${row.class}, ${(100 * row.probability!).toFixed(1)} %`);
}
if (truth.size > 0) console.log(`${right} of ${truth.size - 1} new rows are classified rightly`);
