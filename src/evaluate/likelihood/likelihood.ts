/** The likelihood of data under a trained model: log p(x) = f(x) - log Z, with log Z known, integrated, or estimated. */
import { DataError, type Dataset, type Split } from "../../data/index.js";
import type { EnergyModel, TractableModel } from "../../ebm/index.js";
import { sizeOf, type Tensor } from "../../graph/index.js";
import { logSumExp } from "../../metrics/index.js";
import { sliceRows } from "../../metrics/moments.js";
import type { Dict, Variables } from "../../nn/index.js";
import { Evaluator, type TrainedRun } from "../../runs/index.js";
import { compile, NdArray, type Rng, streams } from "../../runtime/index.js";
import { runData, someRows } from "../../score/inputs.js";
import { rangeOf } from "../images.js";
import { refuseCount } from "../sizes.js";
import { type AisResult, annealedImportance } from "./ais.js";

/** log Z, and how much to believe it. */
export interface LogPartition {
  /** `exact`: the model is normalised by construction. `grid`: integrated in 1 or 2 dimensions. `ais`: estimated. */
  readonly method: "exact" | "grid" | "ais";
  readonly value: number;
  /** Integration: share of the mass in the outermost cells. Well above 0 the model has mass outside of the grid. */
  readonly edge: number | null;
  /** Annealed importance sampling's account. */
  readonly ais: AisResult | null;
}

export interface SplitLikelihood {
  /** Mean log p(x) in nats. */
  readonly mean: number;
  /** Of that mean, over examples; log Z's own error is not in it. */
  readonly standardError: number;
  readonly examples: number;
}

export interface LikelihoodResult {
  readonly logPartition: LogPartition;
  readonly train: SplitLikelihood;
  readonly test: SplitLikelihood;
  /** Of other inputs, where they were given. */
  readonly other: SplitLikelihood | null;
}

export interface LikelihoodOptions {
  /** Annealed importance sampling even where log Z is known or can be integrated: to check one by the other. */
  readonly ais?: boolean;
  /** Default 200. */
  readonly chains?: number;
  /** Default 1000. */
  readonly steps?: number;
  /** Examples of each split at most. Default 2000. */
  readonly examples?: number;
  /** Default 0. */
  readonly seed?: number;
  /** The run's data, where they are loaded already. */
  readonly dataset?: Dataset;
  /** Folder of the data sets, if not where the run found them. */
  readonly dataRoot?: string;
  /** Inputs that are none of the run's data, to be judged as well. */
  readonly other?: Split;
  /** Of annealed importance sampling. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Cells along each axis. */
const CELLS = { 1: 20_000, 2: 600 } as const;
/** Data lie within this in standardised and toy sets; the grid reaches further where they do not. */
const RADIUS = 6;
/** A dimension that never changes still needs a width in p₀. */
const LEAST_STD = 0.05;

/**
 * Likelihood of a run's training and test data. A network's f need not be normalisable: it may grow linearly away from the data.
 * So networks of images are normalised over the range of pixels; those of the plane over a square, whose size matters where `edge` is
 * not near 0; and on tables annealing sees what its chains reach.
 * @throws DataError where the data are not there, or have changed since training.
 */
export async function evaluateLikelihood(run: TrainedRun, options: LikelihoodOptions = {}): Promise<LikelihoodResult> {
  const { examples = 2000, seed = 0 } = options;
  const dataset = options.dataset ?? (await runData(run, options));
  const own = streams(seed);
  const drawn = (split: Split, rng: Rng) => dataset.sample?.(examples, rng) ?? someRows(split, examples, rng);
  const train = drawn(dataset.splits.train, own.for("training rows whose likelihood is measured"));
  const test = drawn(dataset.splits.test, own.for("test rows whose likelihood is measured"));
  const evaluator = new Evaluator(run.model);
  if (!(train.size > 0 && test.size > 0)) throw new DataError(dataset.name, "its training or test split is empty");
  const dim = train.size / train.shape[0]!;
  const normalised = run.config.density !== "network";
  const logPartition =
    options.ais || (!normalised && dim > 2)
      ? await annealed(run, train, options, own.for("annealed importance sampling"))
      : normalised
        ? ({ method: "exact", value: 0, edge: null, ais: null } as const)
        : await integrated(evaluator, run.variables, train, dim);
  const likelihood = async (x: NdArray): Promise<SplitLikelihood> => {
    const { logDensity } = await evaluator.array(run.variables, x);
    const n = logDensity.length;
    const mean = logDensity.reduce((a, b) => a + b, 0) / n;
    const variance = logDensity.reduce((a, b) => a + (b - mean) ** 2, 0) / (n - 1);
    return { mean: mean - logPartition.value, standardError: Math.sqrt(variance / n), examples: n };
  };
  const others = options.other && someRows(options.other, examples, own.for("other rows whose likelihood is measured"));
  const other = others === undefined ? null : await likelihood(others);
  return { logPartition, train: await likelihood(train), test: await likelihood(test), other };
}

/**
 * log ∫ e^f over [-radius, radius]^dim by the midpoint rule, and the share of the mass that is in the outermost cells.
 * @param logDensity f of points `[N, dim]` @throws RangeError for more than 2 dimensions.
 */
export async function integrate(
  logDensity: (points: NdArray) => Promise<Float32Array>,
  dim: number,
  radius: number,
): Promise<{ readonly logPartition: number; readonly edge: number }> {
  if (dim !== 1 && dim !== 2) throw new RangeError(`a grid in ${dim} dimensions`);
  const side = CELLS[dim];
  const cell = (2 * radius) / side;
  const count = side ** dim;
  const points = new Float32Array(count * dim);
  for (let i = 0; i < points.length; i++) {
    const index = dim === 1 ? i : i % 2 === 0 ? (i / 2) % side : Math.floor(i / 2 / side);
    points[i] = -radius + (index + 0.5) * cell;
  }
  const f = await logDensity(new NdArray(points, [count, dim]));
  const outermost = (i: number) =>
    [i % side, Math.floor(i / side)].slice(0, dim).some((j) => j === 0 || j === side - 1);
  const total = logSumExp(f);
  const edge = Math.exp(logSumExp(f.filter((_, i) => outermost(i))) - total);
  return { logPartition: total + dim * Math.log(cell), edge };
}

async function integrated(
  evaluator: Evaluator,
  variables: Variables<NdArray>,
  data: NdArray,
  dim: number,
): Promise<LogPartition> {
  const f = async (points: NdArray) => {
    const x = new NdArray(points.data, [points.shape[0]!, ...data.shape.slice(1)]);
    return (await evaluator.array(variables, x)).logDensity;
  };
  const { logPartition, edge } = await integrate(f, dim, radiusOf(data));
  return { method: "grid", value: logPartition, edge, ais: null };
}

/** Half a side of the square that densities of the line and the plane are integrated over. */
function radiusOf(data: NdArray): number {
  let reach = 0;
  for (let i = 0; i < data.size; i++) reach = Math.max(reach, Math.abs(data.data[i]!));
  return Math.max(RADIUS, 1.5 * reach);
}

async function annealed(run: TrainedRun, data: NdArray, options: LikelihoodOptions, rng: Rng): Promise<LogPartition> {
  const { chains = 200, steps = 1000, onProgress } = options;
  const width = sizeOf(data.shape.slice(1));
  refuseCount("--chains", chains, { numbers: 3 * width, largest: width }); // positions, their noise, and what becomes of them
  refuseCount("--temperatures", steps, { numbers: 3, largest: 1 });
  const network = run.config.density === "network";
  const exact = network ? undefined : await exactSamples(run, chains, rng);
  const box = network ? boundsOf(run, data) : null;
  const f = (variables: Variables<Tensor>, x: Tensor) => run.model.evaluate(variables, x, { mode: "eval" }).logDensity;
  const ais = await annealedImportance(f, run.variables, data.shape.slice(1), {
    chains,
    steps,
    rng,
    base: box ? { kind: "box", low: box[0], high: box[1] } : { kind: "gaussian", ...spreadOf(data) },
    ...(exact && { exact }),
    ...(onProgress && { onProgress }),
  });
  return { method: "ais", value: ais.forward.logPartition, edge: null, ais };
}

/** A network is a density of pixels within their range, of points within the square of {@link integrate}: outside f may grow without end. */
function boundsOf(run: TrainedRun, data: NdArray): readonly [number, number] | null {
  const { preprocessing } = run.info.data;
  if (preprocessing.kind === "image") return preprocessing.scaling === "logit" ? null : rangeOf(preprocessing);
  const radius = radiusOf(data);
  return data.size / data.shape[0]! <= 2 ? [-radius, radius] : null;
}

/** Mean and standard deviation of each dimension of `[N, …]`. */
export function spreadOf(x: NdArray): { mean: Float64Array; std: Float64Array } {
  const n = x.shape[0]!;
  const width = x.size / n;
  const [mean, squares] = [new Float64Array(width), new Float64Array(width)];
  for (let i = 0; i < x.size; i++) mean[i % width]! += x.data[i]! / n;
  for (let i = 0; i < x.size; i++) squares[i % width]! += (x.data[i]! - mean[i % width]!) ** 2 / n;
  return { mean, std: squares.map((s) => Math.max(LEAST_STD, Math.sqrt(s))) };
}

const isTractable = (model: EnergyModel): model is TractableModel => "sample" in model;

/** Exact samples `[count, …event]` of a model that has them. @throws TypeError for one that has not. */
export async function exactSamples({ model, variables }: TrainedRun, count: number, rng: Rng): Promise<NdArray> {
  if (!isTractable(model)) throw new TypeError("the model has no exact samples");
  const draw = compile((v: Variables<Tensor>, noise: Dict<Tensor>) => model.sample(v, noise), {
    name: "sample",
  });
  try {
    const x = await draw(variables, model.noise(count, rng));
    return sliceRows(x, 0, count);
  } finally {
    await draw.release();
  }
}
