/** What pickles hold, as this project sees it: plain data, and for everything else the name of its type. */
import type { Budget } from "./budget.js";
import { utf8 } from "./pickle-bytes.js";

/** A class or function, with what it makes of its arguments. */
export class PickleGlobal {
  /** @param call spends what it copies. */
  constructor(
    readonly name: string,
    readonly call: (args: readonly PickleValue[], budget: Budget) => PickleValue,
  ) {}
}

/** A value of the reader's own making. It takes a state where the pickle sets one. */
export abstract class PickleObject {
  /** Python's name for its type, for messages. */
  abstract readonly type: string;

  /** @param _budget what it copies is spent from. */
  setState(_state: PickleValue, _budget: Budget): void {
    throw new Error(`a state for a ${this.type}, which has none`);
  }
}

/** Something sound whose content is not read: only its type is known. */
export class PickleUnread extends PickleObject {
  constructor(readonly type: string) {
    super();
  }

  override setState(): void {}
}

/** A set or frozenset. Elements that the pickle gives twice are kept twice. */
export class PickleSet extends PickleObject {
  constructor(
    readonly type: "set" | "frozenset",
    readonly values: PickleValue[] = [],
  ) {
    super();
  }
}

/** A dictionary of a class of its own, like `OrderedDict`: whatever attributes it has are not data. */
export class PickleDict extends Map<string, PickleValue> {
  setState(_state: PickleValue, _budget: Budget): void {}
}

/** An object that is its attributes, like `argparse.Namespace`. */
export class PickleNamespace extends PickleDict {
  override setState(state: PickleValue, budget: Budget): void {
    if (!(state instanceof Map)) throw new Error("a namespace of something else than a dictionary");
    budget.spend(COST.entry * state.size);
    for (const [key, value] of state) this.set(key, value);
  }
}

/** What the stack holds. Keys of dictionaries are text: {@link keyText}. Integers beyond 53 bits are bigints. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleGlobal
  | PickleObject
  | PickleValue[]
  | Map<string, PickleValue>;

/** Bytes of memory that things take, as measured in V8, to be spent before they are made. A place is one in a list that grows. */
export const COST = { place: 16, view: 100, object: 190, tuple: 66, entry: 56, slot: 8, text: 32 } as const;

/** What a value is in Python, for messages: `a bool`, `a numpy.complex64`. NumPy's numbers are numbers here. */
export function described(value: PickleValue): string {
  if (value === null) return "None";
  const type = typeName(value);
  return `${/^[aeiou]/i.test(type) ? "an" : "a"} ${type}`;
}

function typeName(value: Exclude<PickleValue, null>): string {
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number" || typeof value === "bigint") return "number";
  if (typeof value === "string") return "str";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof PickleGlobal) return `class ${value.name}`;
  if (value instanceof PickleObject) return value.type;
  return Array.isArray(value) ? "list or tuple" : "dict";
}

/** Text, which Python 2 keeps as bytes; null for anything else. */
export const asText = (value: PickleValue | undefined): string | null =>
  typeof value === "string" ? value : value instanceof Uint8Array ? utf8(value) : null;

/** A name: text, or Python 2's bytes. @throws Error for anything else. */
export function text(value: PickleValue | undefined): string {
  const name = asText(value);
  if (name === null) throw new Error("a name that is no text");
  return name;
}

/** Tuples of tuples in keys are written out this deep. */
const DEPTH = 4;
/** Larger integers are written in hexadecimal: writing them in decimal takes time that grows with the square of their size. */
const DECIMAL = 1n << 256n;

/** A key of a dictionary as text: text itself, numbers as they are written, others much as Python shows them. */
export function keyText(key: PickleValue, budget: Budget, depth = DEPTH): string {
  if (typeof key === "string") return key;
  if (key instanceof Uint8Array) {
    budget.spend(COST.text + 2 * key.length);
    return utf8(key);
  }
  if (typeof key === "number") return String(key);
  if (typeof key === "boolean") return key ? "True" : "False";
  if (typeof key === "bigint") {
    if (key < DECIMAL && key > -DECIMAL) return String(key);
    const digits = key.toString(16);
    budget.spend(digits.length);
    return `${key < 0n ? "-" : ""}0x${digits.replace("-", "")}`;
  }
  if (Array.isArray(key) && depth > 0) {
    budget.spend(COST.text * (1 + key.length));
    const written = `(${key.map((part) => keyText(part, budget, depth - 1)).join(", ")})`;
    budget.spend(2 * written.length);
    return written;
  }
  return key === null ? "None" : `<${typeName(key)}>`;
}
