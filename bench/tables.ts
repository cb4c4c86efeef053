/**
 * Tables, as a user would call it: `vera train --csv` and `vera score`, beside scikit-learn's detectors and classifiers.
 *
 *   npm run bench:tables -- FOLDER                 all .npz files: X [n, d], y [n], 1 for anomalies (ADBench's layout)
 *   npm run bench:tables -- FOLDER glass wine      those whose names contain one of these
 *   npm run bench:tables -- a.csv:LABEL b.csv.gz:LABEL …   tables with classes, 70 : 30; --few 10: so many labels a class
 *     --seeds 3             splits and fits, 1 … 3                --unsupervised      anomalies among the training rows
 *     --train-args "…"      further arguments of `vera train`     --out runs/tables   where splits, runs and results.jsonl go
 *     --python python3      with scikit-learn; "none" to do without
 *
 * Prints a table in Markdown: means over sets, the spread over seeds, mean ranks, flags, and time.
 * Results are appended to results.jsonl as they come, and what is there is not repeated.
 */
import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readdir, readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { type ClassesOutcome, classification } from "./tables/classes.js";
import { type Outcome, outlierDetection, type Protocol } from "./tables/outliers.js";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "3" },
    unsupervised: { type: "boolean", default: false },
    few: { type: "string", default: "0" },
    "train-args": { type: "string", default: "" },
    out: { type: "string", default: "runs/tables" },
    python: { type: "string", default: "python3" },
  },
});
const RESULTS = "results.jsonl";
const python = usable(flags.python) ? flags.python : null;
const trainArgs = flags["train-args"].split(" ").filter((arg) => arg !== "");
const seeds = Array.from({ length: Number(flags.seeds) }, (_, i) => i + 1);
if (positionals.length === 0) throw new Error("npm run bench:tables -- FOLDER [SET …], or FILE.csv:LABEL …");
const labelled = positionals.map((p) => /^(.+\.csv(?:\.gz)?):(.+)$/.exec(p));
if (labelled[0]) await classes(labelled.map((match) => [match![1]!, match![2]!]));
else await outliers(positionals[0]!, positionals.slice(1));

async function outliers(source: string, wanted: readonly string[]): Promise<void> {
  const folder = join(flags.out, flags.unsupervised ? "unsupervised" : "one-class");
  const protocol: Protocol = { unsupervised: flags.unsupervised, trainArgs, python, folder };
  const done = await kept<Outcome>(folder);
  const names = (await readdir(source)).filter((name) => name.endsWith(".npz")).map((name) => name.slice(0, -4));
  const sets = names.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part))).sort();
  const chosen: Outcome[] = [];
  for (const set of sets) {
    for (const seed of seeds) {
      let outcome = done.find((o) => o.set === set && o.seed === seed);
      if (outcome === undefined) {
        outcome = await outlierDetection(join(source, `${set}.npz`), set, seed, protocol);
        await appendFile(join(folder, RESULTS), `${JSON.stringify(outcome)}\n`);
        console.error(`${set}, seed ${seed}: ${outcome.auroc.vera!.toFixed(3)}, ${outcome.seconds.toFixed(1)} s`);
      }
      chosen.push(outcome);
    }
  }
  report(sets, chosen);
}

async function classes(files: readonly (readonly [path: string, label: string])[]): Promise<void> {
  const few = Number(flags.few);
  const folder = join(flags.out, few === 0 ? "classes" : `classes-${few}`);
  const done = await kept<ClassesOutcome>(folder);
  const chosen: ClassesOutcome[] = [];
  for (const [path, label] of files) {
    for (const seed of seeds) {
      let outcome = done.find((o) => basename(path).startsWith(`${o.table}.`) && o.seed === seed);
      if (outcome === undefined) {
        outcome = await classification(path, label, seed, { few, trainArgs, python, folder });
        await appendFile(join(folder, RESULTS), `${JSON.stringify(outcome)}\n`);
        console.error(`${outcome.table}, seed ${seed}: ${outcome.scores.vera!.map((v) => v.toFixed(3)).join(" / ")}`);
      }
      chosen.push(outcome);
    }
  }
  const methods = [...new Set(chosen.flatMap((o) => Object.keys(o.scores)))];
  const tables = [...new Set(chosen.map((o) => o.table))];
  const mean = (of: readonly ClassesOutcome[], method: string) =>
    [0, 1, 2].map((k) => of.reduce((a, o) => a + (o.scores[method]?.[k] ?? Number.NaN), 0) / of.length);
  const cells = (of: readonly ClassesOutcome[]) =>
    methods
      .map((m) =>
        mean(of, m)
          .map((v) => v.toFixed(3))
          .join(" / "),
      )
      .join(" | ");
  console.log(`| accuracy / NLL / ECE | ${methods.join(" | ")} |\n|---|${"--:|".repeat(methods.length)}`);
  for (const table of tables) console.log(`| ${table} | ${cells(chosen.filter((o) => o.table === table))} |`);
  console.log(`| **mean of ${tables.length}** | ${cells(chosen)} |`);
  const bySeed = seeds.map((seed) => chosen.filter((o) => o.seed === seed));
  for (const method of methods.filter((m) => m !== "vera")) {
    const gains = bySeed.map((of) => mean(of, "vera")[0]! - mean(of, method)[0]!);
    const gain = gains.reduce((a, b) => a + b, 0) / gains.length;
    const error = Math.sqrt(
      gains.reduce((a, b) => a + (b - gain) ** 2, 0) / Math.max(1, gains.length - 1) / gains.length,
    );
    console.log(
      `\naccuracy over ${method}: ${gain.toFixed(4)}${gains.length > 1 ? ` ± ${error.toFixed(4)} (standard error over seeds)` : ""}`,
    );
  }
  console.log(
    `\ntraining: at most ${Math.max(...chosen.map((o) => o.seconds)).toFixed(1)} s, one thread of ${machine()}`,
  );
}

/** What an earlier call measured. */
async function kept<T>(folder: string): Promise<T[]> {
  await mkdir(folder, { recursive: true });
  const text = await readFile(join(folder, RESULTS), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

function usable(python: string): boolean {
  try {
    execFileSync(python, ["-c", "import sklearn"], { stdio: "ignore" });
    return true;
  } catch {
    if (python !== "none") console.error(`${python} has no scikit-learn: no baselines`);
    return false;
  }
}

function report(sets: readonly string[], outcomes: readonly Outcome[]): void {
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
      `one thread of ${machine()}`,
  );
}

function machine(): string {
  return `${cpus()[0]?.model ?? "?"}; commit ${commit()}`;
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
