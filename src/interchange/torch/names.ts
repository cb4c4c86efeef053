/**
 * The names that a checkpoint's pickle may use: tensors and storages, ordered dictionaries, counters, and NumPy's scalars (metrics
 * that scikit-learn computed). Everything else is refused by name; nothing is ever executed.
 */
import {
  PickleDict,
  PickleGlobal,
  type PickleNames,
  type PickleValue,
  text,
} from "../../data/formats/pickle-machine.js";
import { DType, NUMPY_GLOBALS } from "../../data/formats/pickle-numpy.js";
import { InterchangeError } from "../error.js";
import { STORAGES, Storage, type StorageFile, TorchTensor } from "./tensor.js";

const numbers = (value: PickleValue | undefined): number[] => {
  if (!Array.isArray(value)) throw new Error("a tensor's sizes are no tuple");
  return value.map((v) => (typeof v === "number" ? v : Number.NaN));
};

const rebuildTensor = (args: readonly PickleValue[]): TorchTensor => {
  const [storage, offset, size, stride] = args;
  if (!(storage instanceof Storage) || typeof offset !== "number") throw new Error("a tensor without a storage");
  return new TorchTensor(storage, offset, numbers(size), numbers(stride));
};

const dictionary = ([items]: readonly PickleValue[]): PickleDict => {
  if (items === undefined) return new PickleDict();
  if (items instanceof Map) return new PickleDict(items);
  if (!Array.isArray(items)) throw new Error("a dictionary of something else than pairs");
  return new PickleDict(items.map((pair) => [text((pair as PickleValue[])[0]), (pair as PickleValue[])[1] ?? null]));
};

const SCALARS: Readonly<Record<string, (view: DataView) => number>> = {
  f8: (view) => view.getFloat64(0, true),
  f4: (view) => view.getFloat32(0, true),
  i8: (view) => Number(view.getBigInt64(0, true)),
  i4: (view) => view.getInt32(0, true),
};

const scalar = ([dtype, content]: readonly PickleValue[]): number => {
  const read = dtype instanceof DType && dtype.order !== ">" ? SCALARS[dtype.name] : undefined;
  if (read === undefined || !(content instanceof Uint8Array)) throw new Error("a NumPy scalar of an unknown type");
  return read(new DataView(content.buffer, content.byteOffset, content.byteLength));
};

const FUNCTIONS: readonly (readonly [name: string, call: (args: readonly PickleValue[]) => PickleValue])[] = [
  ["collections.OrderedDict", dictionary],
  ["collections.Counter", dictionary],
  ["torch._utils._rebuild_tensor", rebuildTensor],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ["torch._utils._rebuild_parameter", ([data]) => data ?? null],
  ["torch.Size", ([sizes]) => sizes ?? []],
  ["numpy.core.multiarray.scalar", scalar],
  ["numpy._core.multiarray.scalar", scalar],
];

const GLOBALS: ReadonlyMap<string, PickleGlobal> = new Map([
  ...NUMPY_GLOBALS,
  ...FUNCTIONS.map(([name, call]) => [name, new PickleGlobal(name, call)] as const),
  ...Object.keys(STORAGES).map((name) => {
    const call = () => {
      throw new Error(`a call of torch.${name}`);
    };
    return [`torch.${name}`, new PickleGlobal(`torch.${name}`, call)] as const;
  }),
]);

/** For the pickle of a checkpoint whose storages are in `storages`. */
export const torchNames = (storages: StorageFile): PickleNames => ({
  global(module, name) {
    const known = GLOBALS.get(`${module}.${name}`);
    if (known !== undefined) return known;
    throw new InterchangeError(
      `refused: its pickle names ${module}.${name}, which no checkpoint of tensors needs, and which Python would run; save the state_dict instead of the module, and do not open this file with Python unless you trust where it came from`,
    );
  },
  /** ('storage', class, key, device, elements[, (view key, first element, elements)]). */
  persistent(id) {
    const [kind, type, key, , size, view] = Array.isArray(id) ? id : [];
    const element = type instanceof PickleGlobal ? STORAGES[type.name.replace(/^torch\./, "")] : undefined;
    if (kind !== "storage" || element === undefined || typeof key !== "string" || !isCount(size))
      throw new Error("a reference to something that is no storage");
    if (view === null || view === undefined) return new Storage(element, key, size, storages);
    const [, start, length] = Array.isArray(view) ? view : [];
    if (!isCount(start) || !isCount(length)) throw new Error("a view that is none");
    return new Storage(element, key, length, storages, start);
  },
});

const isCount = (value: PickleValue | undefined): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
