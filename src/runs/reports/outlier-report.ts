/**
 * How well f tells rows of a table from rows that are odd, beside what needs no training: Mahalanobis' distance, and the distance to the
 * 5th nearest training row. All on the same rows, which the model has not learned from.
 */
import { basename } from "node:path";
import { allRows, DataError, type Dataset, type TablePreprocessing } from "../../data/index.js";
import { basedModel } from "../../ebm/index.js";
import * as m from "../../metrics/index.js";
import type { Variables } from "../../nn/index.js";
import { joinRows, type NdArray, type Rng, takeRows } from "../../runtime/index.js";
import { FIXED, shapesOnly, streams } from "../../runtime/streams.js";
import { encodeTable } from "../../tables/index.js";
import { type Detector, mahalanobis, nearestNeighbours } from "../../train/detectors.js";
import { Evaluator } from "../../train/evaluator.js";
import type { TrainConfig } from "../config/index.js";
import { fitBase } from "../setup/base.js";
import { movedOutwards, shuffledColumns, uniformRows } from "./odd-rows.js";
import { textTable } from "./text-table.js";

/** Rows tested at most, of the data and of each kind that is odd; and training rows that all that is compared learns from. */
const TESTED = 1000;
const TRAINING = 1500;
/** Share of the rows that stand apart where no split does. */
const APART = 0.3;
/** Of fewer rows an AUROC says nothing. */
const LEAST = 10;
/** Further behind than this, in AUROC, is worth a warning. */
const BEHIND = 0.02;

const DETECTORS = { f: "f", mahalanobis: "Mahalanobis", knn: "kNN" } as const;
type DetectorName = keyof typeof DETECTORS;

/** Odd rows by name, and what they are called. */
const ODD = {
  shuffled: "columns shuffled",
  outward2: "moved outwards, 2 times",
  outward16: "moved outwards, 16 times",
  uniform: "uniform noise",
} as const;

export interface OutlierComparison {
  readonly name: keyof typeof ODD | "given";
  /** For readers. */
  readonly title: string;
  /** Odd rows. */
  readonly examples: number;
  /** The probability that a row of the data scores above an odd one. */
  readonly auroc: Readonly<Record<DetectorName, number>>;
}

export interface OutlierReport {
  /** Rows of the data that were tested. */
  readonly examples: number;
  readonly against: readonly OutlierComparison[];
  /** f of uniform noise. */
  readonly uniform: Float32Array;
}

/** Odd rows that the user gave. */
export interface GivenRows {
  readonly name: string;
  /** As the model takes them `[N, D]`. */
  readonly rows: NdArray;
}

/** The rows of `--outliers`. @throws DataError where they are none of the table's, or there are none */
export async function givenOutliers({ outliers }: TrainConfig, { preprocessing }: Dataset): Promise<GivenRows[]> {
  if (outliers == null || preprocessing.kind !== "table") return []; // (runs of earlier versions have no such option)
  const { x } = await encodeTable(outliers, { ...preprocessing, label: null });
  if (x.shape[0] === 0) throw new DataError(outliers, "no rows");
  return [{ name: basename(outliers), rows: x }];
}

/**
 * f of a base measure fitted to the training rows alone, where the run's own was fitted to all rows: what validation and test rows are
 * judged by. Null where the run's model has not learned from these.
 */
export async function heldOutDensity(config: TrainConfig, { splits }: Dataset): Promise<Detector | null> {
  if (config.mode !== "base-only") return null;
  const base = await fitBase(
    config,
    [splits.train],
    streams(config.seed).for("base measure of training rows"),
    TRAINING,
  );
  if (base === null) return null;
  const model = basedModel({ base, network: null });
  return densityOf(new Evaluator(model), model.init(shapesOnly())); // without a network nothing is drawn
}

/** Where a run learns from all rows, a part of them stands apart for the comparison: its base measure is fitted anew without them. */
export function withRowsApart({ mode }: TrainConfig, dataset: Dataset): Dataset {
  const { train, validation, test } = dataset.splits;
  if (mode !== "base-only" || validation.size + test.size > 0) return dataset;
  const held = FIXED.for("rows apart").choose(train.size, Math.round(APART * train.size));
  const apart = new Set(held);
  const rest = allRows(train.size).filter((row) => !apart.has(row));
  return { ...dataset, splits: { train: train.subset(rest), validation, test: train.subset(held) } };
}

export const densityOf =
  (evaluator: Evaluator, variables: Variables<NdArray>): Detector =>
  async (rows) =>
    (await evaluator.array(variables, rows)).logDensity;

/** Null where there are too few rows held out, or the data is no table. */
export async function outlierReport(
  { splits, preprocessing }: Dataset,
  density: Detector,
  given: readonly GivenRows[],
): Promise<OutlierReport | null> {
  if (preprocessing.kind !== "table" || noOutlierReport(splits) !== null) return null;
  const { train, validation, test } = splits;
  const held = joinRows(...[validation, test].map((split) => split.x(allRows(split.size))));
  const data = sample(held, FIXED.for("rows tested"));
  const sets = [...oddRows(preprocessing, data), ...given.map(givenSet)];
  const all = joinRows(data, ...sets.map(({ rows }) => rows));
  const known = train.x(FIXED.for("training rows of detectors").choose(train.size, TRAINING));
  const scores = {
    f: await density(all),
    mahalanobis: await mahalanobis(known)(all),
    knn: await nearestNeighbours(known)(all),
  };
  const examples = data.shape[0]!;
  let uniform = new Float32Array();
  let end = examples;
  const against = sets.map(({ name, title, rows }): OutlierComparison => {
    const [from, to] = [end, end + rows.shape[0]!];
    end = to;
    if (name === "uniform") uniform = scores.f.slice(from, to);
    const auroc = (values: Float32Array) => {
      const comparable = values.map((v) => (Number.isNaN(v) ? Number.NEGATIVE_INFINITY : v)); // as where rows are flagged
      return m.auroc(comparable.subarray(0, examples), comparable.subarray(from, to));
    };
    const { f, mahalanobis, knn } = scores;
    return {
      name,
      title,
      examples: to - from,
      auroc: { f: auroc(f), mahalanobis: auroc(mahalanobis), knn: auroc(knn) },
    };
  });
  return { examples, against, uniform };
}

interface OddSet extends Pick<OutlierComparison, "name" | "title"> {
  readonly rows: NdArray;
}

function oddRows(table: TablePreprocessing, data: NdArray): OddSet[] {
  const made: Record<keyof typeof ODD, NdArray | null> = {
    shuffled: shuffledColumns(table, data, FIXED.for("columns shuffled")),
    outward2: movedOutwards(table, data, 2),
    outward16: movedOutwards(table, data, 16),
    uniform: uniformRows(table, data, FIXED.for("uniform noise over columns")),
  };
  const names = Object.keys(ODD) as (keyof typeof ODD)[];
  return names.flatMap((name) => (made[name] === null ? [] : [{ name, title: ODD[name], rows: made[name] }]));
}

const givenSet = ({ name, rows }: GivenRows): OddSet => ({
  name: "given",
  title: name,
  rows: sample(rows, FIXED.for("rows given")),
});

/** The AUROCs as metrics.jsonl has them: of f by the name alone, of others with theirs. */
export const outlierValues = ({ against }: OutlierReport): Record<string, number> =>
  Object.fromEntries(
    against.flatMap(({ name, auroc }) => [
      [`ood_auroc_${name}`, auroc.f],
      [`ood_auroc_${name}_mahalanobis`, auroc.mahalanobis],
      [`ood_auroc_${name}_knn`, auroc.knn],
    ]),
  );

/** A table to read. */
export function outlierTable({ against }: OutlierReport): string {
  const names = Object.keys(DETECTORS) as DetectorName[];
  const rows = against.map(({ title, auroc }) => [title, ...names.map((name) => auroc[name].toFixed(3))]);
  return textTable([["against", ...Object.values(DETECTORS)], ...rows]);
}

/** One line for each kind of odd rows that something simpler tells apart better. */
export function outlierWarnings({ against }: OutlierReport): string[] {
  return against.flatMap(({ title, auroc }) => {
    const best = auroc.knn >= auroc.mahalanobis ? "knn" : "mahalanobis";
    if (auroc[best] - auroc.f <= BEHIND) return [];
    const figures = `AUROC ${auroc[best].toFixed(3)}, f ${auroc.f.toFixed(3)}`;
    return [`${DETECTORS[best]} tells these apart better: ${title} (${figures})`];
  });
}

/** What training says of it. */
export const outlierMessages = (report: OutlierReport): string[] => [
  `AUROC of ${report.examples} rows held out against rows that are odd (1: told apart, 0.5: by chance)\n${outlierTable(report)}`,
  ...outlierWarnings(report).map((text) => `note: ${text}`),
];

/** Why there is no report of a table; null where there is one. */
export function noOutlierReport({ validation, test }: Dataset["splits"]): string | null {
  const held = validation.size + test.size;
  return held < LEAST ? `a comparison with odd rows takes ${LEAST} rows held out, and there are ${held}` : null;
}

function sample(rows: NdArray, rng: Rng): NdArray {
  const count = rows.shape[0]!;
  return count <= TESTED ? rows : takeRows(rows, rng.choose(count, TESTED));
}
