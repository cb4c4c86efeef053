/** From a configuration and its data to a trainer. */
import { type Batches, categoriesOf, type Dataset } from "../../data/index.js";
import { cosine, linearWarmup, multiStep, product } from "../../nn/index.js";
import { outline, type Ranks } from "../../runtime/index.js";
import { shapesOnly, streams } from "../../runtime/streams.js";
import { ReplayBuffer } from "../../samplers/index.js";
import { LeadingTrainer } from "../../train/lead.js";
import { countNumbers, Trainer, type TrainerOptions } from "../../train/trainer.js";
import type { TrainConfig } from "../config/index.js";
import { type Algorithm, algorithm } from "./algorithm.js";
import { classCounts } from "./base.js";
import { isTableClassifier } from "./classifier.js";
import { type Fits, NOTHING } from "./fits.js";
import { trainBatches } from "./source.js";

/**
 * Networks up to this many numbers run several iterations per call of the engine: the call costs more than the work. On a
 * graphics card all do, since the state comes back from it at the end of a call.
 */
const SMALL = 300_000;
const SMALL_SCAN = 10;
const CARD_SCAN = 25;

/** Iterations of an epoch of fresh data. */
const TOY_EPOCH = 50;

export const iterationsPerEpoch = (dataset: Pick<Dataset, "kind">, batches: Pick<Batches, "perEpoch">): number =>
  dataset.kind === "toy" ? TOY_EPOCH : batches.perEpoch;

/** Iterations of a whole run: none where all that is learned is fitted. */
export function iterationsOf(config: TrainConfig, perEpoch: number): number {
  const isFitted = isTableClassifier(config) || (config.mode === "base-only" && config.labels === "none");
  return isFitted ? 0 : (config.nIters ?? config.nEpochs * perEpoch);
}

/** Iterations per call of the engine, with networks of so many numbers. */
export const scanOf = ({ scan, provider }: TrainConfig, numbers: number): number =>
  scan ?? (provider === "webgpu" ? CARD_SCAN : numbers <= SMALL ? SMALL_SCAN : 1);

export interface Setup {
  readonly algorithm: Algorithm;
  readonly trainer: Trainer;
  /** Iterations of the whole run. */
  readonly iterations: number;
  /** Iterations per call of the engine. */
  readonly scan: number;
}

/**
 * @param ranks the processes that train together; null for this one alone
 * @throws ConfigError where the data has not the labels asked for; ShapeError where the architecture does not fit.
 */
export function setup(
  config: TrainConfig,
  dataset: Dataset,
  { base, classifier, findings }: Fits = NOTHING,
  ranks: Ranks | null = null,
): Setup {
  const { batches, labeled } = trainBatches(config, dataset);
  const classes = config.labels === "none" ? null : dataset.classes!.length;
  const task = {
    event: dataset.shape,
    classes,
    base,
    classifier,
    categories: categoriesOf(dataset.preprocessing),
    ...(classes !== null && { shares: findings?.shares ?? classCounts(dataset.splits.train, classes) }),
  };
  const parts = algorithm(config, task, ranks !== null);
  const perEpoch = iterationsPerEpoch(dataset, batches);
  const decays = config.decayEpochs.map((epoch) => epoch * perEpoch);
  const iterations = iterationsOf(config, perEpoch);
  const falling = config.schedule === "cosine" ? cosine(iterations) : multiStep(decays, config.decayRate);
  const schedule = product(linearWarmup(config.warmupIters), falling);
  const scan = scanOf(config, countNumbers(outline(() => parts.step.init(shapesOnly()))));
  const options: TrainerOptions = {
    step: parts.step,
    batches,
    labeled,
    supervised: config.labels === "all",
    rates: (i) => ({ energy: config.lr * schedule(i), generator: config.glr * schedule(i) }),
    seed: config.seed,
    energyEvery: config.eIters,
    generatorEvery: config.gIters,
    average: config.ema,
    scan,
    chains: config.mode === "jem-baseline" ? replayBuffer(config, dataset) : null,
    ranks,
    syncBatchNorm: config.syncBatchNorm,
  };
  const trainer = ranks?.rank === 0 ? new LeadingTrainer(options, ranks) : new Trainer(options);
  return { algorithm: parts, trainer, iterations, scan };
}

/** Of the JEM baseline, as it is before training. */
export function replayBuffer(config: TrainConfig, dataset: Dataset): ReplayBuffer {
  const options = { event: dataset.shape, capacity: config.bufferSize, restartProbability: config.reinitFreq };
  return new ReplayBuffer(options, streams(config.seed).for("replay buffer"));
}
