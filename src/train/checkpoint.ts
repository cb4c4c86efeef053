/**
 * Checkpoints: one safetensors file with everything that training changes.
 *
 * The networks' parameters and buffers carry PyTorch's names under `logp_net.` and `generator.`; the rest (optimisers, averages, the
 * replay buffer) is named by its path under `train.`. Counters and random states are JSON in the metadata.
 */
import { readFile } from "node:fs/promises";
import { writeAtomic } from "../files/index.js";
import { leaves } from "../graph/index.js";
import type { Dict } from "../nn/index.js";
import { isArray, type NdArray, readSafetensors, SafetensorsError, writeSafetensors } from "../runtime/index.js";
import type { Snapshot } from "./trainer.js";

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

/** What a checkpoint says beside the arrays. */
export interface CheckpointInfo {
  /** Plain JSON of the run at this point: the trainer's counters are in here, and what the loop adds. */
  readonly [key: string]: unknown;
}

/** Writes a checkpoint; a crash while writing leaves the former one. */
export async function saveCheckpoint(
  path: string,
  { arrays, counters }: Snapshot,
  info: CheckpointInfo,
): Promise<void> {
  const tensors = leaves(arrays, isArray).map(([name, x]): [string, NdArray] => [stored(name), x]);
  const metadata = { format: FORMAT, counters: JSON.stringify(counters), info: JSON.stringify(info) };
  await writeAtomic(path, writeSafetensors(tensors, metadata));
}

/**
 * Reads a checkpoint into the structure of `like`, a snapshot of a trainer of the same configuration.
 * With `ignoreRest` the file may hold more than `like` asks for. `former`: an earlier version wrote it.
 * @throws CheckpointError where the file is damaged or its arrays are not those of `like`.
 */
export async function loadCheckpoint(
  path: string,
  like: Snapshot,
  { ignoreRest = false }: { readonly ignoreRest?: boolean } = {},
): Promise<{ snapshot: Snapshot; info: CheckpointInfo; former: boolean }> {
  const { tensors, metadata } = await readCheckpoint(path);
  const former = metadata.format === FORMER_FORMAT;
  const unused = new Set(tensors.keys());
  const fill = (tree: unknown, at: string): unknown => {
    if (isArray(tree)) {
      const name = stored(former ? at.replace(AVERAGED_STATISTICS, "train.$1.state.") : at);
      const value = tensors.get(name);
      if (value === undefined) throw new CheckpointError(`${path} has no "${name}": it is of another model`);
      if (value.shape.join() !== tree.shape.join() || value.dtype !== tree.dtype) {
        throw new CheckpointError(
          `"${name}" in ${path} is ${value.dtype}[${value.shape}], the model has ${tree.dtype}[${tree.shape}]`,
        );
      }
      unused.delete(name);
      return value;
    }
    return Object.fromEntries(
      Object.entries(tree as object).map(([k, v]) => [k, fill(v, at === "" ? k : `${at}.${k}`)]),
    );
  };
  const arrays = fill(like.arrays, "") as Dict<NdArray>;
  if (unused.size > 0 && !ignoreRest)
    throw new CheckpointError(`${path} has "${[...unused][0]}", which this model has not`);
  return {
    snapshot: { arrays, counters: JSON.parse(metadata.counters!) as Snapshot["counters"] },
    info: JSON.parse(metadata.info!) as CheckpointInfo,
    former,
  };
}

/** The arrays and metadata of a checkpoint file. @throws CheckpointError where it is missing, damaged or something else. */
export async function readCheckpoint(path: string): Promise<ReturnType<typeof readSafetensors>> {
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
    throw new CheckpointError(`${path} is damaged: ${cause.message}; resume from another checkpoint of the run`, {
      cause,
    });
  }
}
