/**
 * The tables of results on pictures: how well runs classify the whole test split, and tell it from other pictures, in Markdown.
 *
 *   npm run bench:pictures -- runs/mnist-1 runs/mnist-2 --baseline runs/mnist-clf-1 --against photos/ --data-root DIR
 *     --baseline RUN      plain classifiers, each a row as the runs are: also the best of maxlogit, odin and mahalanobis
 *     --against NAME|DIR  beside the other one of MNIST and Fashion-MNIST, SVHN where it is there, and what is made
 *     --limit N           examples of each set, drawn at random: to try it out
 *     --threads N         as in `vera eval`
 *
 * Runs of the same settings but for the seed are one row, mean ± standard deviation. Nothing is trained, and nothing written.
 */
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { dataRoot as defaultRoot, listDatasets } from "../src/data/index.js";
import { classify } from "../src/evaluate/classification/classification.js";
import { detectOutliers } from "../src/evaluate/outliers/ood.js";
import { prepareScores } from "../src/evaluate/outliers/prepare-scores.js";
import type { ScoreName } from "../src/evaluate/outliers/scores.js";
import { loadRun, PRESETS, resolveConfig, type TrainConfig } from "../src/runs/index.js";
import { engineOf } from "../src/runs/setup/engine.js";
import { setDefaultEngine, streams } from "../src/runtime/index.js";
import { type Inputs, limited, MADE_INPUTS, namedInputs, runData } from "../src/score/inputs.js";
import { Probe } from "../src/score/probe.js";
import { cell, markdown, meanOf } from "./markdown.js";
import { essence } from "./same-settings.js";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    baseline: { type: "string", multiple: true, default: [] },
    against: { type: "string", multiple: true, default: [] },
    "data-root": { type: "string" },
    limit: { type: "string" },
    threads: { type: "string" },
  },
});
const root = flags["data-root"];
const limit = flags.limit === undefined ? {} : { limit: Number(flags.limit) };
const SEED = 0;

/** Data sets that others are told from where they are there. */
const OTHERS = ["mnist", "fashion-mnist", "svhn"];
const OWN: readonly ScoreName[] = ["px", "py"];
/** Of a plain classifier, beside these: what one would take who has no density. */
const USUAL: readonly ScoreName[] = ["maxlogit", "odin", "mahalanobis"];

/** What is measured of one run. */
interface Measured {
  readonly config: TrainConfig;
  /** What it learned, and how many test examples there are. */
  readonly data: string;
  readonly baseline: boolean;
  /** Null without classes. */
  readonly classifier: { readonly accuracy: number; readonly ece: number; readonly nll: number } | null;
  /** AUROC of each score by set. */
  readonly auroc: ReadonlyMap<string, Readonly<Partial<Record<ScoreName, number>>>>;
}

async function measure(path: string, baseline: boolean): Promise<Measured> {
  const run = await loadRun(path);
  const probe = new Probe(run);
  const place = root === undefined ? {} : { dataRoot: root };
  const own = await runData(run, place);
  const rows = limited(
    own.splits.test,
    limit.limit ?? own.splits.test.size,
    streams(SEED).for("test rows that are measured"),
  );
  const test: Inputs = { name: own.name, split: rows, own: true };
  const report = probe.run.model.classes === null ? null : await classify(probe, rows);
  const there = listDatasets(root ?? run.config.dataRoot ?? defaultRoot()).filter(({ state }) => state === "ready");
  const digits = own.name.replace(/^stacked|-test10k$/g, "");
  const others = OTHERS.filter((name) => name !== digits && there.some((set) => set.name === name));
  const sets: Inputs[] = [];
  for (const name of [...others, ...flags.against, ...[...MADE_INPUTS].sort()])
    sets.push(await namedInputs(name, run, rows, { ...place, ...limit, seed: SEED }));
  const { scores, gaussians } = await prepareScores(probe, own, baseline ? [...OWN, ...USUAL] : OWN, SEED);
  const refinement = { steps: 0, stepSize: 1, std: 0 }; // no score here refines
  const { report: found } = await detectOutliers(probe, test, sets, {
    scores,
    gaussians,
    refinement,
    resamples: 1, // intervals are over seeds
    onProgress: (set, done, total) => done === total && console.error(`${path}: ${set}`),
  });
  return {
    config: run.config,
    data: `${own.name}, ${rows.size.toLocaleString("en-US")} test examples`,
    baseline,
    classifier: report && { accuracy: report.measures.accuracy, ece: report.measures.ece, nll: report.measures.nll },
    auroc: new Map(
      found.against.map(({ name, scores: of }) => [
        name,
        Object.fromEntries(Object.entries(of).map(([score, { auroc }]) => [score, auroc.value])),
      ]),
    ),
  };
}

/** The preset that has these settings; else the name of the run's folder, without a seed at its end. */
function nameOf(path: string, config: TrainConfig): string {
  const same = (preset: string) =>
    essence({ ...resolveConfig({ preset }) }, ["seed"]) === essence({ ...config }, ["seed"]);
  return `\`${Object.keys(PRESETS).find(same) ?? basename(path).replace(`-${config.seed}`, "")}\``;
}

interface Row {
  readonly name: string;
  readonly runs: readonly Measured[];
}

/** Mean ± deviation of the AUROCs of a score against a set. */
const aurocs = ({ runs }: Row, set: string, score: ScoreName): number[] =>
  runs.flatMap(({ auroc }) => auroc.get(set)?.[score] ?? []);

/** The best of the usual scores against a set, by its mean, and which it is. */
function best(row: Row, set: string): string {
  const found = USUAL.map((score) => ({ score, values: aurocs(row, set, score) })).filter(
    ({ values }) => values.length > 0,
  );
  const [first] = found.sort((a, b) => meanOf(b.values) - meanOf(a.values));
  return first === undefined ? "–" : `${cell(first.values, { digits: 3 })} (${first.score})`;
}

function tables(rows: readonly Row[]): string {
  const sets = [...new Set(rows.flatMap(({ runs }) => runs.flatMap(({ auroc }) => [...auroc.keys()])))];
  const measure = ({ runs }: Row, name: "accuracy" | "ece" | "nll", scale: number, digits: number) =>
    cell(
      runs.flatMap(({ classifier }) => classifier?.[name] ?? []),
      { scale, digits },
    );
  const classification = rows.map((row) => [
    row.name,
    String(row.runs.length),
    measure(row, "accuracy", 100, 2),
    measure(row, "ece", 100, 2),
    measure(row, "nll", 1, 3),
  ]);
  const detection = rows.flatMap((row) => [
    ...OWN.filter((score) => sets.some((set) => aurocs(row, set, score).length > 0)).map((score, i) => [
      i === 0 ? row.name : "",
      score,
      ...sets.map((set) => cell(aurocs(row, set, score), { digits: 3 })),
    ]),
    ...(row.runs.every(({ baseline }) => baseline)
      ? [["", "best of the usual", ...sets.map((set) => best(row, set))]]
      : []),
  ]);
  return [
    markdown([["preset", "runs", "accuracy, %", "ECE, %", "NLL, nats"], ...classification], 1),
    markdown([["AUROC against", "score", ...sets], ...detection], 2),
  ].join("\n\n");
}

if (positionals.length + flags.baseline.length === 0)
  throw new Error("npm run bench:pictures -- RUN … [--baseline RUN] [--against NAME|DIR] [--data-root DIR]");
setDefaultEngine(engineOf({ provider: "cpu", threads: flags.threads === undefined ? null : Number(flags.threads) }));

const groups = new Map<string, { name: string; data: string; runs: Measured[] }>();
for (const [path, baseline] of [
  ...positionals.map((path) => [path, false] as const),
  ...flags.baseline.map((path) => [path, true] as const),
]) {
  const measured = await measure(path, baseline);
  const key = essence({ ...measured.config, baseline }, ["seed"]);
  const group = groups.get(key) ?? { name: nameOf(path, measured.config), data: measured.data, runs: [] };
  group.runs.push(measured);
  groups.set(key, group);
}
for (const data of new Set([...groups.values()].map((group) => group.data)))
  console.log(`**${data}**\n\n${tables([...groups.values()].filter((group) => group.data === data))}\n`);
