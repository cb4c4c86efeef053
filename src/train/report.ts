/** Evaluations of a run: what is measured on a split, and which checkpoint is best. */

import { allRows, type Dataset, pixelEnds, type Scaling, type Split } from "../data/web.js";
import type { TrainState } from "../ebm/index.js";
import * as m from "../metrics/index.js";
import type { Variables } from "../nn/index.js";
import type { NdArray } from "../runtime/index.js";
import type { Detector } from "./detectors.js";
import { type Evaluator, mean, planeDensity, scoresOfKnown, uniformNoise } from "./evaluator.js";

/** Measurements on one split. */
export interface Report {
  /** Numbers for metrics.jsonl (docs/metrics.md). */
  readonly values: Readonly<Record<string, number>>;
  readonly classifier: m.ClassifierScores | null;
  /** Share of the split that each class has by the model, mean p(y|x) `[K]`; null for models without classes. */
  readonly shares: Float64Array | null;
  /** f of the split's rows. */
  readonly logDensity: Float32Array;
}

/** The density model's variables in a state. */
export const energyVariables = ({ energy: { params, state } }: TrainState<NdArray>): Variables<NdArray> => ({
  params,
  state,
});

/**
 * Accuracy, calibration and likelihood on a split, as far as the model and the data have them. The likelihood is exact for
 * tractable models, and integrated over a grid for densities in the plane.
 * @param density f of a model that has not learned from the split; default the model's own
 */
export async function report(
  evaluator: Evaluator,
  variables: Variables<NdArray>,
  dataset: Dataset,
  split: Split,
  tractable: boolean,
  density: Detector | null = null,
): Promise<Report> {
  const { logDensity: own, logits } = await evaluator.split(variables, split);
  const logDensity = density === null ? own : await density(split.x(allRows(split.size)));
  const values: Record<string, number> = { f_mean: mean(logDensity) };
  let classifier: m.ClassifierScores | null = null;
  if (logits !== null && split.y !== null) {
    classifier = scoresOfKnown(logits, split.y, evaluator.model.classes!);
    const { bins: _, ...scores } = classifier;
    Object.assign(values, scores);
  }
  if (tractable) values.log_likelihood = values.f_mean!;
  else if (dataset.kind === "toy") {
    const { logPartition } = await planeDensity(evaluator, variables);
    values.log_partition = logPartition;
    values.log_likelihood = values.f_mean! - logPartition;
  }
  const shares = logits && split.size > 0 ? meanProbabilities(logits, evaluator.model.classes!) : null;
  return { values, classifier, shares, logDensity };
}

/** Mean p(y|x) `[K]` of logits `[N, K]`. */
export function meanProbabilities(logits: Float32Array, classes: number): Float64Array {
  const p = m.softmaxRows(logits, classes);
  const means = new Float64Array(classes);
  p.forEach((each, i) => {
    means[i % classes]! += (each * classes) / p.length;
  });
  return means;
}

/** How well f tells images from uniform noise over the range of pixels; of tables outlier-report.ts says it. */
export async function noiseDetection(
  evaluator: Evaluator,
  variables: Variables<NdArray>,
  shape: readonly number[],
  scaling: Scaling,
  logDensity: Float32Array,
): Promise<{ auroc: number; noise: Float32Array }> {
  const { logDensity: noise } = await evaluator.array(variables, uniformNoise(shape, pixelEnds(scaling)));
  return { auroc: m.auroc(logDensity, noise), noise };
}

/** The measurement that the best checkpoint is chosen by, always on the validation split; null where there is none. */
export function criterion(values: Readonly<Record<string, number>>): readonly [name: string, value: number] | null {
  for (const name of ["accuracy", "log_likelihood"]) if (values[name] !== undefined) return [name, values[name]];
  return null;
}
