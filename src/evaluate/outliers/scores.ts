/**
 * Scores that shall be higher for data than for anything else (JEM, Grathwohl et al. 2020, section 5.3; the refinement scores are
 * those of the implementation of VERA; maxlogit, odin and mahalanobis what is done with a classifier alone). x' is where SGLD on f
 * leads from x.
 */
import type { Split } from "../../data/index.js";
import { pixelEnds } from "../../data/scaling.js";
import * as m from "../../metrics/index.js";
import type { NdArray, Rng } from "../../runtime/index.js";
import { FIXED } from "../../runtime/streams.js";
import { batchesOf, type OnProgress, type Probe, type Refinement } from "../../score/probe.js";
import type { Predictions } from "../../train/evaluator.js";
import type { ClassGaussians } from "./class-gaussians.js";

export const SCORES = {
  px: "f(x)",
  py: "max p(y|x)",
  pxgrad: "-‖∇f(x)‖",
  maxlogit: "max f(x)[y]",
  odin: "log K max p(y|x″) at temperature 1000",
  mahalanobis: "-min (h - μ_y)ᵀ Σ⁻¹ (h - μ_y)",
  refine: "f(x) - f(x′)",
  refinegrad: "‖∇f(x′)‖ - ‖∇f(x)‖",
  refinel2: "-‖x - x′‖",
} as const;

export type ScoreName = keyof typeof SCORES;

export const SCORE_NAMES = Object.keys(SCORES) as readonly ScoreName[];

/** Scores of models with classes alone. */
export const OF_CLASSES: readonly ScoreName[] = ["py", "maxlogit", "odin", "mahalanobis"];

/**
 * ODIN's temperature and step (Liang, Li & Srikant 2018, arXiv 1706.02690, eq. 1 to 3, and the step of the authors' program): the step as a
 * share of the pixels' range, or of a standard deviation of a table's columns. The paper chooses it on other data out of distribution; here
 * nothing is chosen.
 */
const ODIN = { temperature: 1000, step: 0.0014 } as const;

export interface ScoreOptions {
  /** Of the refinement scores. */
  readonly refinement: Refinement;
  /** Of mahalanobis: the classes' Gaussians (class-gaussians.ts). */
  readonly gaussians?: ClassGaussians | null;
  /** Of their noise. Default: the same at every call. */
  readonly rng?: Rng;
  readonly onProgress?: OnProgress | undefined;
}

/** Scores of a split's rows by name, each `[N]`. @throws TypeError for mahalanobis without Gaussians, and for scores of classes where there are none. */
export async function scoresOf(
  probe: Probe,
  split: Split,
  names: readonly ScoreName[],
  { refinement, gaussians = null, rng = FIXED.for("noise of refinement scores"), onProgress }: ScoreOptions,
): Promise<Record<string, Float32Array>> {
  const all = Object.fromEntries(names.map((name) => [name, new Float32Array(split.size)]));
  let done = 0;
  for (const x of batchesOf(split, probe.batchSize)) {
    const batch = new BatchScores(probe, x, refinement, gaussians, rng);
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
    private readonly gaussians: ClassGaussians | null,
    private readonly rng: Rng,
  ) {}

  px = async () => (await this.predicted()).logDensity;

  py = async () => this.largest(m.softmaxRows(this.logitsOf(await this.predicted()), this.classes));

  maxlogit = async () => this.largest(this.logitsOf(await this.predicted()));

  // As a logarithm, 0 where all classes are alike: at such a temperature p differs from 1 / K in its last digits only.
  odin = async () => {
    const { preprocessing } = this.probe.run.info.data;
    const [low, high] = preprocessing.kind === "image" ? pixelEnds(preprocessing.scaling) : [0, 1];
    const nudged = await this.probe.nudge(this.x, { ...ODIN, step: ODIN.step * (high - low) });
    const p = m.softmaxRows(this.logitsOf(await this.probe.predict(nudged)), this.classes, ODIN.temperature);
    return this.largest(p.map((v) => Math.log(v * this.classes)));
  };

  mahalanobis = async () => {
    if (this.gaussians === null) throw new TypeError("the score mahalanobis takes the classes' Gaussians");
    return this.gaussians.score(await this.probe.features(this.x));
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

  private get classes(): number {
    return this.probe.run.model.classes ?? 0;
  }

  private logitsOf({ logits }: Predictions): Float32Array {
    if (logits === null) throw new TypeError("the model has no classes");
    return logits;
  }

  /** Of each row's K numbers. */
  private largest(values: ArrayLike<number>): Float32Array {
    const { classes } = this;
    const best = m.predictedClasses(values, classes);
    return Float32Array.from(best, (k, i) => values[i * classes + k]!);
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
