/** Training on digits in this worker, and what the model says of a drawing. */
import { compile, data, type ebm, metrics, NdArray, streams, type Tensor, train } from "../../../src/web.js";
import { CLASSES, type DigitsModel, digitsModel, NOISE_DIM } from "./model.js";
import { type Answer, PIXELS, type Progress, WHITE } from "./protocol.js";
import { fetchRows } from "./read.js";

/** Iterations between two reports. */
const EVERY = 25;
const SAMPLES = 20;
const EXAMPLES = 40;

export async function beginDigits(file: string, seed: number): Promise<DigitsRun> {
  const { pixels, labels } = await fetchRows(file);
  return new DigitsRun(await data.digitsDataset(pixels, labels), seed);
}

export class DigitsRun {
  private spent = 0;
  private readonly own: DigitsModel;
  private readonly evaluator: train.Evaluator;
  private readonly draw;
  private readonly z: NdArray;
  private temperature = 1;
  private heldout: number[] = [];

  constructor(
    private readonly set: data.Dataset,
    seed: number,
  ) {
    this.own = digitsModel(set, seed);
    const { model, generator } = this.own;
    this.evaluator = new train.Evaluator(model);
    this.z = streams(seed).for("shown digits of the playground").normal([SAMPLES, NOISE_DIM]);
    this.draw = compile(
      ({ params, state }: ebm.GeneratorVariables<Tensor>, z: Tensor) =>
        generator.mean({ params: params.g, state }, z, { mode: "eval" }).mean,
      { name: "digits_drawn" },
    );
  }

  /** Digits of the test split, to start from. */
  get examples(): number[][] {
    const { test } = this.set.splits;
    const x = test.x(Array.from({ length: Math.min(EXAMPLES, test.size) }, (_, i) => i));
    return Array.from({ length: x.shape[0]! }, (_, row) =>
      Array.from(x.data.subarray(row * PIXELS, (row + 1) * PIXELS), (v) => Math.round(((v + 1) / 2) * WHITE)),
    );
  }

  async advance(): Promise<void> {
    const start = performance.now();
    await this.own.trainer.advance(EVERY);
    this.spent += performance.now() - start;
  }

  /** How good it is, on digits that it has not trained on; calibrates by others. */
  async progress(): Promise<Progress> {
    const { validation, test } = this.set.splits;
    const variables = this.variables();
    const held = await this.evaluator.predictSplit(variables, validation);
    const known = Array.from(validation.y!);
    this.temperature = metrics.fitTemperature(held.logits!, known, CLASSES, metrics.TEMPERATURE_SPREAD);
    this.heldout = Array.from(held.logDensity).sort((a, b) => a - b);
    const { logits } = await this.evaluator.predictSplit(variables, test);
    const p = metrics.softmaxRows(logits!, CLASSES, this.temperature);
    const { accuracy, ece } = metrics.classifierScores(p, test.y!, CLASSES);
    const { generator } = this.own.trainer.averagedState;
    const drawn = await this.draw({ params: generator!.params, state: generator!.state }, this.z);
    return {
      iteration: this.own.trainer.iteration,
      accuracy,
      ece,
      temperature: this.temperature,
      heldout: this.heldout,
      samples: Float32Array.from(drawn.data),
      spent: this.spent,
    };
  }

  async answer(pixels: readonly number[]): Promise<Answer> {
    const x = new NdArray(
      Float32Array.from(pixels, (v) => (2 * v) / WHITE - 1),
      [1, 1, 8, 8],
    );
    const { logDensity, logits } = await this.evaluator.predict(this.variables(), x);
    return {
      probabilities: Array.from(metrics.softmaxRows(logits!, CLASSES, this.temperature)),
      logDensity: logDensity[0]!,
      surprise: metrics.surprise(logDensity[0]!, this.heldout),
    };
  }

  private variables() {
    const { params, state } = this.own.trainer.averagedState.energy;
    return { params, state };
  }
}
