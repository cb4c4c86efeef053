/** How well a finished run classifies the whole test split of its data, and tells it from other inputs: for the tables of results. */
import { dataRoot as defaultRoot, listDatasets } from "../src/data/index.js";
import { classify } from "../src/evaluate/classification/classification.js";
import { detectOutliers } from "../src/evaluate/outliers/ood.js";
import { prepareScores } from "../src/evaluate/outliers/prepare-scores.js";
import type { ScoreName } from "../src/evaluate/outliers/scores.js";
import type { TrainConfig } from "../src/runs/index.js";
import { loadRun } from "../src/runs/index.js";
import { streams } from "../src/runtime/index.js";
import { type Inputs, limited, MADE_INPUTS, namedInputs, runData } from "../src/score/inputs.js";
import { Probe } from "../src/score/probe.js";

/** Data sets that others are told from where they are there. */
const OTHERS = ["mnist", "fashion-mnist", "svhn"];
/** Of a plain classifier, beside f: what one would take who has no density. */
export const USUAL: readonly ScoreName[] = ["maxlogit", "odin", "mahalanobis"];

const SEED = 0;

export interface TellOptions {
  /** Folder of the data sets; default the run's own, else as `vera train` has it. */
  readonly dataRoot?: string;
  /** At most so many examples of each set, drawn at random. */
  readonly limit?: number;
  /** Names or folders, beside the other data sets that are there and what is made. */
  readonly against?: readonly string[];
  readonly scores: readonly ScoreName[];
}

export interface Told {
  readonly config: TrainConfig;
  /** What it learned. */
  readonly data: string;
  /** Examples of it that were looked at. */
  readonly examples: number;
  /** Null without classes. */
  readonly classifier: { readonly accuracy: number; readonly ece: number; readonly nll: number } | null;
  /** AUROC of each score by set. */
  readonly auroc: ReadonlyMap<string, Readonly<Partial<Record<ScoreName, number>>>>;
}

/** @param path of the run, for messages and to load it */
export async function tellApart(path: string, options: TellOptions): Promise<Told> {
  const { dataRoot, limit, against = [], scores: asked } = options;
  const run = await loadRun(path);
  const probe = new Probe(run);
  const place = { ...(dataRoot !== undefined && { dataRoot }), ...(limit !== undefined && { limit }) };
  const own = await runData(run, place);
  const { test } = own.splits;
  const rows = limited(test, limit ?? test.size, streams(SEED).for("test rows that are measured"));
  const inputs: Inputs = { name: own.name, split: rows, own: true };
  const report = probe.run.model.classes === null ? null : await classify(probe, rows);
  const there = listDatasets(dataRoot ?? run.config.dataRoot ?? defaultRoot()).filter(({ state }) => state === "ready");
  const base = own.name.replace(/^stacked|-test10k$/g, "");
  const others = OTHERS.filter((name) => name !== base && there.some((set) => set.name === name));
  const sets: Inputs[] = [];
  for (const name of [...others, ...against, ...[...MADE_INPUTS].sort()])
    sets.push(await namedInputs(name, run, rows, { ...place, seed: SEED }));
  const { scores, gaussians } = await prepareScores(probe, own, asked, SEED);
  const { report: found } = await detectOutliers(probe, inputs, sets, {
    scores,
    gaussians,
    refinement: { steps: 0, stepSize: 1, std: 0 }, // no score here refines
    resamples: 1, // intervals are over seeds
    onProgress: (set, done, total) => done === total && console.error(`${path}: ${set}`),
  });
  return {
    config: run.config,
    data: own.name,
    examples: rows.size,
    classifier: report && { accuracy: report.measures.accuracy, ece: report.measures.ece, nll: report.measures.nll },
    auroc: new Map(
      found.against.map(({ name, scores: of }) => [
        name,
        Object.fromEntries(Object.entries(of).map(([score, { auroc }]) => [score, auroc.value])),
      ]),
    ),
  };
}
