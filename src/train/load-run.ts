/** A finished (or running) run, ready to use: the networks with their trained variables, and how inputs are prepared. */
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { categoriesOf } from "../data/index.js";
import type { EnergyModel, Generator, GeneratorVariables, TrainState } from "../ebm/index.js";
import { checked } from "../files/read-back.js";
import { leaves } from "../graph/index.js";
import type { Variables } from "../nn/index.js";
import { isArray, type NdArray, outline } from "../runtime/index.js";
import { shapesOnly } from "../runtime/streams.js";
import { algorithm } from "./algorithm.js";
import { CheckpointError, loadCheckpoint, readCheckpoint } from "./checkpoint.js";
import {
  ARCHITECTURES,
  CONFIG_FILE,
  ConfigError,
  readConfigFile,
  restoredConfig,
  type TrainConfig,
} from "./config/index.js";
import { storedFits } from "./fits.js";
import { RUN_INFO, type RunInfo } from "./run-info.js";
import { initialState, withAverages } from "./trainer.js";
import { fitting, tryOut } from "./try-out.js";

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
  const { config, info } = await readRunConfig(folder);
  const classes = config.labels === "none" ? null : info.data.classes!.length;
  const { tensors } = await readCheckpoint(checkpoint);
  const { shape, preprocessing } = info.data;
  const fits = storedFits(config, tensors, info.data, checkpoint);
  const task = { event: shape, classes, ...fits, categories: categoriesOf(preprocessing) };
  const unfit = ({ message }: Error) =>
    new ConfigError(
      `${join(folder, CONFIG_FILE)}: run.data.shape is [${shape}], which does not fit architecture "${config.architecture}" (${message}); restore the file`,
    );
  const parts = fitting(() => algorithm(config, task), unfit);
  const like = outline(() => initialState(parts.step, config.ema, shapesOnly()));
  const { snapshot } = await loadCheckpoint(checkpoint, { arrays: like }, { toUse: true });
  const state = withAverages(snapshot.arrays as never, config.ema) as TrainState<NdArray> & {
    generator?: GeneratorVariables<NdArray>;
  };
  fitting(() => tryOut(parts.model, state.energy, shape), unfit);
  refuseNotFinite(checkpoint, { model: state.energy.params, generator: state.generator?.params ?? {} });
  return {
    folder,
    checkpoint,
    config,
    info,
    model: parts.model,
    variables: { params: state.energy.params, state: state.energy.state },
    generator: parts.generator && { model: parts.generator, variables: state.generator! },
    iteration: snapshot.counters.iteration,
  };
}

/** @throws ConfigError where the folder holds no run, or its file is not as training wrote it */
async function readRunConfig(folder: string): Promise<{ readonly config: TrainConfig; readonly info: RunInfo }> {
  const file = join(folder, CONFIG_FILE);
  const { run, ...saved } = await readConfigFile(file);
  const { architecture } = saved;
  if (run === undefined || architecture === undefined)
    throw new ConfigError(`${file} is not what training leaves in the folder of a run: restore it`);
  const info = checked(
    v.object({ run: RUN_INFO }),
    { run },
    (problem) => new ConfigError(`${file}: ${problem}; restore the file as training wrote it`),
  ).run;
  if (typeof architecture === "string" && !(ARCHITECTURES as readonly string[]).includes(architecture))
    throw new ConfigError(`${file}: no architecture "${architecture}" in this version, but in vera ${info.vera}`);
  const config = restoredConfig(saved, file);
  if (config.labels !== "none" && info.data.classes === null)
    throw new ConfigError(
      `${file}: run.data.classes is null, and with labels "${config.labels}" there are classes; restore the file`,
    );
  const { preprocessing } = info.data;
  if (preprocessing.kind === "image" && preprocessing.scaling !== config.scaling)
    throw new ConfigError(
      `${file}: scaling is "${config.scaling}", and run.data.preprocessing.scaling "${preprocessing.scaling}"; restore the file`,
    );
  return { config, info };
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
