/** Predictions of whole splits, after refinement by SGLD where asked for. */
import type { Split } from "../data/index.js";
import type { Rng } from "../runtime/index.js";
import { FIXED } from "../runtime/streams.js";
import type { Predictions } from "../train/evaluator.js";
import { batchesOf, type OnProgress, type Probe, type Refinement } from "./probe.js";

export interface PredictionOptions {
  /** Inputs are first moved by SGLD on f, as JEM does to undo perturbations. */
  readonly refinement?: Refinement | undefined;
  /** Of its noise. Default: the same at every call. */
  readonly rng?: Rng;
  readonly onProgress?: OnProgress | undefined;
}

/** f `[N]` and logits `[N, K]` of a split's rows. */
export async function predictions(
  probe: Probe,
  split: Split,
  { refinement, rng = FIXED.for("noise before predictions"), onProgress }: PredictionOptions = {},
): Promise<Predictions> {
  const { classes } = probe.run.model;
  const logDensity = new Float32Array(split.size);
  const logits = classes === null ? null : new Float32Array(split.size * classes);
  let done = 0;
  for (const x of batchesOf(split, probe.batchSize)) {
    const refined = refinement === undefined ? x : await probe.refine(x, refinement, rng);
    const found = await probe.predict(refined);
    logDensity.set(found.logDensity, done);
    logits?.set(found.logits!, done * classes!);
    done += x.shape[0]!;
    onProgress?.(done, split.size);
  }
  return { logDensity, logits };
}
