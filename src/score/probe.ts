/** A trained model asked about inputs: f, logits, features, gradients, and where SGLD leads from them. */
import type { Split } from "../data/index.js";
import * as g from "../graph/index.js";
import { sizeOf, sqrt, square, sum, type Tensor } from "../graph/index.js";
import type { Variables } from "../nn/index.js";
import type { TrainedRun } from "../runs/index.js";
import { compile, NdArray, Programs, type Releasable, type Rng } from "../runtime/index.js";
import { type ChainRunner, compileChains, evaluate, type SgldInfo, type SgldState, sgld } from "../samplers/index.js";
import { Evaluator, type Predictions } from "../train/evaluator.js";
import { asInputs, examples } from "../train/try-out.js";

/** x ← x + stepSize ∇f(x) + std ξ, so many times (samplers/sgld.ts). */
export interface Refinement {
  readonly steps: number;
  readonly stepSize: number;
  readonly std: number;
}

/** x ← x + step · sign ∇ log max_y p_T(y|x), with p_T the softmax of logits / temperature. */
export interface Nudge {
  readonly temperature: number;
  readonly step: number;
}

/** Called with the number of examples done, and of all. */
export type OnProgress = (done: number, total: number) => void;

/** Numbers in the inputs of one call that keeps what its gradient needs: bounds memory. */
const NUMBERS = 2 ** 17;

/** A run's model with everything compiled once, at the first use. */
export class Probe implements Releasable {
  private readonly programs = new Programs();
  private readonly evaluator: Evaluator;
  private readonly gradient: (variables: Variables<NdArray>, x: NdArray) => Promise<NdArray>;
  private readonly seen: (variables: Variables<NdArray>, x: NdArray) => Promise<NdArray>;
  private readonly nudged: (given: Nudge & { readonly variables: Variables<NdArray> }, x: NdArray) => Promise<NdArray>;
  private readonly chains = new Map<string, ChainRunner<SgldState, SgldInfo, Variables<Tensor>>>();

  constructor(readonly run: TrainedRun) {
    this.evaluator = this.programs.own(new Evaluator(run.model));
    const norm = (variables: Variables<Tensor>, x: Tensor) => {
      const { gradient } = evaluate((position) => this.logDensity(variables, position), x);
      return sqrt(sum(square(gradient), [...x.shape.keys()].slice(1)));
    };
    this.gradient = this.programs.own(compile(norm, { name: "gradientNorm", argNames: ["model", "x"] }));
    const features = (variables: Variables<Tensor>, x: Tensor) => {
      const maps = this.featureMaps(variables, x);
      if (maps === undefined) throw new TypeError("the model does not say what its last layer sees");
      return maps.shape.length > 2 ? g.mean(maps, [...maps.shape.keys()].slice(2)) : maps;
    };
    this.seen = this.programs.own(compile(features, { name: "features", argNames: ["model", "x"] }));
    const nudge = (
      { variables, temperature, step }: { variables: Variables<Tensor> } & Record<keyof Nudge, Tensor>,
      x: Tensor,
    ) => {
      const certainty = (t: Tensor) => g.sum(g.max(g.logSoftmax(g.div(this.logits(variables, t), temperature), 1), 1));
      return g.add(x, g.mul(g.sign(g.grad(certainty)(x)), step));
    };
    this.nudged = this.programs.own(compile(nudge, { name: "nudge", argNames: ["given", "x"] }));
  }

  release(): Promise<void> {
    return this.programs.release();
  }

  /** Shape of one input. */
  get event(): readonly number[] {
    return this.run.info.data.shape;
  }

  /** Rows of one call. */
  get batchSize(): number {
    return Math.max(16, Math.min(500, Math.floor(NUMBERS / sizeOf(this.event))));
  }

  /** f `[B]` and logits `[B, K]` of x `[B, …event]`. */
  predict(x: NdArray): Promise<Predictions> {
    return this.evaluator.array(this.run.variables, x);
  }

  /** Whether {@link features} can be had. */
  get hasFeatures(): boolean {
    return this.featureMaps(asInputs(this.run.variables), examples(this.event)) !== undefined;
  }

  /** What the network's last layer sees of x `[B, …event]`: `[B, D]`, of maps their means. @throws TypeError where the model does not say. */
  async features(x: NdArray): Promise<NdArray> {
    const { data, shape } = await this.seen(this.run.variables, fillRows(x, this.batchSize));
    const [count, width] = [x.shape[0]!, shape[1]!];
    return new NdArray(data.subarray(0, count * width), [count, width]);
  }

  /** x `[B, …event]`, moved a little towards what the model is most certain of. @throws TypeError where it has no classes. */
  async nudge(x: NdArray, nudge: Nudge): Promise<NdArray> {
    const { data } = await this.nudged({ ...nudge, variables: this.run.variables }, fillRows(x, this.batchSize));
    return new NdArray(data.subarray(0, x.size), x.shape);
  }

  /** ‖∇f(x)‖ of each row. */
  async gradientNorm(x: NdArray): Promise<Float32Array> {
    const norms = await this.gradient(this.run.variables, fillRows(x, this.batchSize));
    return (norms.data as Float32Array).subarray(0, x.shape[0]);
  }

  /** Where SGLD is after some steps from each row. */
  async refine(x: NdArray, { steps, stepSize, std }: Refinement, rng: Rng): Promise<NdArray> {
    if (steps === 0) return x;
    const key = `${stepSize},${std}`;
    let runner = this.chains.get(key);
    if (runner === undefined) {
      runner = this.programs.own(
        compileChains(sgld({ stepSize, std }), (variables: Variables<Tensor>, position: Tensor) =>
          this.logDensity(variables, position),
        ),
      );
      this.chains.set(key, runner);
    }
    const init = fillRows(x, this.batchSize);
    const { state } = await runner.run({ constants: this.run.variables, init, steps, keepEvery: steps, rng });
    return new NdArray(state.position.data.subarray(0, x.size), x.shape);
  }

  /** Logits as a graph; throws where the model has none. */
  logits(variables: Variables<Tensor>, x: Tensor): Tensor {
    const { logits } = this.run.model.evaluate(variables, x, { mode: "eval" });
    if (logits === null) throw new TypeError("the model has no classes");
    return logits;
  }

  private featureMaps(variables: Variables<Tensor>, x: Tensor): Tensor | undefined {
    return this.run.model.evaluate(variables, x, { mode: "eval" }).features;
  }

  private logDensity(variables: Variables<Tensor>, x: Tensor): Tensor {
    return this.run.model.evaluate(variables, x, { mode: "eval" }).logDensity;
  }
}

/**
 * x with its last row repeated until there are `count`: one compiled program serves the last batch of a set, too. Rows do not
 * affect one another in evaluation mode.
 */
export function fillRows(x: NdArray, count: number): NdArray {
  const [rows, ...event] = x.shape as [number, ...number[]];
  if (rows >= count) return x;
  const width = x.size / rows;
  const data = new Float32Array(count * width);
  data.set(x.data);
  const last = x.data.subarray((rows - 1) * width);
  for (let i = rows; i < count; i++) data.set(last, i * width);
  return new NdArray(data, [count, ...event]);
}

/** The rows of a split in batches, in order. */
export function* batchesOf(split: Split, batchSize: number): Generator<NdArray> {
  for (let at = 0; at < split.size; at += batchSize) {
    yield split.x(Int32Array.from({ length: Math.min(batchSize, split.size - at) }, (_, i) => at + i));
  }
}
