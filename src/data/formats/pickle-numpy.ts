/** NumPy's values in pickles: element types, scalars and arrays. */
import { sizeOf } from "../../graph/shape.js";
import { halfToNumber } from "./half.js";
import { plain } from "./pickle-bytes.js";
import { unreadGlobal } from "./pickle-python.js";
import { asText, PickleGlobal, PickleObject, PickleUnread, type PickleValue, text } from "./pickle-values.js";

type Read = (view: DataView, at: number, little: boolean) => boolean | number | bigint;

/** By kind and size in bytes. */
const ELEMENTS: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["b1", (view, at) => view.getUint8(at) !== 0],
  ["i1", (view, at) => view.getInt8(at)],
  ["i2", (view, at, little) => view.getInt16(at, little)],
  ["i4", (view, at, little) => view.getInt32(at, little)],
  ["i8", (view, at, little) => plain(view.getBigInt64(at, little))],
  ["u1", (view, at) => view.getUint8(at)],
  ["u2", (view, at, little) => view.getUint16(at, little)],
  ["u4", (view, at, little) => view.getUint32(at, little)],
  ["u8", (view, at, little) => plain(view.getBigUint64(at, little))],
  ["f2", (view, at, little) => halfToNumber(view.getUint16(at, little))],
  ["f4", (view, at, little) => view.getFloat32(at, little)],
  ["f8", (view, at, little) => view.getFloat64(at, little)],
]);

/** NumPy's names of types whose values are not read. */
const NAMES: Readonly<Record<string, string>> = {
  c8: "numpy.complex64",
  c16: "numpy.complex128",
  f16: "numpy.longdouble",
  c32: "numpy.clongdouble",
};
const KINDS: Readonly<Record<string, string>> = {
  M: "numpy.datetime64",
  m: "numpy.timedelta64",
  V: "numpy.void",
  O: "numpy.object_",
  S: "numpy.bytes_",
  U: "numpy.str_",
};

/** A type of elements: `u1`, `f8`, … */
export class DType extends PickleObject {
  readonly type = "numpy.dtype";
  /** Without a byte order. */
  readonly name: string;
  /** `<`, `>`, or `|` where it does not matter. */
  private order: string;

  constructor(name: string) {
    super();
    this.name = name.replace(/^[<>=|]/, "");
    this.order = name.startsWith(">") ? ">" : "|";
  }

  /** (version, byte order, …). */
  override setState(state: PickleValue): void {
    const order = Array.isArray(state) ? state[1] : undefined;
    if (order !== undefined) this.order = asText(order) ?? this.order;
  }

  get little(): boolean {
    return this.order !== ">";
  }

  /** How an element is read; undefined where it is no boolean, integer or float. */
  get read(): Read | undefined {
    return ELEMENTS.get(this.name);
  }

  /** Bytes of an element that can be read. */
  get width(): number {
    return Number(this.name.slice(1));
  }

  /** NumPy's name for a scalar of this type. */
  get scalar(): string {
    return NAMES[this.name] ?? KINDS[this.name[0] ?? ""] ?? `numpy scalar of type ${this.name}`;
  }
}

/** Elements of one type, in the file. */
export class NumpyArray extends PickleObject {
  readonly type = "numpy.ndarray";
  shape: readonly number[] = [];
  dtype: DType | null = null;
  columnMajor = false;
  /** The bytes of the elements; null where they are not numbers. */
  content: Uint8Array | null = null;

  /** (version, shape, type, is it column-major, bytes). */
  override setState(state: PickleValue): void {
    if (!Array.isArray(state)) throw new Error("an array without its parts");
    const [, shape, dtype, columnMajor, content] = state;
    this.fill(shape, dtype, columnMajor !== false && columnMajor !== 0, content);
  }

  fill(
    shape: PickleValue | undefined,
    dtype: PickleValue | undefined,
    columnMajor: boolean,
    content: PickleValue | undefined,
  ): this {
    if (!(dtype instanceof DType) || !Array.isArray(shape)) throw new Error("an array without its type and shape");
    this.shape = shape.map((size) => (typeof size === "number" && size >= 0 ? size : Number.NaN));
    this.dtype = dtype;
    this.columnMajor = columnMajor;
    if (dtype.read === undefined) return this;
    const expected = sizeOf(this.shape) * dtype.width;
    if (!(content instanceof Uint8Array) || content.length !== expected)
      throw new Error(`an array of shape ${this.shape} does not have its ${expected} bytes`);
    this.content = content;
    return this;
  }

  /** The elements in the order of the file; null where they are no numbers. Integers beyond 53 bits are rounded. */
  numbers(): Float64Array | null {
    const { content, dtype } = this;
    if (content === null || dtype?.read === undefined) return null;
    const { read, width, little } = dtype;
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    return Float64Array.from({ length: content.length / width }, (_, i) => Number(read(view, i * width, little)));
  }
}

/** A boolean, a number, text or bytes; of other types the type alone. */
function scalar([dtype, content]: readonly PickleValue[]): PickleValue {
  if (!(dtype instanceof DType)) throw new Error("a NumPy scalar without a type");
  if (dtype.name.startsWith("S") && content instanceof Uint8Array) return content;
  if (dtype.read === undefined) return new PickleUnread(dtype.scalar);
  if (!(content instanceof Uint8Array) || content.length !== dtype.width)
    throw new Error(`a NumPy scalar that does not have its ${dtype.width} bytes`);
  return dtype.read(new DataView(content.buffer, content.byteOffset, content.byteLength), 0, dtype.little);
}

/** Protocol 5: (bytes, type, shape, order). */
const fromBuffer = ([content, dtype, shape, order]: readonly PickleValue[]) =>
  new NumpyArray().fill(shape, dtype, order !== "C", content);

const GLOBALS: ReadonlyMap<string, PickleGlobal> = new Map(
  [
    new PickleGlobal("numpy.dtype", ([name]) => new DType(name instanceof PickleGlobal ? name.name : text(name))),
    new PickleGlobal("numpy.core.multiarray.scalar", scalar),
    new PickleGlobal("numpy.core.multiarray._reconstruct", () => new NumpyArray()),
    new PickleGlobal("numpy.core.numeric._frombuffer", fromBuffer),
  ].map((global) => [global.name, global]),
);

/** Types themselves, masked arrays and random states: never called, and not read. */
const TYPES =
  /^numpy\.(ndarray|matrix|memmap|(rec\.|core\.records\.)?(recarray|record)|generic|bool_?|u?int(8|16|32|64|c|p)?|u?(byte|short|longlong)|float(16|32|64|96|128)?|half|single|double|c?longdouble|complex(64|128|192|256)?|str_|bytes_|void|object_|datetime64|timedelta64|dtypes\.\w+DType|ma\.core\.(MaskedArray|_mareconstruct)|random\.(_pickle\.)?__\w+_ctor|random\.(_mt19937\.MT19937|_pcg64\.PCG64))$/;

/** What a name of NumPy's stands for, in any of its versions; undefined where it is no data. */
export function numpyGlobal(name: string): PickleGlobal | undefined {
  const plainName = name.replace(/^numpy\._core\./, "numpy.core.");
  return GLOBALS.get(plainName) ?? (TYPES.test(plainName) ? unreadGlobal(plainName) : undefined);
}
