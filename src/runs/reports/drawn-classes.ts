/** Which classes a generator draws, by the model's own p(y|x). */
import type { TrainState } from "../../ebm/index.js";
import type { NdArray, Releasable } from "../../runtime/index.js";
import { FIXED } from "../../runtime/streams.js";
import type { Evaluator } from "../../train/evaluator.js";
import { samplesToJudge } from "../../train/health.js";
import { energyVariables, meanProbabilities } from "../../train/report.js";
import type { Algorithm } from "../setup/algorithm.js";
import { GeneratorSampler } from "./figures.js";

/** Samples of one call. */
const CHUNK = 100;

export class DrawnClasses implements Releasable {
  private constructor(
    private readonly sampler: GeneratorSampler,
    private readonly evaluator: Evaluator,
    private readonly classes: number,
    /** Samples that are looked at: the same latent draws each time. */
    readonly count: number,
  ) {}

  /** Null where there is no generator, and for models without classes, or with more than can be told apart by some samples. */
  static of({ generator, model }: Algorithm, evaluator: Evaluator): DrawnClasses | null {
    if (generator === null || model.classes === null) return null;
    const count = samplesToJudge(model.classes);
    return count === null ? null : new DrawnClasses(new GeneratorSampler(generator), evaluator, model.classes, count);
  }

  release(): Promise<void> {
    return this.sampler.release();
  }

  /** Mean p(y|x) over the samples `[K]`. */
  async shares(state: TrainState<NdArray>): Promise<Float64Array> {
    const rng = FIXED.for("samples whose classes are looked at");
    const logits = new Float32Array(this.count * this.classes);
    for (let at = 0; at < this.count; at += CHUNK) {
      const chunk = Math.min(CHUNK, this.count - at);
      const x = await this.sampler.sample(state.generator!, chunk, rng);
      logits.set((await this.evaluator.array(energyVariables(state), x)).logits!, at * this.classes);
    }
    return meanProbabilities(logits, this.classes);
  }
}
