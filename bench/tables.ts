/**
 * Outlier detection on tables, as a user would call it: `vera train --csv` and `vera score`, beside scikit-learn's detectors.
 *
 *   npm run bench:tables -- FOLDER                 all .npz files: X [n, d], y [n], 1 for anomalies (ADBench's layout)
 *   npm run bench:tables -- FOLDER glass wine      those whose names contain one of these
 *     --seeds 3             splits and fits, 1 … 3                --unsupervised      anomalies among the training rows
 *     --train-args "…"      further arguments of `vera train`     --out runs/tables   where splits, runs and results.jsonl go
 *     --python python3      with scikit-learn; "none" to do without
 *
 * Prints a table in Markdown: mean AUROC over sets with its standard error over them, the spread over seeds, mean ranks, flags, and time.
 * Results are appended to results.jsonl as they come, and what is there is not repeated.
 */
import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readdir, readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Outcome, outlierDetection, type Protocol } from "./tables/outliers.js";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "3" },
    unsupervised: { type: "boolean", default: false },
    "train-args": { type: "string", default: "" },
    out: { type: "string", default: "runs/tables" },
    python: { type: "string", default: "python3" },
  },
});
const [source, ...wanted] = positionals;
if (source === undefined) throw new Error("npm run bench:tables -- FOLDER [SET …]");

const folder = join(flags.out, flags.unsupervised ? "unsupervised" : "one-class");
const protocol: Protocol = {
  unsupervised: flags.unsupervised,
  trainArgs: flags["train-args"].split(" ").filter((arg) => arg !== ""),
  python: usable(flags.python) ? flags.python : null,
  folder,
};
const results = join(folder, "results.jsonl");
await mkdir(folder, { recursive: true });
const done: Outcome[] = (await readFile(results, "utf8").catch(() => ""))
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as Outcome);

const names = (await readdir(source)).filter((name) => name.endsWith(".npz")).map((name) => name.slice(0, -4));
const sets = names.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part))).sort();
const chosen: Outcome[] = [];
for (const set of sets) {
  for (let seed = 1; seed <= Number(flags.seeds); seed++) {
    let outcome = done.find((o) => o.set === set && o.seed === seed);
    if (outcome === undefined) {
      outcome = await outlierDetection(join(source, `${set}.npz`), set, seed, protocol);
      await appendFile(results, `${JSON.stringify(outcome)}\n`);
      console.error(`${set}, seed ${seed}: ${Number(outcome.auroc.vera).toFixed(3)}, ${outcome.seconds.toFixed(1)} s`);
    }
    chosen.push(outcome);
  }
}
report(chosen);

function usable(python: string): boolean {
  try {
    execFileSync(python, ["-c", "import sklearn"], { stdio: "ignore" });
    return true;
  } catch {
    if (python !== "none") console.error(`${python} has no scikit-learn: no baselines`);
    return false;
  }
}

function report(outcomes: readonly Outcome[]): void {
  const detectors = [...new Set(outcomes.flatMap((o) => Object.keys(o.auroc)))];
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = (values: readonly number[]) =>
    Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)) * (values.length / Math.max(1, values.length - 1)));
  const ofSet = (set: string) => outcomes.filter((o) => o.set === set);
  const bySet = (detector: string) =>
    sets.map((set) => mean(ofSet(set).flatMap((o) => (detector in o.auroc ? [o.auroc[detector]!] : []))));
  const overSeeds = (detector: string) => {
    const seeds = [...new Set(outcomes.map((o) => o.seed))];
    return deviation(seeds.map((s) => mean(outcomes.filter((o) => o.seed === s).map((o) => o.auroc[detector]!))));
  };
  const ranks = outcomes.map((o) => {
    const sorted = detectors.map((d) => o.auroc[d] ?? 0).sort((a, b) => b - a);
    return detectors.map((d) => {
      const value = o.auroc[d] ?? 0;
      return (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2 + 1;
    });
  });
  const three = (x: number) => (Number.isFinite(x) ? x.toFixed(3) : "–");
  console.log(`| | ${detectors.join(" | ")} |\n|---|${"--:|".repeat(detectors.length)}`);
  const row = (name: string, cell: (detector: string, index: number) => string) =>
    console.log(`| ${name} | ${detectors.map(cell).join(" | ")} |`);
  for (const set of sets) row(set, (d) => three(mean(ofSet(set).map((o) => o.auroc[d] ?? Number.NaN))));
  row(`**mean of ${sets.length}**`, (d) => `**${three(mean(bySet(d).filter(Number.isFinite)))}**`);
  row("± over seeds", (d) => three(overSeeds(d)));
  row("mean rank", (_, i) => mean(ranks.map((r) => r[i]!)).toFixed(2));
  const percent = (part: (o: Outcome) => number) => `${(100 * mean(outcomes.map(part))).toFixed(1)} %`;
  const most = Math.max(...outcomes.map((o) => o.passedFarOut));
  console.log(
    `\nflagged at a promised 5 %: ${percent((o) => o.falseAlarms)} of normal rows, ${percent((o) => o.detected)} of anomalies; ` +
      `not flagged 16 times further out: ${percent((o) => o.passedFarOut)}, at most ${(100 * most).toFixed(1)} %\n` +
      `training: ${mean(outcomes.map((o) => o.seconds)).toFixed(1)} s a set, at most ${Math.max(...outcomes.map((o) => o.seconds)).toFixed(1)} s, ` +
      `one thread of ${cpus()[0]?.model ?? "?"}; commit ${commit()}`,
  );
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
