/**
 * Python's pickles as data. A pickle is a program for a small stack machine that may call any Python function; this machine calls
 * nothing but what its table of names holds, and refuses every other name. Memory is bounded by the file: nothing is copied but
 * lists and dictionaries. The instructions are those of protocols 0 to 5, as documented in Python's `pickletools`.
 */
import { type ByteSource, utf8 } from "./pickle-bytes.js";

/** A class or function, with what it makes of its arguments. */
export class PickleGlobal {
  constructor(
    readonly name: string,
    readonly call: (args: readonly PickleValue[]) => PickleValue,
  ) {}
}

/** A value of the reader's own making. It takes a state where the pickle sets one. */
export abstract class PickleObject {
  setState(_state: PickleValue): void {
    throw new Error("a state for something that has none");
  }
}

/** A dictionary of a class of its own, like `OrderedDict`: whatever attributes it has are not data. */
export class PickleDict extends Map<string, PickleValue> {
  setState(): void {}
}

/** What the stack holds. Keys of dictionaries are text; numbers become text. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleGlobal
  | PickleObject
  | PickleValue[]
  | Map<string, PickleValue>;

/** What the pickle may refer to. Both throw where something is not known. */
export interface PickleNames {
  global(module: string, name: string): PickleGlobal;
  /** An object kept outside the pickle, by the identity it has in it. */
  persistent?(id: PickleValue): PickleValue;
}

/**
 * Runs one pickle from where the source stands; the source is left behind its end.
 * @throws Error where it is truncated or corrupt, and whatever `names` throws.
 */
export const runPickle = (source: ByteSource, names: PickleNames): PickleValue => new Machine(source, names).run();

class Machine {
  private stack: PickleValue[] = [];
  private readonly marks: PickleValue[][] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    private readonly source: ByteSource,
    private readonly names: PickleNames,
  ) {}

  run(): PickleValue {
    for (;;) {
      const op = String.fromCharCode(this.source.uint8());
      if (op === ".") return this.pop();
      const value = this.literal(op);
      if (value !== undefined) this.stack.push(value);
      else this.act(op);
    }
  }

  /** Instructions that push a new value. */
  private literal(op: string): PickleValue | undefined {
    switch (op) {
      case "}":
        return new Map();
      case "]":
      case ")":
        return [];
      case "N":
        return null;
      case "\x88":
        return true;
      case "\x89":
        return false;
      case "K":
        return this.source.uint8();
      case "M":
        return this.source.uint16();
      case "J":
        return this.source.int32();
      case "I":
      case "L":
        return this.source.decimal();
      case "\x8a": // LONG1
        return this.source.long(this.source.uint8());
      case "G":
        return this.source.float64();
      case "U": // SHORT_BINSTRING, and T BINSTRING: bytes of Python 2
      case "C": // SHORT_BINBYTES
        return this.source.take(this.source.uint8());
      case "T":
      case "B": // BINBYTES
        return this.source.take(this.source.uint32());
      case "\x8e": // BINBYTES8
      case "\x96": // BYTEARRAY8
        return this.source.take(this.source.uint64());
      case "\x8c": // SHORT_BINUNICODE
        return utf8(this.source.take(this.source.uint8()));
      case "X": // BINUNICODE
        return utf8(this.source.take(this.source.uint32()));
      case "t":
      case "l":
        return this.endMark();
      case "d":
        return new Map(entries(this.endMark()));
      case "\x85":
        return [this.pop()];
      case "\x86":
        return this.popMany(2);
      case "\x87":
        return this.popMany(3);
      case "h":
        return this.recall(this.source.uint8());
      case "j":
        return this.recall(this.source.uint32());
      case "c":
        return this.names.global(this.source.line(), this.source.line());
      case "\x93": {
        const [module, name] = this.popMany(2);
        return this.names.global(text(module!), text(name!));
      }
      case "R":
        return this.reduce();
      case "Q": // BINPERSID
        return this.persistent(this.pop());
      default:
        return undefined;
    }
  }

  /** Instructions that change what is there. */
  private act(op: string): void {
    switch (op) {
      case "\x80": // PROTO
        if (this.source.uint8() > 5) throw new Error("unknown protocol");
        break;
      case "\x95": // FRAME
        this.source.take(8);
        break;
      case "(":
        this.marks.push(this.stack);
        this.stack = [];
        break;
      case "a": {
        const value = this.pop();
        list(this.top()).push(value);
        break;
      }
      case "e": {
        const values = this.endMark();
        const target = list(this.top());
        for (const v of values) target.push(v);
        break;
      }
      case "s":
      case "u": {
        const items = op === "s" ? this.popMany(2) : this.endMark();
        const target = dict(this.top());
        for (const [key, value] of entries(items)) target.set(key, value);
        break;
      }
      case "0":
        this.pop();
        break;
      case "q":
        this.memo.set(this.source.uint8(), this.top());
        break;
      case "r":
        this.memo.set(this.source.uint32(), this.top());
        break;
      case "\x94": // MEMOIZE
        this.memo.set(this.memo.size, this.top());
        break;
      case "b":
        this.build();
        break;
      default:
        throw new Error(`instruction 0x${op.charCodeAt(0).toString(16)} at byte ${this.source.at - 1}`);
    }
  }

  private reduce(): PickleValue {
    const [fn, args] = this.popMany(2);
    if (!(fn instanceof PickleGlobal) || !Array.isArray(args))
      throw new Error("a call of something that is no function");
    return fn.call(args);
  }

  private persistent(id: PickleValue): PickleValue {
    if (this.names.persistent === undefined) throw new Error("a reference to something outside the pickle");
    return this.names.persistent(id);
  }

  private build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof PickleObject) target.setState(state);
    else if (!(target instanceof PickleDict)) throw new Error("a state for something that has none");
  }

  private endMark(): PickleValue[] {
    const values = this.stack;
    const below = this.marks.pop();
    if (below === undefined) throw new Error("no mark");
    this.stack = below;
    return values;
  }

  private recall(key: number): PickleValue {
    const value = this.memo.get(key);
    if (value === undefined) throw new Error(`nothing remembered as ${key}`);
    return value;
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined) throw new Error("the stack is empty");
    return value;
  }

  private popMany(n: number): PickleValue[] {
    if (this.stack.length < n) throw new Error("the stack is empty");
    return this.stack.splice(-n);
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined) throw new Error("the stack is empty");
    return value;
  }
}

/** Keys and values in turn, as pairs. */
function entries(items: readonly PickleValue[]): [string, PickleValue][] {
  const pairs: [string, PickleValue][] = [];
  for (let i = 0; i + 1 < items.length; i += 2) pairs.push([text(items[i]!), items[i + 1]!]);
  return pairs;
}

/** A key or name: text, or Python 2's bytes. @throws Error for anything else. */
export function text(value: PickleValue | undefined): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return utf8(value);
  if (typeof value === "number") return String(value);
  throw new Error("a name that is no text");
}

function list(value: PickleValue): PickleValue[] {
  if (!Array.isArray(value)) throw new Error("no list to append to");
  return value;
}

function dict(value: PickleValue): Map<string, PickleValue> {
  if (!(value instanceof Map)) throw new Error("no dictionary to add to");
  return value;
}
