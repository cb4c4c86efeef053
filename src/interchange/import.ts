/** From a checkpoint of the original implementation to a run of this one. */
import { batchStreams } from "../data/batches.js";
import { savedConfig } from "../runs/folder/run-info.js";
import { algorithm, RunFolder, type Snapshot, saveCheckpoint, type TrainConfig } from "../runs/index.js";
import { iterationsPerEpoch, replayBuffer, setup } from "../runs/setup/setup.js";
import { trainBatches } from "../runs/setup/source.js";
import { type NdArray, outline } from "../runtime/index.js";
import { HEALTHY } from "../train/health.js";
import { type Carried, carriedFrom, initialState, trainerStreams } from "../train/trainer.js";
import { importNotes } from "./notes.js";
import { trainState } from "./training-state.js";
import { type KnownData, settled, type Understood, understand } from "./understand.js";

export interface ImportOptions {
  /** The checkpoint. */
  readonly file: string;
  /** Folder of the run to make. */
  readonly out: string;
  /** Options of `vera train`, in any spelling: what the checkpoint does not say. They win over what was inferred. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Replace the run that the folder holds: its own files, no others. Default false. */
  readonly overwrite?: boolean;
}

export interface Imported {
  readonly config: TrainConfig;
  readonly iteration: number;
  /** What a user should know: what was assumed, and what the checkpoint does not hold. */
  readonly notes: readonly string[];
}

/**
 * Makes a run that continues where the original stopped.
 * @throws InterchangeError where the checkpoint is damaged, hostile or of another architecture than was said; ConfigError where a
 * flag is missing or wrong, or the folder holds anything but, with `overwrite`, a run; DataError where a table that must be read is
 * missing.
 */
export async function importCheckpoint({ overwrite = false, ...options }: ImportOptions): Promise<Imported> {
  const folder = await RunFolder.claim(options.out, { overwrite });
  try {
    return await importInto(folder, options);
  } finally {
    await folder.release();
  }
}

async function importInto(folder: RunFolder, { file, out, flags = {} }: ImportOptions): Promise<Imported> {
  const understood = await understand(file, { flags: { ...flags, saveDir: out } });
  const { original, data } = understood;
  const config = withDecay(understood);
  const { arrays: like, counters } = start(config, data);
  const carried = carriedOn({ ...understood, config }, like);
  const chains = config.mode === "jem-baseline" && data.dataset !== null ? replayBuffer(config, data.dataset) : null;
  const arrays = { ...carried, ...(chains && { replay: { positions: chains.positions } }) };
  const { iteration } = original;
  const epoch = data.dataset === null ? 0 : Math.floor(iteration / trainBatches(config, data.dataset).batches.perEpoch);
  const reached = { ...counters, iteration, batches: { ...counters.batches, epoch } };
  const saved = savedConfig(config, data.facts, true);
  await folder.begin(saved);
  const info = { best: null, means: {}, data: data.facts.fingerprint, health: HEALTHY };
  await saveCheckpoint(folder.checkpoint("last"), { arrays, counters: reached }, info, saved);
  return { config, iteration, notes: importNotes({ ...understood, config }) };
}

/**
 * What a trainer carries on with: the checkpoint's state, and averages that begin with its parameters.
 * @param like an outline of it
 */
export const carriedOn = ({ original, config }: Understood, { train }: Carried<NdArray>): Carried<NdArray> =>
  carriedFrom(trainState(original, train), config.ema);

/** The configuration with the schedule of the checkpoint, in epochs of the data here. */
function withDecay({ config, original, data: { dataset }, inferred, given }: Understood): TrainConfig {
  const { decay } = original;
  if (decay === null || dataset === null) return config;
  const perEpoch = iterationsPerEpoch(dataset, trainBatches(config, dataset).batches);
  const decayEpochs = decay.milestones.map((milestone) => epochOf(milestone, perEpoch));
  return { ...settled({ ...inferred, decayEpochs }, given), architecture: config.architecture };
}

/** What a trainer of this configuration starts from: its arrays as an outline. */
function start(config: TrainConfig, { dataset, facts }: KnownData): Snapshot {
  if (dataset !== null) return outline(() => setup(config, dataset).trainer.snapshot);
  const classes = config.labels === "none" ? null : facts.classes!.length;
  const { step } = algorithm(config, { event: facts.shape, classes });
  const { weights, noise } = trainerStreams(config.seed);
  const drawn = batchStreams(config);
  const batches = { epoch: 0, position: 0, order: drawn.order.state, noise: drawn.noise.state };
  return {
    arrays: outline(() => initialState(step, config.ema, weights)),
    counters: { iteration: 0, rateFactor: 1, noise: noise.state, batches, labeled: null },
  };
}

/** The time in epochs at which this iteration comes: rounding must not move it to the next one. */
function epochOf(iteration: number, perEpoch: number): number {
  let epoch = iteration / perEpoch;
  while (epoch * perEpoch > iteration) epoch *= 1 - Number.EPSILON;
  return epoch;
}
