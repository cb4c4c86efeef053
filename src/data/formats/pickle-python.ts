/** Classes of Python's own library that pickles of data name. Containers are read, others are known by the names of their types. */
import type { Budget } from "./budget.js";
import {
  COST,
  keyText,
  PickleDict,
  PickleGlobal,
  PickleNamespace,
  PickleSet,
  PickleUnread,
  type PickleValue,
} from "./pickle-values.js";

type Call = (args: readonly PickleValue[], budget: Budget) => PickleValue;

function dictionary([items]: readonly PickleValue[], budget: Budget): PickleDict {
  if (items === undefined || items === null) return new PickleDict();
  if (items instanceof Map) {
    budget.spend(COST.entry * items.size);
    return new PickleDict(items);
  }
  if (!Array.isArray(items)) throw new Error("a dictionary of something else than pairs");
  budget.spend(COST.entry * items.length);
  return new PickleDict(
    items.map((pair) => {
      if (!Array.isArray(pair)) throw new Error("a dictionary of something else than pairs");
      return [keyText(pair[0] ?? null, budget), pair[1] ?? null];
    }),
  );
}

/** A copy of a list, or nothing. */
function elements(items: PickleValue | undefined, budget: Budget): PickleValue[] {
  const list = items instanceof PickleSet ? items.values : (items ?? []);
  if (!Array.isArray(list)) throw new Error("a collection of something else than a list");
  budget.spend(COST.tuple + COST.slot * list.length);
  return [...list];
}

/** How Python 3 writes bytes in protocols that have none: text of code points below 256. */
function encode([content, encoding]: readonly PickleValue[], budget: Budget): Uint8Array {
  const kept = typeof encoding === "string" && /^latin[-_]?1$/i.test(encoding);
  if (typeof content !== "string" || !kept) throw new Error("a call of _codecs.encode");
  budget.spend(COST.view + content.length);
  return Buffer.from(content, "latin1");
}

/** Of nothing, of bytes, or of text and its encoding. */
function bytes(args: readonly PickleValue[], budget: Budget): Uint8Array {
  const [content] = args;
  if (content === undefined) return new Uint8Array(0);
  return content instanceof Uint8Array ? content : encode(args, budget);
}

/** The parts of a path. */
const path: Call = (parts, budget) => {
  const texts = parts.map((part) => (typeof part === "string" ? part : ""));
  budget.spend(COST.text + 2 * texts.reduce((n, part) => n + part.length + 1, 0));
  return texts.join("/").replace(/^\/\//, "/");
};

/** How protocols 0 and 1 make an object of a class. */
const reconstructor: Call = ([cls, , state], budget) => {
  if (!(cls instanceof PickleGlobal)) throw new Error("an object of something that is no class");
  return cls.call(state === null || state === undefined ? [] : [state], budget);
};

const READ: readonly (readonly [name: string, call: Call])[] = [
  ["collections.OrderedDict", dictionary],
  ["collections.Counter", dictionary],
  ["collections.defaultdict", ([, items], budget) => dictionary(items === undefined ? [] : [items], budget)],
  ["collections.deque", ([items], budget) => elements(items, budget)],
  ["builtins.dict", dictionary],
  ["builtins.list", ([items], budget) => elements(items, budget)],
  ["builtins.tuple", ([items], budget) => elements(items, budget)],
  ["builtins.set", ([items], budget) => new PickleSet("set", elements(items, budget))],
  ["builtins.frozenset", ([items], budget) => new PickleSet("frozenset", elements(items, budget))],
  ["builtins.bytes", bytes],
  ["builtins.bytearray", bytes],
  ["_codecs.encode", encode],
  ["copyreg._reconstructor", reconstructor],
  ["argparse.Namespace", () => new PickleNamespace()],
  ["types.SimpleNamespace", () => new PickleNamespace()],
  ...["Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath"].map(
    (name) => [`pathlib.${name}`, path] as const,
  ),
];

/** Types whose values are not read. */
const UNREAD = [
  ...["complex", "slice", "range", "xrange", "object", "Ellipsis", "NotImplemented"].map((name) => `builtins.${name}`),
  ...["int", "long", "float", "bool", "str", "unicode"].map((name) => `builtins.${name}`),
  ...["datetime", "date", "time", "timedelta", "timezone"].map((name) => `datetime.${name}`),
  "decimal.Decimal",
  "fractions.Fraction",
  "uuid.UUID",
];

/** A class or constant whose values are known by their type alone. */
export const unreadGlobal = (name: string): PickleGlobal =>
  new PickleGlobal(name, () => new PickleUnread(name.replace(/^builtins\./, "")));

/** By module and name, as Python 3 calls them. */
export const PYTHON_GLOBALS: ReadonlyMap<string, PickleGlobal> = new Map([
  ...READ.map(([name, call]) => [name, new PickleGlobal(name, call)] as const),
  ...UNREAD.map((name) => [name, unreadGlobal(name)] as const),
]);
