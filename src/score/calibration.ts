/**
 * What the validation split teaches about a trained model without training it: the temperature of its probabilities, and how low
 * log p(x) falls on data. Kept with the run in `calibration.json`, for scoring and export.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import * as v from "valibot";
import { DataError, type Dataset, hashFile, labelled, type Split } from "../data/index.js";
import { checked, type Entries, finite, positive, type Schema, whole } from "../files/read-back.js";
import * as m from "../metrics/index.js";
import { keptAt, type TrainedRun } from "../runs/index.js";
import { keptLogDensity } from "../runs/setup/fits.js";
import { runData } from "./inputs.js";
import { keepWith } from "./kept.js";
import { predictions } from "./predictions.js";
import type { OnProgress, Probe } from "./probe.js";

const CALIBRATION_FILE = "calibration.json";

/** Which f(x) the numbers are of: raised when the same weights come to have another one. A file of another number is made again. */
export const DENSITY_VERSION = 2;

/** The content of `calibration.json`. */
export interface Calibration {
  readonly densityVersion: number;
  /** What was calibrated: the file below the run's checkpoints, and its content. */
  readonly checkpoint: { readonly file: string; readonly iteration: number; readonly sha256: string };
  /** On what: the validation split, which the model was not trained on. */
  readonly data: { readonly name: string; readonly fingerprint: string; readonly validationExamples: number };
  /** T of p(y|x) = softmax(logits / T); null where the model has no classes, or the split no labels. */
  readonly temperature: number | null;
  /** f of these examples, ascending: at most 1,000 quantiles. */
  readonly heldout: readonly number[];
  /** By falling rates: an input whose f(x) is below the threshold is taken for out of distribution. */
  readonly oodThresholds: readonly OodThreshold[];
}

export interface OodThreshold {
  /** Of data like the validation split, at most this share is flagged (metrics/detection.ts, alarmThreshold). */
  readonly falseAlarmRate: number;
  /** On f(x) = `logDensity`, unnormalised; null where there are too few validation examples for that rate. */
  readonly logDensity: number | null;
}

/** Rates whose thresholds are always stored. */
export const FALSE_ALARM_RATES: readonly number[] = [0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001];

/**
 * Calibrates on the validation split. @param dataset the run's; null for a model that was calibrated as it was fitted: its held-out f is its own.
 * @param rates further false-alarm rates.
 */
export async function calibrate(
  probe: Probe,
  dataset: Dataset | null,
  rates: readonly number[] = [],
  onProgress?: OnProgress,
): Promise<Calibration> {
  const { run } = probe;
  const kept = keptLogDensity(run.config, run.variables);
  const found = dataset && (await predictions(probe, dataset.splits.validation, { onProgress }));
  const logDensity = kept ?? found?.logDensity ?? new Float32Array(0);
  const { name, fingerprint } = run.info.data;
  const finite = logDensity.every(Number.isFinite);
  const every = [...new Set([...FALSE_ALARM_RATES, ...rates])].sort((a, b) => b - a);
  return {
    densityVersion: DENSITY_VERSION,
    checkpoint: await identify(run),
    data: { name, fingerprint, validationExamples: logDensity.length },
    heldout: summaryOf(logDensity),
    temperature: found?.logits ? temperatureOf(found.logits, dataset!.splits.validation, probe) : null,
    oodThresholds: every.map((falseAlarmRate) => {
      const threshold = finite ? m.alarmThreshold(logDensity, falseAlarmRate) : Number.NEGATIVE_INFINITY;
      return { falseAlarmRate, logDensity: Number.isFinite(threshold) ? threshold : null };
    }),
  };
}

/** At most so many quantiles tell how likely rows like the training rows are. */
const QUANTILES = 1000;

const ascends = (values: number[]): boolean => values.every((x, i) => i === 0 || values[i - 1]! <= x);

function summaryOf(logDensity: Float32Array): number[] {
  const sorted = Array.from(logDensity)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  if (sorted.length <= QUANTILES) return sorted;
  return Array.from({ length: QUANTILES }, (_, i) => sorted[Math.round((i / (QUANTILES - 1)) * (sorted.length - 1))]!);
}

/** Null where no row has a label. */
function temperatureOf(logits: Float32Array, split: Split, { run }: Probe): number | null {
  const rows = labelled(split);
  if (rows.length === 0) return null;
  const classes = run.model.classes!;
  const known = new Float32Array(rows.length * classes);
  rows.forEach((row, i) => {
    known.set(logits.subarray(row * classes, (row + 1) * classes), i * classes);
  });
  return m.fitTemperature(
    known,
    rows.map((row) => split.y![row]!),
    classes,
    m.TEMPERATURE_SPREAD,
  );
}

async function identify({ checkpoint, iteration }: TrainedRun): Promise<Calibration["checkpoint"]> {
  return { file: basename(checkpoint), iteration, sha256: await hashFile(checkpoint, "sha256") };
}

/** Stores a calibration with its model, if that can be done. */
export const keepCalibration = (run: TrainedRun, made: Calibration, onNote: (text: string) => void = () => {}) => {
  const content = `${JSON.stringify(made, null, 2)}\n`;
  const isOurs = (there: Uint8Array) => v.is(OF, jsonOf(new TextDecoder().decode(there)));
  return keepWith(run, CALIBRATION_FILE, { content, isOurs }, (why) => onNote(`calibration ${why}`));
};

const CALIBRATION: Schema<Calibration> = v.object({
  densityVersion: v.literal(DENSITY_VERSION),
  checkpoint: v.object({ file: v.string(), iteration: whole(), sha256: v.string() }),
  data: v.object({ name: v.string(), fingerprint: v.string(), validationExamples: whole() }),
  temperature: v.nullable(positive()),
  heldout: v.pipe(v.array(finite()), v.maxLength(QUANTILES), v.check(ascends, "numbers must ascend")),
  oodThresholds: v.array(
    v.object({
      falseAlarmRate: v.pipe(positive(), v.ltValue(1)),
      logDensity: v.nullable(finite()),
    } satisfies Entries<OodThreshold>),
  ),
} satisfies Entries<Calibration>);

/** Null where it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What a file must say to be of a checkpoint at all. Before it told versions, it was of the first. */
const OF = v.object({ checkpoint: v.object({ sha256: v.string() }), densityVersion: v.optional(v.number(), 1) });

/**
 * The stored calibration of exactly this checkpoint; null where there is none, or what is there is of another, or of another f.
 * @throws DataError where it is of this checkpoint, and not as it was written
 */
export async function readCalibration(run: TrainedRun): Promise<Calibration | null> {
  const file = keptAt(run, CALIBRATION_FILE);
  const content = jsonOf(await readFile(file, "utf8").catch(() => ""));
  const { sha256 } = await identify(run);
  const of = v.safeParse(OF, content);
  if (!of.success || of.output.checkpoint.sha256 !== sha256) return null;
  if (of.output.densityVersion !== DENSITY_VERSION) return null;
  return checked(
    CALIBRATION,
    content,
    (problem) => new DataError(file, problem, "remove the file: it is made again from the validation data"),
  );
}

/** Its rows held out served as it was fitted: there is no validation split, and no need for the data. */
const calibratesItself = ({ config }: TrainedRun): boolean => config.architecture === "table-ensemble";

/**
 * The stored calibration; made where there is none for this checkpoint, or it lacks the rate, and stored if that can be done: else `onNote` is told.
 * @throws DataError where it must be made and the run's data is not there.
 */
export async function calibrationFor(
  probe: Probe,
  rate: number,
  options: {
    readonly dataRoot?: string;
    readonly onProgress?: OnProgress;
    readonly onNote?: (text: string) => void;
  } = {},
): Promise<Calibration> {
  const stored = await readCalibration(probe.run);
  if (stored !== null && thresholdAt(stored, rate) !== undefined) return stored;
  const dataset = calibratesItself(probe.run) ? null : await runData(probe.run, options);
  if (probe.run.info.imported)
    options.onNote?.(
      "calibrated on validation data that the original may have learned from: thresholds may be too high",
    );
  const rates = [rate, ...(stored?.oodThresholds.map((t) => t.falseAlarmRate) ?? [])];
  const made = await calibrate(probe, dataset, rates, options.onProgress);
  await keepCalibration(probe.run, made, options.onNote);
  return made;
}

/** The threshold on f at a rate; null where it cannot be, undefined where it was not made. */
export const thresholdAt = ({ oodThresholds }: Calibration, rate: number): number | null | undefined =>
  oodThresholds.find((t) => t.falseAlarmRate === rate)?.logDensity;

/** What scoring takes of a calibration (score.ts); a threshold of null where there are too few examples for the rate. */
export const operatingPoint = (calibration: Calibration, rate: number) => ({
  threshold: thresholdAt(calibration, rate) ?? null,
  heldout: calibration.heldout,
  ...(calibration.temperature !== null && { temperature: calibration.temperature }),
});
