/** Pickles of protocol 2 for `torch.load`: what `weights_only` allows, and no more. */
import type { DType } from "../../graph/index.js";
import { isArray, type NdArray } from "../../runtime/index.js";

/** `collections.OrderedDict`, as a state_dict is one. */
export class OrderedDict extends Map<string | number, PyValue> {}

/** What can be written: a Map becomes a `dict`, a whole number an `int`, any other a `float`. */
export type PyValue = null | boolean | number | string | NdArray | readonly PyValue[] | Map<string | number, PyValue>;

/** The pickle of a value; its arrays are named by their place in `storages`. */
export interface PickleWithStorages {
  readonly pickle: Uint8Array;
  readonly storages: readonly NdArray[];
}

const STORAGE: Readonly<Record<DType, string>> = { f32: "FloatStorage", i32: "IntStorage", bool: "BoolStorage" };

export function writePickle(value: PyValue): PickleWithStorages {
  const writer = new Writer();
  writer.op(0x80, 2);
  writer.value(value);
  writer.op(0x2e);
  return { pickle: Buffer.concat(writer.chunks), storages: writer.storages };
}

class Writer {
  readonly chunks: Uint8Array[] = [];
  readonly storages: NdArray[] = [];

  op(...bytes: number[]): void {
    this.chunks.push(Uint8Array.from(bytes));
  }

  value(value: PyValue): void {
    if (value === null) this.op(0x4e);
    else if (typeof value === "boolean") this.op(value ? 0x88 : 0x89);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "string") this.text(value);
    else if (isArray(value)) this.tensor(value);
    else if (value instanceof Map) this.dictionary(value);
    else this.list(value as readonly PyValue[]);
  }

  private number(value: number): void {
    const whole = Number.isInteger(value) && Math.abs(value) < 2 ** 31;
    const bytes = new DataView(new ArrayBuffer(whole ? 5 : 9));
    bytes.setUint8(0, whole ? 0x4a : 0x47); // BININT, BINFLOAT (big-endian)
    if (whole) bytes.setInt32(1, value, true);
    else bytes.setFloat64(1, value);
    this.chunks.push(new Uint8Array(bytes.buffer));
  }

  private text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    const length = new DataView(new ArrayBuffer(5));
    length.setUint8(0, 0x58); // BINUNICODE
    length.setUint32(1, bytes.length, true);
    this.chunks.push(new Uint8Array(length.buffer), bytes);
  }

  private global(module: string, name: string): void {
    this.chunks.push(new TextEncoder().encode(`c${module}\n${name}\n`));
  }

  /** EMPTY_LIST, the items, APPENDS. (`weights_only` does not know LIST.) */
  private list(items: readonly PyValue[]): void {
    this.op(0x5d, 0x28);
    for (const item of items) this.value(item);
    this.op(0x65);
  }

  private tuple(items: readonly number[]): void {
    this.op(0x28);
    for (const item of items) this.number(item);
    this.op(0x74);
  }

  private dictionary(map: ReadonlyMap<string | number, PyValue>): void {
    if (map instanceof OrderedDict) {
      this.global("collections", "OrderedDict");
      this.op(0x29, 0x52); // (), REDUCE
    } else this.op(0x7d);
    this.op(0x28);
    for (const [key, value] of map) {
      this.value(key);
      this.value(value);
    }
    this.op(0x75); // SETITEMS
  }

  /** `_rebuild_tensor_v2(storage, 0, sizes, strides, requires_grad=False, hooks=OrderedDict())`, of a storage outside. */
  private tensor(x: NdArray): void {
    const key = String(this.storages.push(x) - 1);
    this.global("torch._utils", "_rebuild_tensor_v2");
    this.op(0x28, 0x28);
    this.text("storage");
    this.global("torch", STORAGE[x.dtype]);
    this.text(key);
    this.text("cpu");
    this.number(x.size);
    this.op(0x74, 0x51); // TUPLE, BINPERSID
    this.number(0);
    this.tuple(x.shape);
    this.tuple(strides(x.shape));
    this.op(0x89);
    this.dictionary(new OrderedDict());
    this.op(0x74, 0x52); // TUPLE, REDUCE
  }
}

/** Row-major. */
const strides = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
