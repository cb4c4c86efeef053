/** A finished (or running) run from its files: by its folder, or by a checkpoint alone. */

import { stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import * as v from "valibot";
import { checked, checkedJson } from "../files/read-back.js";
import type { Safetensors } from "../runtime/index.js";
import { CheckpointError } from "./config/error.js";
import {
  ARCHITECTURES,
  CONFIG_FILE,
  ConfigError,
  readConfigFile,
  restoredConfig,
  type TrainConfig,
} from "./config/index.js";
import { fromCheckpoint, readCheckpoint } from "./folder/checkpoint.js";
import { checkpointOf, isOwn, runIn } from "./folder/run-files.js";
import { RUN_INFO, type RunInfo } from "./folder/run-info.js";
import { storedFits } from "./setup/fits.js";
import { type TrainedRun, trainedRun } from "./trained-run.js";

/**
 * Loads a run by its folder (the best checkpoint where there is one, else the last), or a checkpoint, wherever it lies.
 * @throws CheckpointError where there is no checkpoint, or it is damaged; ConfigError where the folder holds no run.
 */
export async function loadRun(path: string): Promise<TrainedRun> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new CheckpointError(`there is no run or checkpoint at ${path}`);
  if (!found.isDirectory()) return loadCheckpointAlone(path);
  const about = await readRunConfig(path);
  const checkpoint = bestOrLast(path, about.config);
  return assembled(path, checkpoint, about, await readCheckpoint(checkpoint));
}

/** What was trained, and which file says so. */
interface About {
  readonly config: TrainConfig;
  readonly info: RunInfo;
  readonly source: string;
}

async function loadCheckpointAlone(path: string): Promise<TrainedRun> {
  const file = await readCheckpoint(path);
  const folder = folderOf(path);
  const { config } = file.metadata;
  if (config === undefined) return assembled(folder, path, await readConfigBeside(folder, path), file);
  const below = relative(folder, path).split(sep).join("/");
  const inRun = isOwn(below) && (await runIn(folder)) !== null;
  return assembled(inRun ? folder : null, path, aboutOf(...configIn(path, config)), file);
}

function assembled(folder: string | null, checkpoint: string, { config, info, source }: About, file: Safetensors) {
  const fits = storedFits(config, file.tensors, info.data, checkpoint);
  const unfit = ({ message }: Error) =>
    new ConfigError(
      `${source}: run.data.shape is [${info.data.shape}], which does not fit architecture "${config.architecture}" (${message}); restore the file`,
    );
  return trainedRun({ folder, checkpoint, config, info, fits, unfit }, (arrays) => {
    const { snapshot } = fromCheckpoint(checkpoint, file, { arrays }, { toUse: true });
    return { arrays: snapshot.arrays, iteration: snapshot.counters.iteration };
  });
}

/** The configuration in a checkpoint's metadata, and how messages call it. */
function configIn(path: string, text: string): [content: Readonly<Record<string, unknown>>, source: string] {
  const source = `${path}, config in its metadata`;
  const refuse = (problem: string) => new ConfigError(`${source}: ${problem}; restore the file as training wrote it`);
  return [checkedJson(v.record(v.string(), v.unknown()), text, refuse), source];
}

/** @throws ConfigError where the folder holds no run, or its file is not as training wrote it */
async function readRunConfig(folder: string): Promise<About> {
  const file = join(folder, CONFIG_FILE);
  return aboutOf(await readConfigFile(file), file);
}

/** Checkpoints of earlier versions do not say what they are of. */
async function readConfigBeside(folder: string, path: string): Promise<About> {
  if ((await stat(join(folder, CONFIG_FILE)).catch(() => null)) === null)
    throw new CheckpointError(
      `${path} is of an earlier version, and does not say what it is a model of: put it back into the folder of its run, beside ${CONFIG_FILE}`,
    );
  return readRunConfig(folder);
}

/** @throws ConfigError where this is not what training leaves */
function aboutOf({ run, ...saved }: Readonly<Record<string, unknown>>, source: string): About {
  const { architecture } = saved;
  if (run === undefined || architecture === undefined)
    throw new ConfigError(`${source} is not what training leaves in the folder of a run: restore it`);
  const info = checked(
    v.object({ run: RUN_INFO }),
    { run },
    (problem) => new ConfigError(`${source}: ${problem}; restore the file as training wrote it`),
  ).run;
  if (typeof architecture === "string" && !(ARCHITECTURES as readonly string[]).includes(architecture))
    throw new ConfigError(`${source}: no architecture "${architecture}" in this version, but in vera ${info.vera}`);
  const config = restoredConfig(saved, source);
  if (config.labels !== "none" && info.data.classes === null)
    throw new ConfigError(
      `${source}: run.data.classes is null, and with labels "${config.labels}" there are classes; restore the file`,
    );
  const { preprocessing } = info.data;
  if (preprocessing.kind === "image" && preprocessing.scaling !== config.scaling)
    throw new ConfigError(
      `${source}: scaling is "${config.scaling}", and run.data.preprocessing.scaling "${preprocessing.scaling}"; restore the file`,
    );
  return { config, info, source };
}

const folderOf = (checkpoint: string): string => {
  const parent = dirname(checkpoint);
  return basename(parent) === "checkpoints" ? dirname(parent) : parent;
};

function bestOrLast(folder: string, { ckptPath }: TrainConfig): string {
  const found = checkpointOf(folder, ckptPath);
  if (found !== null) return found;
  throw new CheckpointError(
    ckptPath === null
      ? `${folder} holds no checkpoint yet`
      : `${folder} holds no checkpoint: its latest was kept at ${ckptPath} (--ckpt-path), and is not there; name it where it is now`,
  );
}
