/** Scoring new inputs with a trained model: class, calibrated probability, log-density, and whether they are like its data. */
import * as m from "../metrics/index.js";
import { NdArray } from "../runtime/index.js";
import type { EncodeOptions } from "../tables/index.js";
import type { Reason } from "./explain.js";
import type { Probe } from "./probe.js";
import { type InputBatch, openInputs, type ScoreInputs } from "./score-inputs.js";

/** What the model says of one input. */
export interface Scored {
  /** Line of the file (the header is line 1), row where there are no lines, or path of the picture within the folder. */
  readonly at: number | string;
  /** The most probable class; null for models without classes. */
  readonly class: string | null;
  /** Its probability, at the temperature given. */
  readonly probability: number | null;
  /** Of all classes. */
  readonly probabilities: readonly number[] | null;
  /** f(x), the unnormalised log-density. */
  readonly logDensity: number;
  /** Share of held-out rows that are more likely (metrics/detection.ts); null where they are not given. */
  readonly surprise: number | null;
  /** f(x) is below the threshold; null without one. An f(x) that is not a number is below any. */
  readonly ood: boolean | null;
  /** Columns by how much they make the row unlikely (explain.ts); null where they were not asked for. */
  readonly why: readonly Reason[] | null;
  /** Values that were filled in or never seen. */
  readonly notes: readonly string[];
}

/** An input that could not be read. */
export interface Rejected {
  readonly at: number | string;
  readonly problem: string;
}

export interface ScoreOptions {
  /** Default 1: probabilities as the model gives them. */
  readonly temperature?: number;
  /** On f(x); null or absent for none. */
  readonly threshold?: number | null;
  /** f of held-out rows, ascending (`heldout` of a calibration): what surprise is measured by. */
  readonly heldout?: readonly number[];
  /** Reasons for each row `[B, …]`: `Explainer.explain`, for models of tables. */
  readonly explain?: (x: NdArray) => Promise<readonly (readonly Reason[])[]>;
  /** How a table is to be read where it does not tell. */
  readonly reading?: EncodeOptions;
}

/** What the model says of some inputs, column by column; of those with a problem without meaning. */
export interface ScoredBatch extends Omit<InputBatch, "x"> {
  /** Of K classes; null for models without classes. */
  readonly classes: readonly string[] | null;
  /** The most probable class's place `[count]`, and f64 probabilities `[count, K]`. */
  readonly best: Int32Array | null;
  readonly probabilities: Float64Array | null;
  /** f(x) `[count]`. */
  readonly logDensity: Float32Array;
  readonly surprise: Float64Array | null;
  readonly ood: readonly boolean[] | null;
  readonly why: readonly (readonly Reason[])[] | null;
}

/**
 * Scores a table (for models of tables and points), a folder of pictures or a single one (for models of images), in order. Inputs
 * are streamed: a batch of them is in memory.
 * @throws DataError where the path is not what the model takes, or columns are absent; a bad row is yielded as {@link Rejected}.
 */
export async function* score(
  probe: Probe,
  path: string,
  options: ScoreOptions = {},
): AsyncGenerator<Scored | Rejected> {
  const inputs = await openInputs(probe, path, options.reading);
  try {
    for await (const batch of scoreBatches(probe, inputs, options))
      for (let i = 0; i < batch.count; i++) yield inputOf(batch, i);
  } finally {
    await inputs.close();
  }
}

/** One input of a batch. */
export function inputOf(batch: ScoredBatch, i: number): Scored | Rejected {
  const at = batch.at[i]!;
  const problem = batch.problems.get(i);
  if (problem !== undefined) return { at, problem };
  const { classes, best, probabilities: p, logDensity, surprise: unlike, ood, why } = batch;
  const count = classes?.length ?? 0;
  return {
    at,
    class: best && classes![best[i]!]!,
    probability: p && p[i * count + best![i]!]!,
    probabilities: p && Array.from(p.subarray(i * count, (i + 1) * count)),
    logDensity: logDensity[i]!,
    surprise: unlike && unlike[i]!,
    ood: ood && ood[i]!,
    why: why && why[i]!,
    notes: notesOf(batch, i),
  };
}

const NONE: readonly string[] = [];

/** What there is to say of one input of a batch. */
export function notesOf({ notes, logDensity }: ScoredBatch, i: number): readonly string[] {
  const own = notes.get(i) ?? NONE;
  return Number.isFinite(logDensity[i]!) ? own : [...own, "the log-density is not a finite number"];
}

/** Scores inputs batch by batch. What was read before a file breaks off is scored all the same. */
export async function* scoreBatches(
  probe: Probe,
  inputs: ScoreInputs,
  options: ScoreOptions,
): AsyncGenerator<ScoredBatch> {
  for await (const batch of inputs.batches()) yield await scoreBatch(probe, batch, options);
}

/** In the place of predictions, where all inputs are bad. */
const nothing = (count: number, classes: number | null) => ({
  logDensity: new Float32Array(count),
  logits: classes === null ? null : new Float32Array(count * classes),
});

async function scoreBatch(
  probe: Probe,
  { x, ...batch }: InputBatch,
  { temperature = 1, threshold = null, heldout, explain }: ScoreOptions,
): Promise<ScoredBatch> {
  const { shape, classes: names } = probe.run.info.data;
  const width = shape.reduce((a, b) => a * b, 1);
  const { count, problems } = batch;
  const classes = probe.run.model.classes;
  const { logDensity, logits } =
    problems.size === count
      ? nothing(count, classes)
      : await probe.predict(new NdArray(x, [x.length / width, ...shape]));
  const p = logits && m.softmaxRows(logits.subarray(0, count * classes!), classes!, temperature);
  const f = logDensity.subarray(0, count);
  return {
    ...batch,
    classes: classes === null ? null : (names ?? Array.from({ length: classes }, (_, k) => String(k))),
    best: p && m.predictedClasses(p, classes!),
    probabilities: p,
    logDensity: f,
    surprise: heldout === undefined ? null : Float64Array.from(f, (v) => m.surprise(v, heldout)),
    ood: threshold === null ? null : Array.from(f, (v) => !(v >= threshold)),
    why: (await explain?.(new NdArray(x.subarray(0, count * width), [count, ...shape]))) ?? null,
  };
}
