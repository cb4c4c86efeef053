/**
 * What `torch.save` wrote before PyTorch 1.6, and still does with `_use_new_zipfile_serialization=False`: five pickles (a magic
 * number, the protocol, facts about the machine, the object, the keys of its storages), then each storage as its number of elements
 * (64 bits) and its bytes.
 */
import { Budget } from "../../data/formats/budget.js";
import { ByteSource } from "../../data/formats/pickle-bytes.js";
import { type PickleNames, runPickle } from "../../data/formats/pickle-machine.js";
import type { PickleValue } from "../../data/formats/pickle-values.js";
import { InterchangeError } from "../error.js";

/** The first pickle holds this number. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
/** In any protocol it is shorter than this. */
const MAGIC_BYTES = 64;
const PROTOCOL = 1001;

const NO_NAMES: PickleNames = {
  global(module, name) {
    throw new InterchangeError(`refused: its header names ${module}.${name}, and a header holds only numbers`);
  },
};

/** Where the first pickle ends, if it holds the magic number; null if this is something else. */
export function afterMagic(bytes: Uint8Array): number | null {
  const source = new ByteSource(bytes.subarray(0, MAGIC_BYTES));
  try {
    return runPickle(source, NO_NAMES, new Budget(MAGIC_BYTES, "objects")) === MAGIC ? source.at : null;
  } catch {
    return null; // no pickle
  }
}

export interface TorchStream {
  /** The object; its storages are not there yet. */
  readonly root: PickleValue;
  /** Keys of the storages, in the order of their content, which starts at `at`. */
  readonly keys: readonly string[];
  readonly at: number;
}

/**
 * Reads the pickles.
 * @param start where the second begins.
 * @throws Error where they are truncated or corrupt.
 */
export function readPickles(bytes: Uint8Array, start: number, names: PickleNames, budget: Budget): TorchStream {
  const source = new ByteSource(bytes);
  source.at = start;
  const protocol = runPickle(source, NO_NAMES, budget);
  if (protocol !== PROTOCOL)
    throw new InterchangeError(`it has protocol ${String(protocol)} of torch.save; ${PROTOCOL} is read`);
  const machine = runPickle(source, NO_NAMES, budget);
  if (machine instanceof Map && machine.get("little_endian") === false)
    throw new InterchangeError("its numbers are big-endian; only little is read");
  const root = runPickle(source, names, budget);
  const keys = runPickle(source, NO_NAMES, budget);
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string"))
    throw new Error("the keys of the storages are no list of texts");
  return { root, keys, at: source.at };
}

/**
 * Cuts what follows the pickles into storages.
 * @param width bytes of an element of the storage; undefined for one that nothing refers to.
 * @throws InterchangeError where the file ends early or goes on.
 */
export function cutStorages(
  bytes: Uint8Array,
  { keys, at }: TorchStream,
  width: (key: string) => number | undefined,
): Map<string, Uint8Array> {
  const storages = new Map<string, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = at;
  for (const key of keys) {
    const element = width(key);
    if (element === undefined) throw new InterchangeError(`storage ${key} is of no tensor: the file is damaged`);
    if (position + 8 > bytes.length)
      throw new InterchangeError(`truncated: it ends before storage ${key}, of ${keys.length} storages`);
    const size = Number(view.getBigUint64(position, true)) * element;
    position += 8;
    if (position + size > bytes.length)
      throw new InterchangeError(
        `truncated: storage ${key} has ${size} bytes, the file ends after ${bytes.length - position} of them`,
      );
    storages.set(key, bytes.subarray(position, position + size));
    position += size;
  }
  if (position !== bytes.length)
    throw new InterchangeError(`${bytes.length - position} bytes follow its last storage: it is damaged`);
  return storages;
}
