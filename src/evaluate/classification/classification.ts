/** How good a classifier is, and whether its probabilities mean what they say. */
import { DataError, labelled, type Split } from "../../data/index.js";
import * as m from "../../metrics/index.js";
import { streams } from "../../runtime/index.js";
import { type PredictionOptions, predictions } from "../../score/predictions.js";
import type { Probe, Refinement } from "../../score/probe.js";
import { comparePeople, type PeopleReport } from "./people.js";

/** Figures of merit of predicted probabilities. */
export interface ClassifierMeasures extends m.ClassifierScores {
  /** Expected calibration error over 15 bins of equal counts. */
  readonly adaptiveEce: number;
  /** Of the second of two classes; of more, the mean of each class against the rest. */
  readonly auroc: number;
}

export interface ClassificationReport {
  /** Examples with a label. */
  readonly examples: number;
  readonly classes: readonly string[];
  /** SGLD on the inputs before they are classified; null for none. */
  readonly refinement: Refinement | null;
  readonly measures: ClassifierMeasures;
  /** With logits divided by the temperature; null without one. */
  readonly calibrated: { readonly temperature: number; readonly measures: ClassifierMeasures } | null;
  /** AUROC of each class against the rest; null where the split has none or only examples of it. */
  readonly classAurocs: readonly (number | null)[];
  /** Rows are true classes, columns predicted ones. */
  readonly confusion: readonly (readonly number[])[];
  /** Against the people's labels; null without them. */
  readonly people: PeopleReport | null;
}

export interface ClassificationOptions extends Omit<PredictionOptions, "rng"> {
  /** Default 0. */
  readonly seed?: number;
  /** Fits a temperature on this split, refined like the other. */
  readonly calibrateOn?: Split | null;
  /** How people label the split's rows: distributions `[N, K]` (people.ts). */
  readonly people?: Float64Array | null;
}

/** @throws DataError where no row has a class. TypeError where the model has none. */
export async function classify(
  probe: Probe,
  split: Split,
  { calibrateOn = null, people = null, seed = 0, ...options }: ClassificationOptions = {},
): Promise<ClassificationReport> {
  const classes = probe.run.model.classes;
  if (classes === null) throw new TypeError("the model has no classes");
  const own = streams(seed);
  const rng = own.for("noise before classification");
  const { logits, y, rows } = await labelledPredictions(probe, split, { ...options, rng });
  if (y.length === 0) throw new DataError(probe.run.info.data.name, "no example with a class to compare with");
  const silent = { ...options, rng: own.for("noise before calibration"), onProgress: undefined };
  const held = calibrateOn && (await labelledPredictions(probe, calibrateOn, silent));
  const temperature =
    held === null || held.y.length === 0 ? null : m.fitTemperature(held.logits, held.y, classes, m.TEMPERATURE_SPREAD);
  const p = m.softmaxRows(logits, classes);
  const tempered = temperature === null ? null : m.softmaxRows(logits, classes, temperature);
  const counts = m.confusionCounts(p, y, classes);
  return {
    examples: y.length,
    classes: probe.run.info.data.classes ?? Array.from({ length: classes }, (_, k) => String(k)),
    refinement: options.refinement ?? null,
    measures: measure(p, y, classes),
    calibrated: tempered && { temperature: temperature!, measures: measure(tempered, y, classes) },
    classAurocs: Array.from(m.classAurocs(p, y, classes), (v) => (Number.isNaN(v) ? null : v)),
    confusion: Array.from({ length: classes }, (_, k) => Array.from(counts.subarray(k * classes, (k + 1) * classes))),
    people: people && comparePeople(rowsOf(people, rows, classes), y, classes, p, tempered),
  };
}

export const measure = (p: Float64Array, y: Int32Array, classes: number): ClassifierMeasures => ({
  ...m.classifierScores(p, y, classes),
  adaptiveEce: m.expectedCalibrationError(m.adaptiveReliability(p, y, classes)),
  auroc: m.classifierAuroc(p, y, classes),
});

/** Logits and classes of the rows whose class is known. */
async function labelledPredictions(probe: Probe, split: Split, options: PredictionOptions) {
  const rows = labelled(split);
  const known = rows.length === split.size ? split : split.subset(rows);
  const { logits } = await predictions(probe, known, options);
  return { logits: logits!, y: known.y ?? new Int32Array(0), rows };
}

/** Some rows of `[N, K]`. */
const rowsOf = (values: Float64Array, rows: Int32Array, classes: number): Float64Array =>
  Float64Array.from(
    { length: rows.length * classes },
    (_, i) => values[rows[Math.floor(i / classes)]! * classes + (i % classes)]!,
  );
