/**
 * The names that a checkpoint's pickle may use: tensors and storages, Python's containers, NumPy's scalars and arrays (metrics that
 * scikit-learn computed), and types. Everything else is refused by name; nothing is ever executed.
 */
import { dataGlobal } from "../../data/formats/pickle.js";
import type { PickleNames } from "../../data/formats/pickle-machine.js";
import { unreadGlobal } from "../../data/formats/pickle-python.js";
import { PickleGlobal, PickleUnread, type PickleValue } from "../../data/formats/pickle-values.js";
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

/** (storage, offset, size, stride, …, dtype): of types that have no storage of their own, none of which is read. */
const rebuildUntyped = ([, , , , , , dtype]: readonly PickleValue[]): PickleUnread =>
  new PickleUnread(`torch.Tensor of ${dtype instanceof PickleGlobal ? dtype.name : "an unknown type"}`);

/** (function, class, its arguments, attributes): a tensor with attributes of its own. */
const rebuildFrom: PickleGlobal["call"] = ([fn, , args], budget) => {
  if (!(fn instanceof PickleGlobal) || !Array.isArray(args)) throw new Error("a tensor that nothing makes");
  return fn.call(args, budget);
};

const FUNCTIONS: readonly (readonly [name: string, call: PickleGlobal["call"]])[] = [
  ["torch._utils._rebuild_tensor", rebuildTensor],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ["torch._utils._rebuild_tensor_v3", rebuildUntyped],
  ["torch._utils._rebuild_parameter", ([data]) => data ?? null],
  ["torch._utils._rebuild_parameter_with_state", ([data]) => data ?? null],
  ["torch._utils._rebuild_sparse_tensor", () => new PickleUnread("sparse torch.Tensor")],
  ["torch._utils._rebuild_sparse_csr_tensor", () => new PickleUnread("sparse torch.Tensor")],
  ["torch._utils._rebuild_qtensor", () => new PickleUnread("quantised torch.Tensor")],
  ["torch._utils._rebuild_meta_tensor_no_storage", () => new PickleUnread("torch.Tensor without values (meta)")],
  ["torch._tensor._rebuild_from_type_v2", rebuildFrom],
  ["torch._tensor._rebuild_from_type", rebuildFrom],
  ["torch.serialization._get_layout", ([name]) => name ?? null],
  ["torch.Size", ([sizes]) => sizes ?? []],
  ["torch.device", ([kind, index]) => (typeof index === "number" ? `${String(kind)}:${index}` : (kind ?? null))],
];

/** Constants and classes that are named and never called: types of elements, kinds of quantisation, layouts. */
const CONSTANT =
  /^torch\.((b?float|u?int|complex|q?u?int|float8_)\w*|half|double|short|long|bool|per_(tensor|channel)_\w+|(preserve|contiguous|channels_last\w*)_format|Tensor|\w+Tensor|nn\.parameter\.Parameter|_utils\.torch\.\w+_format)$/;

const GLOBALS: ReadonlyMap<string, PickleGlobal> = new Map([
  ...FUNCTIONS.map(([name, call]) => [name, new PickleGlobal(name, call)] as const),
  ...Object.keys(STORAGES).flatMap((name) => {
    const call = () => {
      throw new Error(`a call of torch.${name}`);
    };
    const global = new PickleGlobal(`torch.${name}`, call);
    return [`torch.${name}`, `torch.storage.${name}`].map((path) => [path, global] as const);
  }),
]);

/** What a name stands for; undefined where no checkpoint of tensors needs it. */
const known = (module: string, name: string): PickleGlobal | undefined => {
  const path = `${module}.${name}`;
  return GLOBALS.get(path) ?? dataGlobal(module, name) ?? (CONSTANT.test(path) ? unreadGlobal(path) : undefined);
};

/** For the pickle of a checkpoint whose storages are in `storages`. */
export const torchNames = (storages: StorageFile): PickleNames => ({
  global(module, name) {
    const found = known(module, name);
    if (found !== undefined) return found;
    if (module.startsWith("__torch__"))
      throw new InterchangeError("it is a TorchScript archive, a program: save the state_dict of the module instead");
    throw new InterchangeError(
      `refused: its pickle names ${module}.${name}, which no checkpoint of tensors needs, and which Python would run; save the state_dict instead of the module, and do not open this file with Python unless you trust where it came from`,
    );
  },
  /** ('storage', class, key, device, elements[, (view key, first element, elements)]). */
  persistent(id) {
    if (typeof id === "string")
      throw new InterchangeError(
        "it was pickled with protocol 0, which writes tensors as text that PyTorch does not read either: save it with pickle_protocol=2",
      );
    if (Array.isArray(id) && id[0] === "module")
      throw new InterchangeError("it holds a whole module with its source: save the module's state_dict instead");
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
