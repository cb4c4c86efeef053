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
import type { ScoreName } from "../src/evaluate/outliers/scores.js";
import { PRESETS, resolveConfig, type TrainConfig } from "../src/runs/index.js";
import { engineOf } from "../src/runs/setup/engine.js";
import { setDefaultEngine } from "../src/runtime/index.js";
import { cell, markdown, meanOf } from "./markdown.js";
import { type Told, tellApart, USUAL } from "./tell-apart.js";

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

const OWN: readonly ScoreName[] = ["px", "py"];

/** What is measured of one run. */
interface Measured extends Told {
  readonly baseline: boolean;
}

const measure = async (path: string, baseline: boolean): Promise<Measured> => ({
  ...(await tellApart(path, {
    ...(root !== undefined && { dataRoot: root }),
    ...(flags.limit !== undefined && { limit: Number(flags.limit) }),
    against: flags.against,
    scores: baseline ? [...OWN, ...USUAL] : OWN,
  })),
  baseline,
});

/** Settings that change no result, but for rounding. */
const HARMLESS = ["dataRoot", "saveDir", "threads"] as const satisfies readonly (keyof TrainConfig)[];

/** What of a configuration decides on its results, but for the seed: the same text, the same row. */
const essence = (config: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(
    Object.entries(config)
      .filter(([name]) => ![...HARMLESS, "seed"].some((other) => other === name))
      .sort(),
  );

/** The preset that has these settings; else the name of the run's folder, without a seed at its end. */
function nameOf(path: string, config: TrainConfig): string {
  const same = (preset: string) => essence({ ...resolveConfig({ preset }) }) === essence({ ...config });
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
  const key = essence({ ...measured.config, baseline });
  const data = `${measured.data}, ${measured.examples.toLocaleString("en-US")} test examples`;
  const group = groups.get(key) ?? { name: nameOf(path, measured.config), data, runs: [] };
  group.runs.push(measured);
  groups.set(key, group);
}
for (const data of new Set([...groups.values()].map((group) => group.data)))
  console.log(`**${data}**\n\n${tables([...groups.values()].filter((group) => group.data === data))}\n`);
