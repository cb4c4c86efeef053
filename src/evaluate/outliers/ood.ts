/** Detection of inputs that are not like the training data. */
import type { Split } from "../../data/index.js";
import * as m from "../../metrics/index.js";
import { type Rng, streams } from "../../runtime/index.js";
import type { Inputs } from "../../score/inputs.js";
import type { OnProgress, Probe, Refinement } from "../../score/probe.js";
import type { ClassGaussians } from "./class-gaussians.js";
import { type ScoreName, scoresOf } from "./scores.js";

/**
 * A measure and its 95 % bootstrap interval, widened to hold the measure: resamples repeat examples, which lifts average precision
 * where it is close to its least.
 */
export interface Estimate extends m.Interval {
  readonly value: number;
}

/** How well one score tells data from one set. In distribution is positive. */
export type DetectionReport = { readonly [K in keyof m.Detection]: Estimate };

export interface OodReport {
  /** Examples in distribution. */
  readonly examples: number;
  /** Of the refinement scores. */
  readonly refinement: Refinement;
  readonly against: readonly {
    readonly name: string;
    readonly examples: number;
    readonly scores: Readonly<Partial<Record<ScoreName, DetectionReport>>>;
  }[];
}

/** Scores by set, the data first, for histograms and ROC curves. */
export type ScoreTable = ReadonlyMap<string, Readonly<Record<string, Float32Array>>>;

export interface OodOptions {
  readonly scores: readonly ScoreName[];
  readonly refinement: Refinement;
  /** Of the score mahalanobis. */
  readonly gaussians?: ClassGaussians | null;
  /** Of the bootstrap. Default 500. */
  readonly resamples?: number;
  readonly seed?: number;
  /** Called with the set being scored. */
  readonly onProgress?: ((set: string, ...progress: Parameters<OnProgress>) => void) | undefined;
}

/**
 * Scores the data and each other set, and measures how far they lie apart.
 * @throws RangeError naming set and score where a score is not a number: a model that diverged, or steps that are too long.
 */
export async function detectOutliers(
  probe: Probe,
  data: Inputs,
  against: readonly Inputs[],
  { scores, refinement, gaussians = null, resamples = 500, seed = 0, onProgress }: OodOptions,
): Promise<{ readonly report: OodReport; readonly table: ScoreTable }> {
  const own = streams(seed);
  const table = new Map<string, Record<string, Float32Array>>();
  const score = async (name: string, split: Split) => {
    const found = await scoresOf(probe, split, scores, {
      refinement,
      gaussians,
      rng: own.for(`refinement of ${name}`),
      onProgress: (done, total) => onProgress?.(name, done, total),
    });
    for (const [kind, values] of Object.entries(found)) {
      if (values.some(Number.isNaN))
        throw new RangeError(`the score ${kind} of ${name} is not a number: are the SGLD steps too long?`);
    }
    table.set(name, found);
    return found;
  };
  const inside = await score(data.name, data.split);
  const sets: OodReport["against"][number][] = [];
  for (const { name, split } of against) {
    const outside = await score(name, split);
    const measured = scores.map((kind) => {
      const rng = own.for(`bootstrap of ${kind} against ${name}`);
      return [kind, estimate(inside[kind]!, outside[kind]!, resamples, rng)];
    });
    sets.push({ name, examples: split.size, scores: Object.fromEntries(measured) });
  }
  return { report: { examples: data.split.size, refinement, against: sets }, table };
}

/** Measures with intervals: both sets are resampled. */
function estimate(inside: Float32Array, outside: Float32Array, resamples: number, rng: Rng): DetectionReport {
  const ranking = new m.Ranking(inside, outside);
  const values = ranking.detection();
  const intervals = m.bootstrap<keyof m.Detection>(ranking.strata, (w) => ({ ...ranking.detection(w) }), {
    resamples,
    rng,
  });
  const names = Object.keys(values) as (keyof m.Detection)[];
  return Object.fromEntries(names.map((k) => [k, around(values[k], intervals[k])])) as DetectionReport;
}

const around = (value: number, { low, high }: m.Interval): Estimate => ({
  value,
  low: Math.min(low, value),
  high: Math.max(high, value),
});
