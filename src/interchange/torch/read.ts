/** Reading files of `torch.save`, whatever wrote them: nothing in one is trusted, and nothing executed. */
import { reason } from "../../data/error.js";
import { Budget, BudgetError } from "../../data/formats/budget.js";
import { ByteSource } from "../../data/formats/pickle-bytes.js";
import { type PickleNames, runPickle } from "../../data/formats/pickle-machine.js";
import type { PickleValue } from "../../data/formats/pickle-values.js";
import { InterchangeError } from "../error.js";
import { torchNames } from "./names.js";
import { afterMagic, cutStorages, readPickles } from "./stream.js";
import { Storage, type StorageFile } from "./tensor.js";
import { isZip, openZip } from "./zip.js";

/** Dictionaries, lists, numbers, texts, and `TorchTensor`s, whose content stays in the file until it is asked for. Of what is not read, the type. */
export type TorchValue = PickleValue;

/**
 * What a file of `torch.save` holds.
 * @param file for messages.
 * @throws InterchangeError where it is something else, truncated or corrupt, or names a class that no checkpoint needs.
 */
export async function readTorch(bytes: Uint8Array, file: string): Promise<TorchValue> {
  try {
    if (isZip(bytes)) return await fromZip(bytes);
    const start = afterMagic(bytes);
    if (start !== null) return fromStream(bytes, start);
  } catch (cause) {
    if (cause instanceof InterchangeError || cause instanceof BudgetError)
      throw new InterchangeError(`${file}: ${cause.message}`, { cause });
    throw new InterchangeError(`${file}: truncated or corrupt checkpoint (${reason(cause)})`, { cause });
  }
  const found = bytes[0] === 0x80 ? "a pickle, but not torch.save's" : "neither the zip nor the stream of torch.save";
  throw new InterchangeError(`${file}: no checkpoint of PyTorch (${found}): write it with torch.save`);
}

async function fromZip(bytes: Uint8Array): Promise<TorchValue> {
  const { pickle, storage } = await openZip(bytes);
  const contents = new Map<string, Uint8Array>();
  const storages: StorageFile = {
    budget: new Budget(bytes.length, "copies"),
    bytes(key) {
      const content = contents.get(key) ?? storage(key);
      contents.set(key, content);
      return content;
    },
  };
  return runPickle(new ByteSource(pickle), torchNames(storages), new Budget(pickle.length, "objects"));
}

function fromStream(bytes: Uint8Array, start: number): TorchValue {
  let contents: ReadonlyMap<string, Uint8Array> = new Map();
  const storages: StorageFile = {
    budget: new Budget(bytes.length, "copies"),
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
  const stream = readPickles(bytes, start, noting, new Budget(bytes.length, "objects"));
  contents = cutStorages(bytes, stream, (key) => widths.get(key));
  return stream.root;
}
