/** Reading files of `torch.save`, whatever wrote them: nothing in one is trusted, and nothing executed. */
import { reason } from "../../data/error.js";
import { ByteSource } from "../../data/formats/pickle-bytes.js";
import { type PickleNames, type PickleValue, runPickle } from "../../data/formats/pickle-machine.js";
import { InterchangeError } from "../error.js";
import { torchNames } from "./names.js";
import { cutStorages, isStream, readPickles } from "./stream.js";
import { Storage, type StorageFile } from "./tensor.js";
import { isZip, openZip } from "./zip.js";

/** Dictionaries, lists, numbers, texts, and `TorchTensor`s, whose content stays in the file until it is asked for. */
export type TorchValue = PickleValue;

/** A checkpoint's pickle is small: the tensors are outside it. A larger one is made to fill the memory. */
const MAX_PICKLE = 2 ** 25;
/** Tensors may be copied out of the file this many times over, half precision becoming single, and shared storages counted twice. */
const COPIES = 4;

/**
 * What a file of `torch.save` holds.
 * @param file for messages.
 * @throws InterchangeError where it is something else, truncated or corrupt, or names a class that no checkpoint needs.
 */
export async function readTorch(bytes: Uint8Array, file: string): Promise<TorchValue> {
  try {
    if (isZip(bytes)) return await fromZip(bytes);
    if (isStream(bytes)) return fromStream(bytes);
  } catch (cause) {
    if (cause instanceof InterchangeError) throw new InterchangeError(`${file}: ${cause.message}`, { cause });
    throw new InterchangeError(`${file}: truncated or corrupt checkpoint (${reason(cause)})`, { cause });
  }
  throw new InterchangeError(
    `${file}: no checkpoint of PyTorch (neither the zip nor the stream that torch.save writes)`,
  );
}

async function fromZip(bytes: Uint8Array): Promise<TorchValue> {
  const { pickle, storage } = await openZip(bytes);
  if (pickle.length > MAX_PICKLE)
    throw new InterchangeError(`its pickle has ${pickle.length} bytes, which no checkpoint of tensors does`);
  const contents = new Map<string, Uint8Array>();
  const storages: StorageFile = {
    budget: COPIES * bytes.length,
    bytes(key) {
      const content = contents.get(key) ?? storage(key);
      contents.set(key, content);
      return content;
    },
  };
  return runPickle(new ByteSource(pickle), torchNames(storages));
}

function fromStream(bytes: Uint8Array): TorchValue {
  let contents: ReadonlyMap<string, Uint8Array> = new Map();
  const storages: StorageFile = {
    budget: COPIES * bytes.length,
    bytes(key) {
      const content = contents.get(key);
      if (content === undefined) throw new InterchangeError(`it has no storage ${key}: it is incomplete`);
      return content;
    },
  };
  const widths = new Map<string, number>();
  const names = torchNames(storages);
  const noting: PickleNames = {
    ...names,
    persistent(id) {
      const storage = names.persistent!(id);
      if (storage instanceof Storage) widths.set(storage.key, storage.element.bytes);
      return storage;
    },
  };
  const stream = readPickles(bytes.subarray(0, MAX_PICKLE), noting);
  contents = cutStorages(bytes, stream, (key) => widths.get(key));
  return stream.root;
}
