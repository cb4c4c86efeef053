/**
 * Scores that shall be higher for data than for anything else (JEM, Grathwohl et al. 2020, section 5.3; the refinement scores are
 * those of the implementation of VERA). x' is where SGLD on f leads from x.
 */
import type { Split } from "../data/index.js";
import * as m from "../metrics/index.js";
import type { NdArray, Rng } from "../runtime/index.js";
import { FIXED } from "../runtime/streams.js";
import { batchesOf, type OnProgress, type Probe, type Refinement } from "./probe.js";

export const SCORES = {
  px: "f(x)",
  py: "max p(y|x)",
  pxgrad: "-‖∇f(x)‖",
  refine: "f(x) - f(x′)",
  refinegrad: "‖∇f(x′)‖ - ‖∇f(x)‖",
  refinel2: "-‖x - x′‖",
} as const;

export type ScoreName = keyof typeof SCORES;

export const SCORE_NAMES = Object.keys(SCORES) as readonly ScoreName[];

export interface ScoreOptions {
  /** Of the refinement scores. */
  readonly refinement: Refinement;
  /** Of their noise. Default: the same at every call. */
  readonly rng?: Rng;
  readonly onProgress?: OnProgress | undefined;
}

/** Scores of a split's rows by name, each `[N]`. */
export async function scoresOf(
  probe: Probe,
  split: Split,
  names: readonly ScoreName[],
  { refinement, rng = FIXED.for("noise of refinement scores"), onProgress }: ScoreOptions,
): Promise<Record<string, Float32Array>> {
  const all = Object.fromEntries(names.map((name) => [name, new Float32Array(split.size)]));
  let done = 0;
  for (const x of batchesOf(split, probe.batchSize)) {
    const batch = new BatchScores(probe, x, refinement, rng);
    for (const name of names) all[name]!.set(await batch[name](), done);
    done += x.shape[0]!;
    onProgress?.(done, split.size);
  }
  return all;
}

/** Scores of one batch; what several of them need is computed once. */
class BatchScores implements Record<ScoreName, () => Promise<Float32Array>> {
  private readonly predicted = once(() => this.probe.predict(this.x));
  private readonly gradientNorm = once(() => this.probe.gradientNorm(this.x));
  private readonly refined = once(() => this.probe.refine(this.x, this.refinement, this.rng));

  constructor(
    private readonly probe: Probe,
    private readonly x: NdArray,
    private readonly refinement: Refinement,
    private readonly rng: Rng,
  ) {}

  px = async () => (await this.predicted()).logDensity;

  py = async () => {
    const { logits } = await this.predicted();
    const classes = this.probe.run.model.classes!;
    const p = m.softmaxRows(logits!, classes);
    const best = m.predictedClasses(p, classes);
    return Float32Array.from(best, (k, i) => p[i * classes + k]!);
  };

  pxgrad = async () => (await this.gradientNorm()).map((v) => -v);

  refine = async () => {
    const { logDensity } = await this.probe.predict(await this.refined());
    return (await this.px()).map((v, i) => v - logDensity[i]!);
  };

  refinegrad = async () => {
    const after = await this.probe.gradientNorm(await this.refined());
    return (await this.gradientNorm()).map((v, i) => after[i]! - v);
  };

  refinel2 = async () => {
    const { data } = await this.refined();
    const width = this.x.size / this.x.shape[0]!;
    return Float32Array.from({ length: this.x.shape[0]! }, (_, i) => {
      let squares = 0;
      for (let j = i * width; j < (i + 1) * width; j++) squares += (this.x.data[j]! - data[j]!) ** 2;
      return -Math.sqrt(squares);
    });
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
