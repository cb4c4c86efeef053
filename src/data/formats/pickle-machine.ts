/**
 * Python's pickles as data. A pickle is a program for a small stack machine that may call any Python function; this machine calls
 * nothing but what its table of names holds, and refuses every other name. What it builds is spent from a budget. The instructions
 * are those of protocols 0 to 5, as documented in Python's `pickletools`.
 */
import type { Budget } from "./budget.js";
import type { ByteSource } from "./pickle-bytes.js";
import { literal } from "./pickle-literals.js";
import { PickleStack } from "./pickle-stack.js";
import {
  COST,
  keyText,
  PickleDict,
  PickleGlobal,
  PickleObject,
  PickleSet,
  PickleUnread,
  type PickleValue,
  text,
} from "./pickle-values.js";

/** What the pickle may refer to. Both throw where something is not known. */
export interface PickleNames {
  global(module: string, name: string): PickleGlobal;
  /** An object kept outside the pickle, by the identity it has in it; protocol 0 writes that as text. */
  persistent?(id: PickleValue): PickleValue;
}

/**
 * Runs one pickle from where the source stands; the source is left behind its end.
 * @param budget of the file.
 * @throws Error where it is truncated or corrupt, BudgetError where it builds too much, and whatever `names` throws.
 */
export const runPickle = (source: ByteSource, names: PickleNames, budget: Budget): PickleValue =>
  new Machine(source, names, budget).run();

class Machine {
  private readonly stack = new PickleStack();
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    private readonly source: ByteSource,
    private readonly names: PickleNames,
    private readonly budget: Budget,
  ) {}

  run(): PickleValue {
    for (;;) {
      const op = String.fromCharCode(this.source.uint8());
      if (op === ".") return this.stack.pop();
      let value = literal(op, this.source, this.budget);
      if (value === undefined) value = this.container(op);
      if (value === undefined) value = this.reference(op);
      if (value === undefined) this.act(op);
      else {
        this.budget.spend(COST.place);
        this.stack.push(value);
      }
    }
  }

  /** Instructions that push something that holds others. */
  private container(op: string): PickleValue | undefined {
    switch (op) {
      case "}":
        return this.make(new Map());
      case "]":
        return this.make([]);
      case "\x8f": // EMPTY_SET
        return this.make(new PickleSet("set"));
      case ")":
        return this.tuple([]);
      case "\x85":
        return this.tuple([this.stack.pop()]);
      case "\x86":
        return this.tuple(this.stack.popMany(2));
      case "\x87":
        return this.tuple(this.stack.popMany(3));
      case "t":
      case "l":
        return this.tuple(this.endMark());
      case "\x91": // FROZENSET
        return this.make(new PickleSet("frozenset", this.endMark()));
      case "d":
        return this.make(this.fill(new Map(), this.endMark()));
      default:
        return undefined;
    }
  }

  /** Instructions that push what is known already, or is made by something named. */
  private reference(op: string): PickleValue | undefined {
    switch (op) {
      case "h":
        return this.recall(this.source.uint8());
      case "j":
        return this.recall(this.source.uint32());
      case "g":
        return this.recall(this.source.index());
      case "2": // DUP
        return this.stack.top();
      case "c":
        return this.names.global(this.source.line(), this.source.line());
      case "\x93": {
        const [module, name] = this.stack.popMany(2);
        return this.names.global(text(module), text(name));
      }
      case "R": // REDUCE, and NEWOBJ
      case "\x81": {
        const [fn, args] = this.stack.popMany(2);
        return this.call(fn!, args!);
      }
      case "\x92": {
        // NEWOBJ_EX, with named arguments, which nothing that is read here has
        const [fn, args] = this.stack.popMany(3);
        return this.call(fn!, args!);
      }
      case "i": // INST
        return this.call(this.names.global(this.source.line(), this.source.line()), this.endMark());
      case "o": {
        // OBJ
        const [fn, ...args] = this.endMark();
        return this.call(fn ?? null, args);
      }
      case "Q": // BINPERSID
        return this.persistent(this.stack.pop());
      case "P": // PERSID
        return this.persistent(this.source.line());
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
        this.budget.spend(COST.object);
        this.stack.mark();
        break;
      case "a": {
        const value = this.stack.pop();
        this.append([value]);
        break;
      }
      case "e": // APPENDS, and ADDITEMS to a set
      case "\x90":
        this.append(this.endMark());
        break;
      case "s":
      case "u": {
        const items = op === "s" ? this.stack.popMany(2) : this.endMark();
        const target = this.stack.top();
        if (target instanceof Map) this.fill(target, items);
        else if (!(target instanceof PickleUnread)) throw new Error("no dictionary to add to");
        break;
      }
      case "0":
        // After a mark with nothing on it, POP takes the mark.
        if (this.stack.isEmpty) this.endMark();
        else this.stack.pop();
        break;
      case "1": // POP_MARK
        this.endMark();
        break;
      case "q":
        this.remember(this.source.uint8());
        break;
      case "r":
        this.remember(this.source.uint32());
        break;
      case "p":
        this.remember(this.source.index());
        break;
      case "\x94": // MEMOIZE
        this.remember(this.memo.size);
        break;
      case "b":
        this.build();
        break;
      default:
        throw new Error(`instruction 0x${op.charCodeAt(0).toString(16)} at byte ${this.source.at - 1}`);
    }
  }

  private make<T>(container: T): T {
    this.budget.spend(COST.object);
    return container;
  }

  private tuple(values: PickleValue[]): PickleValue[] {
    this.budget.spend(COST.tuple + COST.slot * values.length);
    return values;
  }

  private append(values: readonly PickleValue[]): void {
    const target = this.stack.top();
    if (target instanceof PickleUnread) return;
    const list = target instanceof PickleSet ? target.values : target;
    if (!Array.isArray(list)) throw new Error("no list to append to");
    for (const value of values) list.push(value);
  }

  /** Keys and values in turn. */
  private fill(target: Map<string, PickleValue>, items: readonly PickleValue[]): Map<string, PickleValue> {
    if (items.length % 2 !== 0) throw new Error("a key without a value");
    this.budget.spend((COST.entry * items.length) / 2);
    for (let i = 0; i < items.length; i += 2) target.set(keyText(items[i]!, this.budget), items[i + 1]!);
    return target;
  }

  private call(fn: PickleValue, args: PickleValue): PickleValue {
    if (!(fn instanceof PickleGlobal) || !Array.isArray(args))
      throw new Error("a call of something that is no function");
    this.budget.spend(COST.object);
    return fn.call(args, this.budget);
  }

  private persistent(id: PickleValue): PickleValue {
    if (this.names.persistent === undefined) throw new Error("a reference to something outside the pickle");
    this.budget.spend(COST.object);
    return this.names.persistent(id);
  }

  private build(): void {
    const state = this.stack.pop();
    const target = this.stack.top();
    if (target instanceof PickleObject || target instanceof PickleDict) target.setState(state, this.budget);
    else throw new Error("a state for something that has none");
  }

  private endMark(): PickleValue[] {
    this.budget.spend(-COST.object);
    return this.stack.endMark();
  }

  private remember(key: number): void {
    this.budget.spend(COST.entry);
    this.memo.set(key, this.stack.top());
  }

  private recall(key: number): PickleValue {
    const value = this.memo.get(key);
    if (value === undefined) throw new Error(`nothing remembered as ${key}`);
    return value;
  }
}
