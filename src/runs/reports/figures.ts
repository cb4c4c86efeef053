/** The pictures of a run, drawn while it trains. */
import { type Dataset, scalingOf, shownRange } from "../../data/index.js";
import type { Generator, GeneratorVariables } from "../../ebm/index.js";
import {
  chainGrid,
  histograms,
  imageGrid,
  lineChart,
  reliabilityDiagram,
  savePlot,
  savePng,
  toyPanels,
  trajectories,
} from "../../figures/index.js";
import type { Tensor } from "../../graph/index.js";
import type { ClassifierScores } from "../../metrics/index.js";
import type { Variables } from "../../nn/index.js";
import { compile, NdArray, Programs, type Releasable } from "../../runtime/index.js";
import { FIXED } from "../../runtime/streams.js";
import { type Evaluator, PLANE_GRID, planeDensity } from "../../train/evaluator.js";
import type { MetricsLine } from "../folder/metrics-file.js";
import type { FigureName } from "../folder/run-files.js";
import type { RunFolder } from "../folder/run-folder.js";

/** Images shown in a grid. */
const SHOWN = 64;
/** Points of a toy density's panels. */
const POINTS = 4000;

type GeneratorArrays = GeneratorVariables<NdArray>;

/** Draws from the generator as it is used after training: batch norm with running statistics. */
export class GeneratorSampler implements Releasable {
  private readonly programs = new Programs();
  private readonly draw: (variables: GeneratorArrays, z: NdArray, epsilon: NdArray) => Promise<NdArray>;

  constructor(private readonly generator: Generator) {
    const fn = (variables: GeneratorVariables<Tensor>, z: Tensor, epsilon: Tensor) =>
      generator.sample(variables, z, epsilon, { mode: "eval" }).x;
    const options = { name: "generator", argNames: ["generator", "z", "epsilon"] };
    this.draw = this.programs.own(compile(fn, options));
  }

  release(): Promise<void> {
    return this.programs.release();
  }

  /** `[count, …event]`; the same latent draws at each call, so that pictures can be compared. */
  sample(variables: GeneratorArrays, count: number, rng = FIXED.for("samples of figures")): Promise<NdArray> {
    const { noiseDim, event } = this.generator;
    return this.draw(variables, rng.normal([count, noiseDim]), rng.normal([count, ...event]));
  }
}

export async function drawImages(
  folder: RunFolder,
  name: FigureName,
  images: NdArray,
  dataset: Dataset,
): Promise<void> {
  const [n, ...event] = images.shape;
  const count = Math.min(SHOWN, n!);
  const shown = new NdArray(images.data.subarray(0, (images.size / n!) * count), [count, ...event]);
  await savePng(
    `${folder.figure(name)}.png`,
    imageGrid(shown, { range: shownRange(scalingOf(dataset.preprocessing)!) }),
  );
}

/** Generator samples (or the model's own), data, p(x), log p(x). */
export async function drawPlane(
  folder: RunFolder,
  name: FigureName,
  title: string,
  dataset: Dataset,
  evaluator: Evaluator,
  variables: Variables<NdArray>,
  samples: NdArray,
): Promise<void> {
  const { logDensity, logPartition } = await planeDensity(evaluator, variables);
  const { side, radius } = PLANE_GRID;
  const normalised = Float32Array.from(logDensity, (v) => v - logPartition);
  const grid = (values: Float32Array) => new NdArray(values, [side, side]);
  const chart = toyPanels({
    samples,
    data: dataset.sample!(POINTS, FIXED.for("points of figures")),
    density: grid(normalised.map(Math.exp)),
    logDensity: grid(normalised),
    extent: [-radius, radius, -radius, radius],
    title,
  });
  await savePlot(folder.figure(name), chart);
}

export const TOY_POINTS = POINTS;

/** Log-densities below this are nothing to a chain; drawn as this. */
const FLOOR = -10;

/** Rows of images along chains. */
const CHAIN_ROWS = 8;

/** Chains: trajectories over log p(x) in the plane, rows of images elsewhere. */
export async function drawChain(
  folder: RunFolder,
  name: FigureName,
  steps: readonly NdArray[],
  dataset: Dataset,
  evaluator: Evaluator,
  variables: Variables<NdArray>,
): Promise<void> {
  if (dataset.kind === "toy") {
    const { logDensity, logPartition } = await planeDensity(evaluator, variables);
    const { side, radius } = PLANE_GRID;
    const grid = new NdArray(
      Float32Array.from(logDensity, (v) => Math.max(v - logPartition, FLOOR)),
      [side, side],
    );
    await savePlot(folder.figure(name), trajectories(grid, steps, [-radius, radius, -radius, radius]));
    return;
  }
  const few = steps.map((x) => {
    const [n, ...event] = x.shape;
    const count = Math.min(CHAIN_ROWS, n!);
    return new NdArray(x.data.subarray(0, (x.size / n!) * count), [count, ...event]);
  });
  await savePng(`${folder.figure(name)}.png`, chainGrid(few, { range: shownRange(scalingOf(dataset.preprocessing)!) }));
}

export const drawReliability = (folder: RunFolder, { bins, ece }: ClassifierScores): Promise<void> =>
  savePlot(
    folder.figure("reliability"),
    reliabilityDiagram({
      confidence: bins.map((b) => b.confidence),
      accuracy: bins.map((b) => b.accuracy),
      counts: bins.map((b) => b.count),
      ece,
    }),
  );

export const drawLogDensities = (folder: RunFolder, sets: Readonly<Record<string, ArrayLike<number>>>): Promise<void> =>
  savePlot(
    folder.figure("log-density"),
    histograms(
      Object.entries(sets).map(([name, values]) => ({ name, values })),
      { xLabel: "f(x)", yLabel: "density" },
    ),
  );

/** Curves over training of the metrics that exist: one picture per group. */
export async function drawCurves(folder: RunFolder, lines: readonly MetricsLine[]): Promise<void> {
  const series = (kind: MetricsLine["kind"], name: string, label: string) => {
    const points = lines.filter((l) => l.kind === kind && typeof l[name] === "number");
    return { name: label, x: points.map((l) => l.iteration), y: points.map((l) => l[name] as number) };
  };
  const groups = [
    [
      "accuracy",
      "accuracy",
      [series("train", "accuracy_batch", "training batches"), series("validation", "accuracy", "validation")],
    ],
    ["log-likelihood", "nats", [series("validation", "log_likelihood", "validation")]],
    ["energy", "f(x)", [series("train", "f_data", "data"), series("train", "f_samples", "samples")]],
    ["loss", "loss", [series("train", "loss_energy", "model"), series("train", "loss_generator", "generator")]],
  ] as const;
  for (const [name, axis, all] of groups) {
    const drawn = all.filter((s) => s.y.length > 1);
    if (drawn.length > 0)
      await savePlot(folder.figure(`curve-${name}`), lineChart(drawn, { xLabel: "iteration", yLabel: axis }));
  }
}
