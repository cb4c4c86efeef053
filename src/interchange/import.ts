/** From a checkpoint of the original implementation to a run of this one. */
import { readFile, stat } from "node:fs/promises";
import { batchStreams } from "../data/batches.js";
import { DataError, type Dataset } from "../data/index.js";
import { mapTree } from "../graph/index.js";
import type { Dict } from "../nn/index.js";
import { isArray, type NdArray } from "../runtime/index.js";
import { checkSettings } from "../train/config/check.js";
import { defaults } from "../train/config/options.js";
import {
  algorithm,
  flagOf,
  RunFolder,
  resolveConfig,
  type Settings,
  type Snapshot,
  saveCheckpoint,
  type TrainConfig,
} from "../train/index.js";
import { iterationsPerEpoch, setup } from "../train/setup.js";
import { loadData, trainBatches } from "../train/source.js";
import { type DataFacts, savedConfig } from "../train/train.js";
import { type Carried, carriedFrom, initialState, trainerStreams } from "../train/trainer.js";
import { toTree } from "./adam.js";
import { InterchangeError } from "./error.js";
import { inferSettings } from "./infer.js";
import { type OriginalCheckpoint, readOriginal, type StateDict } from "./original.js";

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

/** Files above this cannot be read whole. */
const MAX_BYTES = 2 ** 31 - 1;

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
  const original = await readOriginal(await content(file), file);
  const given = { ...checkSettings(flags, (name) => `--${name}`), saveDir: out } as Partial<Settings>;
  const inferred = inferSettings(original, given);
  const config = sized(resolved(inferred, given), original);
  const data = await knownData(config);
  const scheduled = withDecay(config, original, data, inferred, given);
  const fresh = start(scheduled, data);
  const { train: like, average: _, statistics: __, ...rest } = fresh.arrays as unknown as Carried<NdArray>;
  const train = trainState(original, like as unknown as Dict<NdArray>);
  const arrays = { ...rest, ...carriedFrom(train, scheduled.ema) };
  const { iteration } = original;
  const { counters } = fresh;
  const epoch =
    data.dataset === null ? 0 : Math.floor(iteration / trainBatches(scheduled, data.dataset).batches.perEpoch);
  const reached = { ...counters, iteration, batches: { ...counters.batches, epoch } };
  await folder.begin(savedConfig(scheduled, data.facts, true));
  const info = { best: null, means: {}, data: data.facts.fingerprint };
  await saveCheckpoint(folder.checkpoint("last"), { arrays, counters: reached }, info);
  return { config: scheduled, iteration, notes: notes(original, scheduled, inferred, given, data) };
}

/** What is not inferred is the original's default, where a new run on a table would start from a preset. */
const resolved = (inferred: Partial<Settings>, flags: Partial<Settings>): TrainConfig =>
  resolveConfig({ file: { ...defaults(), ...inferred }, flags });

/** Hidden units of the original's generator for tables. */
const TABLE_WIDTH = 500;

/** Networks for tables have two sizes here and one in the original: the generator's width tells which these are. */
function sized(config: TrainConfig, { generator }: OriginalCheckpoint): TrainConfig {
  if (config.dataKind !== "table") return config;
  const width = generator.get("g.0.weight")?.shape[0];
  return { ...config, architecture: width === TABLE_WIDTH ? "mlp" : "small-mlp" };
}

async function content(file: string): Promise<Uint8Array> {
  const found = await stat(file).catch((cause) => {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new InterchangeError(code === "ENOENT" ? `${file}: no such file` : `cannot read ${file}: ${message}`, {
      cause,
    });
  });
  if (!found.isFile()) throw new InterchangeError(`${file} is no file: name the checkpoint in it`);
  const { size } = found;
  if (size > MAX_BYTES) throw new InterchangeError(`${file} has ${size} bytes; checkpoints up to 2 GiB are read`);
  return readFile(file);
}

interface KnownData {
  /** Null where it is not on this machine. */
  readonly dataset: Dataset | null;
  readonly facts: DataFacts;
}

/** The data set, or what is known of its images without it: enough to use the model, not to train it further. */
async function knownData(config: TrainConfig): Promise<KnownData> {
  try {
    const dataset = await loadData(config);
    return { dataset, facts: dataset };
  } catch (cause) {
    if (!(cause instanceof DataError) || config.dataKind !== "image" || config.dataset === null) throw cause;
    const [shape, names] = [config.shape!, Array.from({ length: config.classes ?? 0 }, (_, label) => String(label))];
    const native =
      config.dataset === "digits" ? [1, 8, 8] : [shape[0]!, ...(shape[0] === 1 ? [28, 28] : shape.slice(1))];
    const facts: DataFacts = {
      name: config.dataset,
      fingerprint: "",
      shape,
      classes: names.length === 0 ? null : names,
      split: { seed: 0, train: 0, validation: 0, test: 0 },
      preprocessing: {
        kind: "image",
        scaling: config.scaling,
        max: 255,
        source: native as unknown as readonly [number, number, number],
      },
    };
    return { dataset: null, facts };
  }
}

/** The configuration with the schedule of the checkpoint, in epochs of the data here. */
function withDecay(
  config: TrainConfig,
  { decay }: OriginalCheckpoint,
  { dataset }: KnownData,
  inferred: Partial<Settings>,
  flags: Partial<Settings>,
): TrainConfig {
  if (decay === null || dataset === null) return config;
  const perEpoch = iterationsPerEpoch(dataset, trainBatches(config, dataset).batches);
  const decayEpochs = decay.milestones.map((milestone) => epochOf(milestone, perEpoch));
  return { ...resolved({ ...inferred, decayEpochs }, flags), architecture: config.architecture };
}

/** What a trainer of this configuration starts from. */
function start(config: TrainConfig, { dataset, facts }: KnownData): Snapshot {
  if (dataset !== null) return setup(config, dataset).trainer.snapshot;
  const classes = config.labels === "none" ? null : facts.classes!.length;
  const { step } = algorithm(config, { event: facts.shape, classes });
  const { weights, noise } = trainerStreams(config.seed);
  const drawn = batchStreams(config);
  const batches = { epoch: 0, position: 0, order: drawn.order.state, noise: drawn.noise.state };
  return {
    arrays: initialState(step, config.ema, weights),
    counters: { iteration: 0, noise: noise.state, batches, labeled: null },
  };
}

/** The time in epochs at which this iteration comes: rounding must not move it to the next one. */
function epochOf(iteration: number, perEpoch: number): number {
  let epoch = iteration / perEpoch;
  while (epoch * perEpoch > iteration) epoch *= 1 - Number.EPSILON;
  return epoch;
}

/**
 * The training state of the structure of `like` with the checkpoint's values.
 * @throws InterchangeError naming the first array that is missing, of another shape, or has no place.
 */
export function trainState(original: OriginalCheckpoint, like: Dict<NdArray>): Dict<NdArray> {
  const own = like as Dict<NdArray> & { energy: Part; generator?: Part; posterior?: Dict<NdArray> };
  const energy = part(original.energy, own.energy, "model.logp_net", (path) => path);
  const state: Record<string, unknown> = {
    energy: { ...energy, optimizer: optimizer(original.adam.energy, own.energy, (path) => path) },
  };
  if (own.generator !== undefined && own.posterior !== undefined) {
    const network = new Map([...original.generator].filter(([name]) => !POSTERIOR.includes(name)));
    const { params, state: buffers } = part(network, own.generator, "model.g", generatorName);
    state.generator = {
      params,
      state: buffers,
      optimizer: optimizer(original.adam.generator, own.generator, (path) => path),
    };
    state.posterior = posterior(original.generator, own.posterior);
  }
  return state as unknown as Dict<NdArray>;
}

type Part = { readonly params: Dict<NdArray>; readonly state: Dict<NdArray>; readonly optimizer: Dict<NdArray> };

/** What the original keeps with the generator, and this project with the entropy's estimator. */
const POSTERIOR: readonly string[] = ["stepsize", "post_logsigma"];

/** Buffers of the generator's network are below `g` there. */
const generatorName = (path: string, tree: "params" | "state"): string => (tree === "state" ? `g.${path}` : path);

function part(
  entries: StateDict,
  like: Part,
  where: string,
  nameOf: (path: string, tree: "params" | "state") => string,
): Pick<Part, "params" | "state"> {
  const unused = new Set(entries.keys());
  const fill = (tree: "params" | "state") =>
    mapTree(like[tree], isArray, (own: NdArray, path: string) => {
      const name = nameOf(path, tree);
      const value = entries.get(name);
      if (value === undefined) throw new InterchangeError(`${where} has no "${name}", which this architecture has`);
      const [expected, found] = [own, value].map((x) => `${x.dtype}[${x.shape}]`);
      if (expected !== found)
        throw new InterchangeError(`"${name}" of ${where} is ${found}, and this architecture has ${expected}`);
      unused.delete(name);
      return value;
    }) as Dict<NdArray>;
  const filled = { params: fill("params"), state: fill("state") };
  const [extra] = unused;
  if (extra !== undefined) throw new InterchangeError(`${where} has "${extra}", which this architecture has not`);
  return filled;
}

const optimizer = (
  adam: OriginalCheckpoint["adam"]["energy"],
  { optimizer: like }: Part,
  nameOf: (path: string) => string,
): Dict<NdArray> => (adam === null ? like : toTree(adam, like, nameOf));

/** η with a fresh optimiser, whose state the original does not save; or the step size of HMC. */
function posterior(generator: StateDict, like: Dict<NdArray>): Dict<NdArray> {
  const take = (name: string, { shape }: NdArray): NdArray => {
    const value = generator.get(name);
    if (value === undefined || value.shape.join() !== shape.join())
      throw new InterchangeError(`model.g has no "${name}" of shape [${shape}]`);
    return value;
  };
  if (isArray(like.stepsize)) return { stepsize: take("stepsize", like.stepsize) };
  const { post_logsigma } = like.params as { readonly post_logsigma: NdArray };
  return { ...like, params: { post_logsigma: take("post_logsigma", post_logsigma) } };
}

/** Settings that no checkpoint says and that change what its inputs or its further training are. */
const UNSAID = ["batchSize", "entWeight", "pgControl", "pControl", "nControl", "clfWeight", "warmupIters"] as const;

function notes(
  { adam, iteration }: OriginalCheckpoint,
  config: TrainConfig,
  inferred: Partial<Settings>,
  given: Partial<Settings>,
  { dataset, facts }: KnownData,
): string[] {
  const said = Object.entries(inferred).filter(([name]) => !(name in given));
  const generator = config.mode === "vera" || config.mode === "jem" || config.mode === "semi-supervised";
  const unsaid = UNSAID.filter((name) => !(name in given)).map((name) => `${flagOf(name)} ${config[name]}`);
  return [
    `read from the checkpoint: ${said.map(([name, value]) => `${name} ${value}`).join(", ")}, iteration ${iteration}`,
    ...(facts.preprocessing.kind === "image" && !("unitInterval" in given || "logit" in given)
      ? ["assumed: images scaled to [-1, 1]; if not, import again with --unit-interval or --logit"]
      : []),
    ...(adam.energy === null ? ["no optimisers in it: Adam starts afresh"] : []),
    "not in it, so fresh: random states" +
      (generator && config.generatorType === "vera" ? ", the optimiser of the posterior's scales η" : "") +
      (config.mode === "jem-baseline" ? ", the replay buffer" : ""),
    ...(unsaid.length > 0 ? [`not in it, and taken as usual where training goes on: ${unsaid.join(", ")}`] : []),
    ...(config.weightDecay > 0 && generator && config.generatorType === "vera"
      ? ["the original's weight decay moves the posterior's scales η, too; here it is the networks' alone"]
      : []),
    ...(dataset === null
      ? [
          `${facts.name} is not on this machine: the model can be used; to train it further, fetch the data (vera data fetch ${facts.name}) and import again`,
        ]
      : []),
  ];
}
