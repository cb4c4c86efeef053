/** How much memory a run takes, from its configuration and the shape of its data alone: nothing is drawn, and no array is made. */
import { categoriesOf, type Dataset } from "../../data/index.js";
import type { Batch, Rates, TrainState } from "../../ebm/index.js";
import { isTensor, leaves, sizeOf, type Tensor } from "../../graph/index.js";
import type { Dict } from "../../nn/index.js";
import { full, NdArray, outline, zeros } from "../../runtime/index.js";
import { peakMemory } from "../../runtime/memory.js";
import { shapesOnly } from "../../runtime/streams.js";
import { countNumbers, initialState } from "../../train/trainer.js";
import { asInputs } from "../../train/try-out.js";
import { ConfigError, flagOf, hasClassNetwork, type OptionName, optionOf, type TrainConfig } from "../config/index.js";
import { type Algorithm, algorithm } from "./algorithm.js";
import { isTableClassifier } from "./classifier.js";
import { type Fits, NOTHING } from "./fits.js";
import { gigabytes, machineMemory } from "./machine.js";
import { scanOf } from "./setup.js";

/** What is known of the data. */
export type DataShape = Pick<Dataset, "shape" | "classes" | "preprocessing">;

/** Bytes. */
export interface RunMemory {
  /** Of one iteration: networks, optimisers, batch, noise, and all that is computed on the way. */
  readonly iteration: number;
  /** Of a checkpoint. */
  readonly checkpoint: number;
  /** Of all that is held at once, copies and the inputs of a call's further iterations included: more may be needed, but not less. */
  readonly all: number;
}

/** Numbers of 32 bits. */
const WORD = 4;

/** @throws ShapeError where the architecture does not fit the data */
export function runMemory(
  config: TrainConfig,
  { shape, classes, preprocessing }: DataShape,
  { base, classifier }: Fits = NOTHING,
): RunMemory {
  const { bufferSize, ema, labels, mode } = config;
  const { step } = algorithm(config, {
    event: shape,
    classes: labels === "none" ? null : (classes?.length ?? null),
    base,
    classifier,
    categories: categoriesOf(preprocessing),
  });
  const { state, average, inputs } = outline(() => {
    const { train, average } = initialState(step, ema, shapesOnly());
    return { state: train, average, inputs: inputsOf(step, config, shape) };
  });
  const iteration = stepMemory(step, state, inputs);
  const [networks, averages] = [WORD * countNumbers(state), WORD * countNumbers(average)];
  const buffer = mode === "jem-baseline" ? WORD * bufferSize * sizeOf(shape) : 0;
  const checkpoint = networks + averages + buffer;
  // Inputs of a call are drawn one by one, and then put together.
  const further = WORD * countNumbers(inputs) * 2 * (callLength(config, countNumbers(state)) - 1);
  // The engine keeps what an iteration took; what it hands out is copied, averages go in and come out, and a checkpoint is read whole.
  return { iteration, checkpoint, all: iteration + networks + 2 * averages + 2 * buffer + further + checkpoint };
}

/** Iterations in one call of the engine, at most. */
function callLength(config: TrainConfig, numbers: number): number {
  const { mode, printEvery, evalEvery, vizEvery, ckptEvery, nIters } = config;
  if (mode === "jem-baseline") return 1;
  const ends = [printEvery, evalEvery, vizEvery, ckptEvery, nIters ?? 0].filter((n) => n > 0);
  return Math.min(scanOf(config, numbers), ...ends);
}

interface Inputs {
  readonly batch: Dict<NdArray>;
  readonly noise: Dict<NdArray>;
}

/** Of one iteration, as an outline. */
function inputsOf(step: Algorithm["step"], config: TrainConfig, event: readonly number[]): Inputs {
  const { augmentation, batchSize, labels, consistency, mode } = config;
  const x = zeros([batchSize, ...event]);
  const y = new NdArray(new Int32Array(0), [batchSize]);
  const batch = {
    x,
    ...(labels === "all" && { y }),
    ...(labels === "few" && { labeled: { x, y } }),
    ...(augmentation !== null && hasClassNetwork(config) && { view: x }),
    ...(labels === "few" && consistency > 0 && { strong: x }),
    ...(mode === "jem-baseline" && { start: x }),
  };
  return { batch, noise: step.noise(batchSize, shapesOnly()) };
}

/** Peak memory of the training step's graph. */
function stepMemory(step: Algorithm["step"], state: TrainState<NdArray>, { batch, noise }: Inputs): number {
  const [next, output] = step.run(
    asInputs<TrainState<Tensor>>(state),
    asInputs<Batch<Tensor>>(batch),
    asInputs<Dict<Tensor>>(noise),
    asInputs<Rates<Tensor>>({ energy: full([], 0), generator: full([], 0) }),
    { energy: true, generator: true },
  );
  return peakMemory(leaves([next, output], isTensor).map(([, t]) => t));
}

/** Options that decide how much a run takes. */
const SIZES = [
  "batchSize",
  "bufferSize",
  "hDim",
  "hLayers",
  "noiseDim",
  "gFeats",
  "dcganWidth",
  "mogComps",
  "posteriorSamples",
  "densityDraws",
  "edNegatives",
  "nSteps",
  "scan",
] as const satisfies readonly OptionName[];

/** Node reads no larger file at once: a checkpoint could be written, but not be resumed from. */
const MOST_CHECKPOINT = 2 ** 31 - 1;

/**
 * Refuses a run that cannot fit, before it takes any memory. What a base measure and the program itself need comes on top.
 * @throws ConfigError naming the option that takes most, how much it would be, and what there is
 */
export function refuseTooLarge(config: TrainConfig, data: DataShape, available = machineMemory()): void {
  const idle = isTableClassifier(config) || (config.mode === "base-only" && config.labels === "none");
  if (idle || (config.labels !== "none" && data.classes === null)) return;
  const { all, checkpoint } = runMemory(config, data);
  const [what, bytes, most] =
    checkpoint > MOST_CHECKPOINT && all <= available
      ? (["checkpoint", checkpoint, MOST_CHECKPOINT] as const)
      : (["all", all, available] as const);
  if (bytes <= most) return;
  const name = dominant(config, data, what);
  const given = `${flagOf(name)} ${config[name]}`;
  throw new ConfigError(
    what === "all"
      ? `${given}: training would need about ${gigabytes(bytes)} of memory, and this machine has ${gigabytes(most)}; choose a smaller ${flagOf(name)}`
      : `${given}: a checkpoint would have ${gigabytes(bytes)}, and ${gigabytes(most)} can be read; choose a smaller ${flagOf(name)}`,
  );
}

/** The option that leaves least when it is as small as it can be. */
function dominant(config: TrainConfig, data: DataShape, what: keyof RunMemory): OptionName {
  const left = (name: OptionName): number => runMemory({ ...config, [name]: optionOf(name).min ?? 1 }, data)[what];
  const set = SIZES.filter((name) => config[name] !== null);
  return set.map((name) => [name, left(name)] as const).reduce((a, b) => (b[1] < a[1] ? b : a))[0];
}
