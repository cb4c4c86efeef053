/** What is shown of a state: the density on the grid, samples, the generator's grid, arrows. Compiled once for a run. */
import {
  compile,
  ebm,
  metrics,
  type NdArray,
  type nn,
  Programs,
  streams,
  type Tensor,
  train,
  NdArray as Values,
} from "../../../src/web.js";
import { RADIUS } from "../settings/points.js";
import { gridSamples } from "./grid-samples.js";
import type { TrainedMethod } from "./methods.js";
import { NOISE_DIM } from "./networks.js";
import { type Frame, SIDE, WARP } from "./protocol.js";

const GRID = metrics.planeGrid(RADIUS, SIDE);
/** Places of the arrows of ∇f, each way. */
const ARROWS = 15;
const SAMPLES = 400;
/** Of them with an arrow of c. */
const SHOWN = 60;
const POSTERIOR = 40;
/** Lines of z run so far, in standard deviations. */
const REACH = 2.2;

/** z on lines of constant z₁, then of constant z₂. */
function lines(): NdArray {
  const { lines: n, points } = WARP;
  const at = (i: number, count: number) => -REACH + (2 * REACH * i) / (count - 1);
  const values: number[] = [];
  for (const swapped of [false, true])
    for (let line = 0; line < n; line++)
      for (let i = 0; i < points; i++) {
        const z = [at(line, n), at(i, points)];
        values.push(...(swapped ? z.reverse() : z));
      }
  return new Values(Float32Array.from(values), [2 * n * points, NOISE_DIM]);
}

/** `[x, y, dx, dy, …]` of the first rows. */
const besides = (at: NdArray, step: NdArray, count = at.shape[0]!): Float32Array =>
  Float32Array.from({ length: 4 * count }, (_, i) => (i % 4 < 2 ? at : step).data[2 * (i >> 2) + (i % 2)]!);

export class View {
  readonly programs = new Programs();
  private readonly evaluator;
  private readonly slopes;
  private readonly generated;
  private readonly own;
  private readonly z: NdArray;
  private readonly epsilon: NdArray;
  private readonly posterior: NdArray;

  constructor(
    readonly model: ebm.EnergyModel,
    { generator, chains }: TrainedMethod,
    private readonly test: NdArray,
    seed: number,
  ) {
    this.own = { chains, seed };
    this.evaluator = this.programs.own(new train.Evaluator(model));
    this.slopes = this.programs.own(
      compile(
        (variables: nn.Variables<Tensor>, x: Tensor) =>
          ebm.score((t) => model.evaluate(variables, t, { mode: "eval" }).logDensity, x),
        { name: "slopes" },
      ),
    );
    const rng = streams(seed).for("shown samples of the playground");
    this.z = rng.normal([SAMPLES, NOISE_DIM]);
    this.epsilon = rng.normal([SAMPLES, 2]);
    this.posterior = rng.normal([POSTERIOR, SAMPLES, NOISE_DIM]);
    this.generated = generator && this.programs.own(compile(generation(generator), { name: "generated" }));
  }

  /** log p on the grid, and log Z. */
  async density(variables: nn.Variables<NdArray>): Promise<{ logDensity: Float32Array; logPartition: number }> {
    const { logDensity: f } = await this.evaluator.predict(variables, GRID.points);
    const logPartition = metrics.logPartition(GRID, f);
    return { logDensity: f.map((v) => v - logPartition), logPartition };
  }

  async frame(state: ebm.TrainState<NdArray>, iteration: number, pace: number): Promise<Frame> {
    const { params, state: buffers, ...rest } = state.energy;
    void rest;
    const variables = { params, state: buffers };
    const { logDensity, logPartition } = await this.density(variables);
    const { logDensity: f } = await this.evaluator.predict(variables, this.test);
    const places = metrics.planeGrid(RADIUS, ARROWS).points;
    const score = besides(places, await this.slopes(variables, places));
    const made = await this.generate(state);
    const { chains, seed } = this.own;
    const rng = streams(seed).for("samples of the grid");
    return {
      iteration,
      logDensity,
      nll: logPartition - f.reduce((a, b) => a + b, 0) / f.length,
      samples:
        made?.samples ??
        (chains === null
          ? gridSamples(logDensity, RADIUS, SIDE, SAMPLES, rng)
          : Float32Array.from(chains.positions.data.subarray(0, 2 * SAMPLES))),
      warp: made?.warp ?? null,
      score,
      entropy: made?.entropy ?? null,
      pace,
    };
  }

  private async generate({ generator, posterior }: ebm.TrainState<NdArray>) {
    if (this.generated === null || generator === undefined || posterior === undefined) return null;
    const { params, state } = generator;
    const out = await this.generated({ params, state }, posterior, this.z, this.epsilon, this.posterior, lines());
    return {
      samples: Float32Array.from(out.x.data),
      warp: Float32Array.from(out.warp.data),
      entropy: besides(out.x, out.c, SHOWN),
    };
  }
}

/** Samples, c there, and g on lines of z. */
const generation =
  (generator: ebm.Generator) =>
  (
    variables: ebm.GeneratorVariables<Tensor>,
    posterior: nn.Dict<Tensor>,
    z: Tensor,
    epsilon: Tensor,
    noise: Tensor,
    along: Tensor,
  ) => {
    const { x, c, mean } = drawnWithEntropy(generator, variables, posterior, z, epsilon, noise);
    return { x, c, warp: mean(along) };
  };

/** x = g(z) + σ ε, the estimate of the entropy's gradient there, and g with the batch norm of that batch. */
export function drawnWithEntropy(
  generator: ebm.Generator,
  { params, state }: ebm.GeneratorVariables<Tensor>,
  posterior: nn.Dict<Tensor>,
  z: Tensor,
  epsilon: Tensor,
  noise: Tensor,
) {
  const drawn = generator.sample({ params, state }, z, epsilon, { mode: "train" });
  const mean = (zs: Tensor) =>
    generator.mean({ params: params.g, state }, zs, { mode: "frozen", statistics: drawn.statistics }).mean;
  const decoder: ebm.Decoder = { logSigma: params.logsigma, rowwise: true, mean };
  const eta = ebm.child<ebm.PosteriorParams<Tensor>>(posterior, "params");
  const { c, info } = ebm.variationalScore(decoder, eta, drawn.x, z, noise);
  return { ...drawn, center: drawn.mean, mean, c, info };
}
