/**
 * The results table: trains presets, each with several seeds, and prints what their test splits say, in Markdown.
 *
 *   npm run results                                    all recipes
 *   npm run results -- quickstart toy-circles          these alone
 *   npm run results -- --seeds 1234 --seeds 1235       mean ± standard deviation over seeds
 *   npm run results -- --data-root DIR --threads 1     as in `vera train`
 *   npm run results -- --table                         train nothing: what runs/results holds
 *
 * Runs are kept in runs/results/RECIPE-SEED. One that is finished, with the settings that the preset has now, is not repeated.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { allRows } from "../src/data/dataset.js";
import { isToy, toyDataset } from "../src/data/sets/toy.js";
import { auroc } from "../src/metrics/index.js";
import { readMetrics } from "../src/runs/folder/metrics-file.js";
import { Evaluator, loadRun, readSavedConfig, resolveConfig, type TrainConfig, train } from "../src/runs/index.js";
import { loadData } from "../src/runs/setup/source.js";
import { namedInputs } from "../src/score/inputs.js";
import { cell, markdown, type Shown } from "./markdown.js";
import { RECIPES, type Recipe } from "./recipes.js";
import { essence } from "./same-settings.js";
import { toyEntropy } from "./toy-entropy.js";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", multiple: true, default: ["1234"] },
    "data-root": { type: "string" },
    threads: { type: "string" },
    out: { type: "string", default: "runs/results" },
    table: { type: "boolean", default: false },
  },
});

/** What this script measures beside the run's own metrics: result.json in the run's folder. */
interface Measured {
  /** For densities in the plane: the negative log-likelihood of the test split under the density that it was drawn from. */
  readonly entropy: number | null;
  /** Of the whole run, evaluation and figures included. */
  readonly seconds: number;
  readonly threads: number | "one per core";
  /** Of the test split against means of two of its images; null where inputs are no images. */
  readonly auroc_interp: number | null;
}

/** The numbers of one run. */
type Result = Measured & Readonly<Record<string, number | string | null>>;

const RESULT = "result.json";

function configOf({ preset, settings = {} }: Recipe, seed: number, saveDir: string): TrainConfig {
  const given = {
    ...(flags["data-root"] !== undefined && { dataRoot: flags["data-root"] }),
    ...(flags.threads !== undefined && { threads: Number(flags.threads) }),
  };
  return resolveConfig({ preset, flags: { ...settings, ...given, seed, saveDir } });
}

/** The result of a run that was finished with these settings; null where there is none. */
async function finished(config: TrainConfig): Promise<Result | null> {
  const saved = await readSavedConfig(config.saveDir).catch(() => null);
  if (saved === null || essence(saved) !== essence({ ...config })) return null;
  const measured = await readFile(join(config.saveDir, RESULT), "utf8").catch(() => null);
  const test = (await readMetrics(config.saveDir)).findLast(({ kind }) => kind === "test");
  return measured === null || test === undefined ? null : { ...test, ...(JSON.parse(measured) as Measured) };
}

async function measure(config: TrainConfig): Promise<void> {
  const start = performance.now();
  await train(config, { onMessage: (text) => console.error(`  ${text}`) }, { overwrite: true });
  const seconds = (performance.now() - start) / 1000;
  const measured: Measured = {
    entropy: await entropy(config),
    seconds,
    threads: config.threads ?? "one per core",
    auroc_interp: await interp(config),
  };
  await writeFile(join(config.saveDir, RESULT), `${JSON.stringify(measured, null, 2)}\n`);
}

async function entropy({ dataset }: TrainConfig): Promise<number | null> {
  if (dataset === null || !isToy(dataset)) return null;
  const { test } = (await toyDataset(dataset)).splits;
  return toyEntropy(dataset, test.x(allRows(test.size)).data).entropy;
}

async function interp(config: TrainConfig): Promise<number | null> {
  if (config.dataKind !== "image") return null;
  const run = await loadRun(config.saveDir);
  const { test } = (await loadData(config)).splits;
  const evaluator = new Evaluator(run.model);
  const { split } = await namedInputs("interp", run, test);
  const score = async (s: typeof test) => (await evaluator.split(run.variables, s)).logDensity;
  return auroc(await score(test), await score(split));
}

/** Of runs that have such a number. */
const shown = (results: readonly Result[], { name, ...how }: Column): string =>
  cell(
    results.map((r) => r[name]).filter((v) => typeof v === "number"),
    how,
  );

interface Column extends Shown {
  readonly title: string;
  readonly name: string;
}

const TIME: Column = { title: "minutes", name: "seconds", scale: 1 / 60, digits: 1, mean: true };
const PLANE: readonly Column[] = [
  { title: "test NLL, nats", name: "log_likelihood", scale: -1, digits: 3 },
  { title: "of the true density", name: "entropy", digits: 3, mean: true },
  TIME,
];
const LABELLED: readonly Column[] = [
  { title: "accuracy, %", name: "accuracy", scale: 100, digits: 1 },
  { title: "ECE, %", name: "ece", scale: 100, digits: 1 },
  { title: "NLL, nats", name: "nll", digits: 3 },
  { title: "AUROC against noise", name: "ood_auroc_uniform", digits: 3 },
  { title: "against interpolations", name: "auroc_interp", digits: 3 },
  TIME,
];

type Row = readonly [recipe: Recipe, results: readonly Result[]];

const table = (rows: readonly Row[], columns: readonly Column[]): string =>
  markdown(
    [
      ["preset", "", "runs", ...columns.map(({ title }) => title)],
      ...rows.map(([{ preset, note }, results]) => [
        `\`${preset}\``,
        note,
        String(results.length),
        ...columns.map((column) => shown(results, column)),
      ]),
    ],
    2,
  );

const unknown = positionals.find((name) => !RECIPES.some(({ preset }) => preset === name));
if (unknown !== undefined) throw new Error(`no recipe "${unknown}": ${RECIPES.map(({ preset }) => preset).join(", ")}`);

const rows: Row[] = [];
for (const recipe of RECIPES.filter(({ preset }) => positionals.length === 0 || positionals.includes(preset))) {
  const results: Result[] = [];
  for (const seed of flags.seeds.map(Number)) {
    const config = configOf(recipe, seed, join(flags.out, `${recipe.preset}-${seed}`));
    let result = await finished(config);
    if (result === null && !flags.table) {
      console.error(`${recipe.preset}, seed ${seed}`);
      await measure(config);
      result = await finished(config);
    }
    if (result !== null) results.push(result);
  }
  if (results.length > 0) rows.push([recipe, results]);
}
const isPlane = ([{ preset }]: Row) => preset.startsWith("toy-");
for (const [part, columns] of [
  [rows.filter(isPlane), PLANE],
  [rows.filter((row) => !isPlane(row)), LABELLED],
] as const) {
  if (part.length > 0) console.log(`${table(part, columns)}\n`);
}
