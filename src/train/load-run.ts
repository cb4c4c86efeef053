/** A finished (or running) run, ready to use: the networks with their trained variables, and how inputs are prepared. */
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { categoriesOf, type Preprocessing } from "../data/index.js";
import type { EnergyModel, Generator, GeneratorVariables, TrainState } from "../ebm/index.js";
import { leaves } from "../graph/index.js";
import type { Variables } from "../nn/index.js";
import { isArray, type NdArray } from "../runtime/index.js";
import { shapesOnly } from "../runtime/streams.js";
import { algorithm } from "./algorithm.js";
import { CheckpointError, loadCheckpoint, readCheckpoint } from "./checkpoint.js";
import { ARCHITECTURES, CONFIG_FILE, ConfigError, readConfigFile, type TrainConfig } from "./config/index.js";
import { storedFits } from "./fits.js";
import { initialState, withAverages } from "./trainer.js";

/** What config.json says beside the configuration. */
export interface RunInfo {
  /** Version of this package that the run was started with. */
  readonly vera: string;
  /** The run began with a checkpoint from elsewhere. */
  readonly imported?: boolean;
  readonly data: {
    readonly name: string;
    readonly fingerprint: string;
    /** Shape of one example. */
    readonly shape: readonly number[];
    /** Names of the classes by label, or null. */
    readonly classes: readonly string[] | null;
    readonly preprocessing: Preprocessing;
  };
}

/** A model out of training. */
export interface TrainedRun {
  readonly folder: string;
  readonly checkpoint: string;
  readonly config: TrainConfig;
  readonly info: RunInfo;
  readonly model: EnergyModel;
  /** The density model's variables; averages of the parameters where the run kept them. */
  readonly variables: Variables<NdArray>;
  /** Null where the run has no generator. */
  readonly generator: { readonly model: Generator; readonly variables: GeneratorVariables<NdArray> } | null;
  /** Iterations that the checkpoint has seen. */
  readonly iteration: number;
}

/**
 * Loads a run by its folder (the best checkpoint where there is one, else the last) or by one of its checkpoint files.
 * @throws CheckpointError where there is no checkpoint, or it is damaged; ConfigError where the folder holds no run.
 */
export async function loadRun(path: string): Promise<TrainedRun> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new CheckpointError(`there is no run or checkpoint at ${path}`);
  const folder = found.isDirectory() ? path : folderOf(path);
  const checkpoint = found.isDirectory() ? await bestOrLast(folder) : path;
  const file = join(folder, CONFIG_FILE);
  const { run, ...saved } = (await readConfigFile(file)) as { run: RunInfo };
  const config = { base: "none", ...saved } as unknown as TrainConfig; // (earlier versions had no base measures)
  if (run?.data === undefined || config.architecture === undefined)
    throw new ConfigError(`${file} is not what training leaves in the folder of a run: restore it`);
  if (!ARCHITECTURES.includes(config.architecture))
    throw new ConfigError(`${file}: no architecture "${config.architecture}" in this version, but in vera ${run.vera}`);
  const classes = config.labels === "none" ? null : run.data.classes!.length;
  const { tensors } = await readCheckpoint(checkpoint);
  const parts = algorithm(config, {
    event: run.data.shape,
    classes,
    ...storedFits(config, tensors),
    categories: categoriesOf(run.data.preprocessing),
  });
  const like = initialState(parts.step, config.ema, shapesOnly());
  const { snapshot } = await loadCheckpoint(
    checkpoint,
    { arrays: like, counters: null as never },
    { ignoreRest: true },
  );
  const state = withAverages(snapshot.arrays as never, config.ema) as TrainState<NdArray> & {
    generator?: GeneratorVariables<NdArray>;
  };
  refuseNotFinite(checkpoint, { model: state.energy.params, generator: state.generator?.params ?? {} });
  return {
    folder,
    checkpoint,
    config,
    info: run,
    model: parts.model,
    variables: { params: state.energy.params, state: state.energy.state },
    generator: parts.generator && { model: parts.generator, variables: state.generator! },
    iteration: snapshot.counters.iteration,
  };
}

/** What diverged, or was damaged, answers everything with NaN. @throws CheckpointError naming the first parameter that is not finite. */
function refuseNotFinite(checkpoint: string, params: Readonly<Record<string, unknown>>): void {
  for (const [name, { data }] of leaves(params, isArray)) {
    if (data.every(Number.isFinite)) continue;
    throw new CheckpointError(`${checkpoint}: ${name} holds numbers that are not finite; take another checkpoint`);
  }
}

const folderOf = (checkpoint: string): string => {
  const parent = dirname(checkpoint);
  return basename(parent) === "checkpoints" ? dirname(parent) : parent;
};

async function bestOrLast(folder: string): Promise<string> {
  for (const name of ["best", "last"]) {
    const path = join(folder, "checkpoints", `${name}.safetensors`);
    if ((await stat(path).catch(() => null)) !== null) return path;
  }
  throw new CheckpointError(`${folder} holds no checkpoint yet`);
}
