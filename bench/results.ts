/**
 * The README's tables of results: trains plans of bench/results by `vera sweep`, and prints what the test splits say, in Markdown.
 *
 *   npm run results                                    all plans
 *   npm run results -- digits my-plan.yaml             these alone
 *   npm run results -- --data-root DIR --jobs 1        as in `vera train` and `vera sweep`
 *   npm run results -- --limit 2000                    AUROC by so many examples of each set, drawn at random
 *   npm run results -- --table                         train nothing: what runs/results holds
 *
 * Runs are kept in runs/results/PLAN; what is finished is not repeated. Elsewhere they are trained by
 * `mpirun -n 8 vera sweep bench/results/PLAN.yaml --out runs/results/PLAN`, or as jobs of Slurm's.
 */
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { allRows } from "../src/data/dataset.js";
import { isToy, toyDataset } from "../src/data/sets/toy.js";
import { writeAtomic } from "../src/files/index.js";
import { checkedJson } from "../src/files/read-back.js";
import type { TrainConfig } from "../src/runs/index.js";
import { engineOf } from "../src/runs/setup/engine.js";
import { setDefaultEngine } from "../src/runtime/index.js";
import { type Member, readPlan } from "../src/sweep/plan.js";
import { resultsOf, type Values } from "../src/sweep/results.js";
import { classifiersTable, planeTable, type Shown } from "./results-tables.js";
import { tellApart, USUAL } from "./tell-apart.js";
import { toyEntropy } from "./toy-entropy.js";

const PLANS = fileURLToPath(new URL("results", import.meta.url));
const MAIN = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "data-root": { type: "string" },
    jobs: { type: "string" },
    limit: { type: "string" },
    out: { type: "string", default: "runs/results" },
    table: { type: "boolean", default: false },
  },
});
if (flags["data-root"] !== undefined) process.env.VERA_DATA = flags["data-root"]; // of those that are trained, too
const limit = flags.limit === undefined ? null : Number(flags.limit);

/** Trains what is not yet trained; returns the code of `vera sweep`. Its own table goes where messages go. */
async function sweep(file: string, out: string): Promise<number> {
  const jobs = flags.jobs === undefined ? [] : ["--jobs", flags.jobs];
  const child = spawn(process.execPath, [...process.execArgv, MAIN, "sweep", file, "--out", out, ...jobs], {
    stdio: ["ignore", process.stderr, "inherit"],
  });
  const leave = () => {}; // Ctrl-C reaches it as well, and it ends in good order
  process.on("SIGINT", leave);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  process.off("SIGINT", leave);
  return code ?? 1;
}

const FAILED = 1; // some of its runs; others are there

const MEASURED = v.object({
  /** Examples of each set at most; null for all. */
  limit: v.nullable(v.number()),
  /** AUROC of the test split against a set by a score: `px uniform`. */
  auroc: v.record(v.string(), v.number()),
});

/** What is measured beside what the run says of itself, once: `auroc.json` in its folder, to be removed for another time. */
async function measured({ config }: Member): Promise<Values> {
  if (config.dataset !== null && isToy(config.dataset)) return { true_density: await entropy(config.dataset) };
  if (config.dataKind !== "image") return {};
  const file = join(config.saveDir, "auroc.json");
  const text = await readFile(file, "utf8").catch(() => null);
  const saved = text === null ? null : checkedJson(MEASURED, text, (problem) => new Error(`${file}: ${problem}`));
  if (saved !== null && saved.limit === limit) return saved.auroc;
  const auroc = await told(config);
  await writeAtomic(file, `${JSON.stringify({ limit, auroc } satisfies v.InferOutput<typeof MEASURED>, null, 1)}\n`);
  return auroc;
}

async function told(config: TrainConfig): Promise<Values> {
  setDefaultEngine(engineOf({ provider: "cpu", threads: config.threads }));
  const { auroc } = await tellApart(config.saveDir, {
    ...(limit !== null && { limit }),
    scores: config.mode === "clf-only" ? ["px", ...USUAL] : ["px"],
  });
  const all = [...auroc].flatMap(([set, of]) => Object.entries(of).map(([score, area]) => [`${score} ${set}`, area]));
  return Object.fromEntries(all);
}

/** The negative log-likelihood of the test split under the density that it was drawn from. */
async function entropy(dataset: string): Promise<number> {
  if (!isToy(dataset)) throw new Error(`${dataset} is no density in the plane`);
  const { test } = (await toyDataset(dataset)).splits;
  return toyEntropy(dataset, test.x(allRows(test.size)).data).entropy;
}

const own = (await readdir(PLANS)).filter((name) => name.endsWith(".yaml")).map((name) => basename(name, ".yaml"));
const plans = (positionals.length > 0 ? positionals : own).map((name) =>
  own.includes(name) ? join(PLANS, `${name}.yaml`) : name,
);
const rows: Shown[] = [];
for (const file of plans) {
  const out = join(flags.out, basename(file, extname(file)));
  const plan = await readPlan(file, out);
  if (!flags.table) {
    const code = await sweep(file, out);
    if (code > FAILED) process.exit(code);
    process.exitCode = Math.max(code, Number(process.exitCode ?? 0));
  }
  const { rows: found } = await resultsOf(plan, [], { failed: new Map(), leftAt: new Map() }, measured);
  for (const row of found.filter(({ seeds }) => seeds > 0)) {
    const { config } = plan.members.find(({ variant }) => variant === row.variant)!;
    rows.push({ ...row, config });
  }
}
const isPlane = ({ config }: Shown) => config.dataKind === "toy";
for (const [part, table] of [
  [rows.filter(isPlane), planeTable],
  [rows.filter((row) => !isPlane(row)), classifiersTable],
] as const)
  if (part.length > 0) console.log(`${table(part)}\n`);
