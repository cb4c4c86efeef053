/**
 * The classifier of a user's table (ebm/ensemble), fitted in one phase before anything else: from all labels by two groups of networks that
 * each hold out an eighth of the rows, or from few labels by one group that learns a teacher's soft targets for all rows. Recipes are
 * the same for every table.
 */
import { categoriesOf, type Dataset, labelled, labelledSubset, type Split } from "../../data/index.js";
import {
  batchOf,
  type EnsembleTask,
  encodeMatrix,
  encodingBuffers,
  type FitHooks,
  type FittedClassifier,
  fitEncoding,
  fitEnsemble,
  type GroupPredictions,
  quantiles,
} from "../../ebm/index.js";
import * as m from "../../metrics/index.js";
import { full, integers, NdArray, type Rng, streams } from "../../runtime/index.js";
import { stratifiedFolds, teach } from "../../teacher/index.js";
import type { Report } from "../../train/report.js";
import type { TrainConfig, TrainResult } from "../config/index.js";
import { storedUnder } from "./base.js";

/** What is found out while a classifier is fitted. */
export interface Findings {
  /** Of each class: what probabilities return to far from the data. */
  readonly shares: readonly number[];
  /** Of rows held out, and how many of how many; null where none were. */
  readonly heldOut: { readonly rows: number; readonly of: number; readonly report: Report } | null;
  /** Null, or where the signal ended the fit. */
  readonly stopped: TrainResult | null;
}

export const isTableClassifier = ({ architecture }: Pick<TrainConfig, "architecture">): boolean =>
  architecture === "table-ensemble";

/** All labels: a group's dropout, the parts of the rows of which each group holds out its own, decay, and how long. */
const ALL = { dropout: [0.1, 0.3], folds: 8, weightDecay: 0.1, epochs: 40, least: 600, most: 8000 } as const;
/** Labels up to which, where most rows have none, a teacher makes use of these. */
const MOST_TAUGHT = 2000;

/** Whether a teacher speaks for the rows without a label: where few are asked for, and where a density is learned of rows most of which have none. */
export const isTaught = ({ labels, mode }: Pick<TrainConfig, "labels" | "mode">, train: Split): boolean => {
  const known = labelled(train).length;
  return (
    labels === "few" || (labels === "all" && mode !== "clf-only" && known <= MOST_TAUGHT && known < train.size / 2)
  );
};

/** Few labels: the rows that the teacher sees, the first of them labelled, and how long. */
const FEW = { dropout: 0.1, weightDecay: 0.01, rows: 8000, perStep: 8, least: 500, most: 1000 } as const;
/** Of the prior log T ~ N(0, spread²). */
const SPREAD = 0.25;
/** Quantiles of f kept for thresholds. */
const KEPT = 1000;

/** What is learned from: rows of the training split, and what they are to be. */
interface Lesson {
  readonly rows: Int32Array;
  readonly targets: NdArray;
  readonly shares: readonly number[];
  readonly groups: EnsembleTask["groups"];
  readonly steps: number;
  readonly weightDecay: number;
}

/** @param steps instead of the recipe's */
export async function fitClassifier(
  config: TrainConfig,
  dataset: Dataset,
  hooks: FitHooks = {},
  steps?: number,
): Promise<Findings & { readonly fitted: FittedClassifier }> {
  const classes = dataset.classes!.length;
  const rng = streams(config.seed).for("classifier of a table");
  const taught = isTaught(config, dataset.splits.train);
  const lesson = taught ? await fewLabels(config, dataset, rng) : allLabels(dataset, rng);
  const rows = dataset.splits.train.x(lesson.rows);
  const encoding = encodingBuffers(fitEncoding(rows, categoriesOf(dataset.preprocessing)));
  const task = {
    data: { x: await encodeMatrix(encoding, rows), targets: lesson.targets },
    classes,
    groups: lesson.groups,
    steps: steps ?? lesson.steps,
    weightDecay: lesson.weightDecay,
  };
  const { network, predictions, stopped } = await fitEnsemble(task, rng, hooks);
  const judgement = taught ? null : judged(predictions, lesson.targets, classes);
  const logDensity = Float32Array.from(predictions.flatMap((p) => Array.from(p.logDensity))).sort();
  return {
    fitted: {
      encoding,
      network,
      temperature: full([1], judgement?.temperature ?? 1),
      heldout: vector(quantiles(logDensity, KEPT)),
    },
    shares: lesson.shares,
    heldOut: judgement && {
      rows: logDensity.length,
      of: rows.shape[0]!,
      report: { values: judgement.values, classifier: judgement.classifier, shares: null, logDensity },
    },
    stopped: stopped && { iteration: stopped.step, iterations: stopped.steps },
  };
}

function allLabels({ splits: { train }, classes }: Dataset, rng: Rng): Lesson {
  const rows = labelled(train);
  const y = rows.map((row) => train.y![row]!);
  const fold = stratifiedFolds(y, ALL.folds, rng);
  const at = Int32Array.from(rows.keys());
  const groups = ALL.dropout.map((dropout, group) => ({
    rows: at.filter((i) => fold[i] !== group),
    heldOut: at.filter((i) => fold[i] === group),
    dropout,
  }));
  const steps = Math.floor((ALL.epochs * rows.length) / batchOf(groups));
  const shares = Array<number>(classes!.length).fill(0);
  for (const c of y) shares[c]!++;
  return {
    rows,
    targets: integers(y),
    shares,
    groups,
    steps: Math.min(ALL.most, Math.max(ALL.least, steps)),
    weightDecay: ALL.weightDecay,
  };
}

async function fewLabels(
  { labels: asked, labelsPerClass, seed }: TrainConfig,
  dataset: Dataset,
  rng: Rng,
): Promise<Lesson> {
  const { train } = dataset.splits;
  const classes = dataset.classes!.length;
  const few = asked === "few" ? labelledSubset(train.y!, classes, labelsPerClass, seed) : labelled(train);
  const known = new Set(few);
  const others = rng.permutation(train.size).filter((row) => !known.has(row));
  const rows = Int32Array.from([...few, ...others.subarray(0, Math.max(0, FEW.rows - few.length))]);
  const labels = rows.map((row) => (known.has(row) ? train.y![row]! : -1));
  const { targets } = await teach(train.x(rows), categoriesOf(dataset.preprocessing), labels, classes, rng);
  const shares = Array.from({ length: classes }, (_, c) =>
    rows.reduce((n, _row, i) => n + targets[i * classes + c]!, 0),
  );
  return {
    rows,
    targets: new NdArray(targets, [rows.length, classes]),
    shares,
    groups: [{ rows: Int32Array.from(rows.keys()), heldOut: new Int32Array(0), dropout: FEW.dropout }],
    steps: Math.min(FEW.most, Math.max(FEW.least, Math.floor(rows.length / FEW.perStep))),
    weightDecay: FEW.weightDecay,
  };
}

/**
 * How good predictions of rows held out are, and the temperature that makes them most likely. One that does not also make confidence meet
 * accuracy better is not used.
 */
function judged(predictions: readonly GroupPredictions[], targets: NdArray, classes: number) {
  const logits = Float32Array.from(predictions.flatMap((p) => Array.from(p.logProbability)));
  const y = Int32Array.from(predictions.flatMap((p) => Array.from(p.rows, (row) => targets.data[row]!)));
  const scoresAt = (t: number) => m.classifierScores(m.softmaxRows(logits, classes, t), y, classes);
  const found = m.fitTemperature(logits, y, classes, SPREAD);
  const [plain, tempered] = [scoresAt(1), scoresAt(found)];
  const better = tempered.ece <= plain.ece && tempered.nll <= plain.nll;
  const classifier = better ? tempered : plain;
  const { bins: _, ...values } = classifier;
  return { temperature: better ? found : 1, values, classifier };
}

const vector = (values: readonly number[]) => new NdArray(Float32Array.from(values), [values.length]);

/** The classifier as a checkpoint holds it. */
export const storedClassifier = (
  config: TrainConfig,
  tensors: ReadonlyMap<string, NdArray>,
): FittedClassifier | null =>
  isTableClassifier(config) ? (storedUnder("logp_net.classifier.", tensors) as FittedClassifier) : null;
