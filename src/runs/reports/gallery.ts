/** The pictures of one run, drawn from its networks at a moment. */
import type { Dataset } from "../../data/index.js";
import type { GeneratorVariables, TractableModel, TrainState } from "../../ebm/index.js";
import type { Tensor } from "../../graph/index.js";
import type { Dict, Variables } from "../../nn/index.js";
import { compile, type NdArray, type Releasable, zeros } from "../../runtime/index.js";
import { FIXED } from "../../runtime/streams.js";
import { ChainDrawer } from "../../train/chains.js";
import type { Evaluator } from "../../train/evaluator.js";
import { energyVariables, type Report } from "../../train/report.js";
import type { TrainConfig } from "../config/index.js";
import type { FigureName } from "../folder/run-files.js";
import type { RunFolder } from "../folder/run-folder.js";
import type { Algorithm } from "../setup/algorithm.js";
import {
  drawChain,
  drawCurves,
  drawImages,
  drawLogDensities,
  drawPlane,
  drawReliability,
  GeneratorSampler,
  TOY_POINTS,
} from "./figures.js";

/** Images in a grid. */
const IMAGES = 64;
/** Chains shown as trajectories in the plane. */
const TOY_CHAINS = 20;

export class Gallery implements Releasable {
  private readonly sampler: GeneratorSampler | null;
  private readonly chains: ChainDrawer | null;

  constructor(
    private readonly config: TrainConfig,
    private readonly dataset: Dataset,
    private readonly algorithm: Algorithm,
    private readonly evaluator: Evaluator,
    private readonly folder: RunFolder,
  ) {
    this.sampler = algorithm.generator && new GeneratorSampler(algorithm.generator);
    this.chains = algorithm.generator && new ChainDrawer(algorithm.model, algorithm.generator);
  }

  async release(): Promise<void> {
    await this.sampler?.release();
    await this.chains?.release();
  }

  /** Samples, densities, chains and curves while a run trains. */
  async drawProgress(state: TrainState<NdArray>, iteration: number): Promise<void> {
    const { dataset, folder, evaluator } = this;
    const name: FigureName = `samples-${String(iteration).padStart(7, "0")}`;
    const samples = await this.samples(state, dataset.kind === "toy" ? TOY_POINTS : IMAGES);
    if (dataset.kind === "toy") {
      const points = samples ?? zeros([0, ...dataset.shape]);
      const title = `${dataset.name}, iteration ${iteration}`;
      await drawPlane(folder, name, title, dataset, evaluator, energyVariables(state), points);
    } else if (dataset.kind === "image" && samples !== null) await drawImages(folder, name, samples, dataset);
    if (dataset.kind !== "table") await this.drawChains(state, iteration);
    await drawCurves(folder, await folder.metrics());
  }

  /** What the finished model is like: samples beside data, calibration, log-densities of test data and noise. */
  async drawResult(state: TrainState<NdArray>, test: Report | null, noise: Float32Array | null): Promise<void> {
    const { dataset, folder } = this;
    if (test?.classifier) await drawReliability(folder, test.classifier);
    if (test && noise) await drawLogDensities(folder, { [dataset.name]: test.logDensity, "uniform noise": noise });
    if (dataset.kind === "image") {
      const samples = await this.samples(state, IMAGES);
      if (samples !== null) await drawImages(folder, "samples", samples, dataset);
      const { test: rows } = dataset.splits;
      const shown = FIXED.for("data of figures").choose(rows.size, IMAGES);
      if (shown.length > 0) await drawImages(folder, "data", rows.x(shown), dataset);
    }
    await drawCurves(folder, await folder.metrics());
  }

  /** Samples of the generator, or of a model that can be sampled itself. */
  private async samples(state: TrainState<NdArray>, count: number): Promise<NdArray | null> {
    if (this.sampler !== null) return this.sampler.sample(state.generator!, count);
    if (this.config.density === "network") return null;
    const model = this.algorithm.model as TractableModel;
    await using draw = compile((variables: Variables<Tensor>, noise: Dict<Tensor>) => model.sample(variables, noise));
    return await draw(energyVariables(state), model.noise(count, FIXED.for("model's own samples of figures")));
  }

  /** MALA chains from the generator's samples, in both spaces. */
  private async drawChains(state: TrainState<NdArray>, iteration: number): Promise<void> {
    const { dataset, folder, config, chains } = this;
    if (chains === null || config.sgldSteps === 0) return;
    const networks = { energy: energyVariables(state), generator: state.generator as GeneratorVariables<NdArray> };
    const drawn = await chains.draw(networks, config.sgldSteps, dataset.kind === "toy" ? TOY_CHAINS : IMAGES);
    for (const space of ["input", "latent"] as const) {
      const { steps, acceptance } = drawn[space];
      await drawChain(folder, `chains-${space}`, steps, dataset, this.evaluator, networks.energy);
      if (dataset.kind === "image") await drawImages(folder, `refined-${space}`, steps.at(-1)!, dataset);
      await folder.log({ iteration, kind: "figure", [`acceptance_${space}`]: acceptance });
    }
  }
}
