/**
 * Checkpoints: one safetensors file with everything that training changes.
 *
 * The networks' parameters and buffers carry PyTorch's names under `logp_net.` and `generator.`; the rest (optimisers, averages, the
 * replay buffer) is named by its path under `train.`. Counters, random states and the configuration are JSON in the metadata.
 */
import { readFile } from "node:fs/promises";
import { writeAtomic } from "../../files/index.js";
import { checkedJson, type Schema } from "../../files/read-back.js";
import { leaves, sameTree } from "../../graph/index.js";
import {
  isArray,
  type NdArray,
  readSafetensors,
  type Safetensors,
  SafetensorsError,
  safetensorsParts,
} from "../../runtime/index.js";
import type { Snapshot } from "../../train/trainer.js";
import { CHECKPOINT_INFO, type CheckpointInfo, COUNTERS } from "./progress-schema.js";
import type { SavedConfig } from "./run-info.js";

/** A checkpoint cannot be read or does not belong to this run. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
}

const FORMAT = "vera-checkpoint-2";
/** Of versions whose batches, labels and test points were drawn from other streams, and that did not average batch norm's statistics. */
const FORMER_FORMAT = "vera-checkpoint-1";

/** Paths in the snapshot, and the names that they are stored under: the first prefix that matches counts. */
const NAMES: readonly (readonly [path: string, name: string])[] = [
  ["train.energy.params.", "logp_net."],
  ["train.energy.state.", "logp_net."],
  ["train.generator.params.", "generator."],
  ["train.generator.state.", "generator.g."],
  ["train.posterior.params.", "generator."],
];
const AVERAGED_STATISTICS = /^statistics\.(\w+)\./;
const stored = (path: string): string => {
  const [prefix, name] = NAMES.find(([p]) => path.startsWith(p)) ?? ["", "train."];
  return name + path.slice(prefix.length);
};

/** A checkpoint may lie anywhere: where its run did is not said. */
const NOWHERE = { saveDir: ".", resume: null, ckptPath: null } as const satisfies Partial<SavedConfig>;

/**
 * Writes a checkpoint; a crash while writing leaves the former one.
 * @param config what the run's config.json says: a checkpoint is enough to use its model
 */
export async function saveCheckpoint(
  path: string,
  { arrays, counters }: Snapshot,
  info: CheckpointInfo,
  config: SavedConfig,
): Promise<void> {
  const tensors = leaves(arrays, isArray).map(([name, x]): [string, NdArray] => [stored(name), x]);
  const metadata = {
    format: FORMAT,
    counters: JSON.stringify(counters),
    info: JSON.stringify(info),
    config: JSON.stringify({ ...config, ...NOWHERE }),
  };
  await writeAtomic(path, safetensorsParts(tensors, metadata));
}

/** What training alone has use for. */
const REPLAY = stored("replay.");

/** What a checkpoint holds, in the structure of a trainer's snapshot. */
export interface Loaded {
  readonly snapshot: Snapshot;
  readonly info: CheckpointInfo;
  /** An earlier version wrote it. */
  readonly former: boolean;
}

/**
 * Reads a checkpoint into the structure of `like`, a snapshot of a trainer of the same configuration, or an outline of one.
 * @throws CheckpointError where the file is damaged, its arrays are not those of `like`, or its counters are none
 */
export const loadCheckpoint = async (path: string, like: Pick<Snapshot, "arrays">): Promise<Loaded> =>
  fromCheckpoint(path, await readCheckpoint(path), like);

/**
 * The same of a file that has been read.
 * @param options `toUse`: for the model alone, so that the file may hold a replay buffer that `like` has not.
 * @throws CheckpointError
 */
export function fromCheckpoint(
  path: string,
  { tensors, metadata }: Safetensors,
  like: Pick<Snapshot, "arrays">,
  { toUse = false }: { readonly toUse?: boolean } = {},
): Loaded {
  const former = metadata.format === FORMER_FORMAT;
  const unused = new Set(tensors.keys());
  const arrays = sameTree(like.arrays, isArray, (own: NdArray, at) => {
    const name = stored(former ? at.replace(AVERAGED_STATISTICS, "train.$1.state.") : at);
    const value = tensors.get(name);
    if (value === undefined) throw new CheckpointError(`${path} has no "${name}": it is of another model`);
    if (value.shape.join() !== own.shape.join() || value.dtype !== own.dtype) {
      throw new CheckpointError(
        `"${name}" in ${path} is ${value.dtype}[${value.shape}], the model has ${own.dtype}[${own.shape}]`,
      );
    }
    unused.delete(name);
    return value;
  });
  const extra = [...unused].find((name) => !(toUse && name.startsWith(REPLAY)));
  if (extra !== undefined) throw new CheckpointError(`${path} has "${extra}", which this model has not`);
  const said = <T>(name: "counters" | "info", schema: Schema<T>): T =>
    checkedJson(schema, metadata[name] ?? "null", (problem) => damaged(path, `${name} in its metadata: ${problem}`));
  return { snapshot: { arrays, counters: said("counters", COUNTERS) }, info: said("info", CHECKPOINT_INFO), former };
}

const damaged = (path: string, why: string, cause?: unknown): CheckpointError =>
  new CheckpointError(`${path} is damaged: ${why}; resume from another checkpoint of the run`, { cause });

/** The arrays and metadata of a checkpoint file. @throws CheckpointError where it is missing, damaged or something else. */
export async function readCheckpoint(path: string): Promise<Safetensors> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new CheckpointError(`cannot read the checkpoint ${path}: ${(cause as Error).message}`, { cause });
  }
  try {
    const file = readSafetensors(bytes);
    if (![FORMAT, FORMER_FORMAT].includes(file.metadata.format ?? ""))
      throw new CheckpointError(`${path} is not a checkpoint of this program`);
    return file;
  } catch (cause) {
    if (!(cause instanceof SafetensorsError)) throw cause;
    throw damaged(path, cause.message, cause);
  }
}
