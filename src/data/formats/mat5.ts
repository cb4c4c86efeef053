/**
 * MATLAB's level 5 MAT-files, as far as arrays of numbers go; elements may be compressed with zlib. The format is in MathWorks'
 * "MAT-File Format". SVHN is published in it: X, uint8 `[32, 32, 3, n]`, and y, uint8 `[n, 1]`, both column-major.
 */
import { constants, inflateSync } from "node:zlib";
import { DataError, reason, show } from "../error.js";
import { Budget, BudgetError } from "./budget.js";

export interface MatArray {
  /** Column-major: the first index moves fastest. */
  readonly shape: readonly number[];
  readonly data:
    | Uint8Array
    | Int8Array
    | Int16Array
    | Uint16Array
    | Int32Array
    | Uint32Array
    | Float32Array
    | Float64Array;
}

const MATRIX = 14;
const COMPRESSED = 15;
const HEADER = 128;
/** Element types by number: how the stored numbers are read from a buffer of their own. */
const STORED: Readonly<
  Record<number, { readonly bytes: number; readonly read: (data: ArrayBuffer) => MatArray["data"] }>
> = {
  1: { bytes: 1, read: (data) => new Int8Array(data) },
  2: { bytes: 1, read: (data) => new Uint8Array(data) },
  3: { bytes: 2, read: (data) => new Int16Array(data) },
  4: { bytes: 2, read: (data) => new Uint16Array(data) },
  5: { bytes: 4, read: (data) => new Int32Array(data) },
  6: { bytes: 4, read: (data) => new Uint32Array(data) },
  7: { bytes: 4, read: (data) => new Float32Array(data) },
  9: { bytes: 8, read: (data) => new Float64Array(data) },
  // Beyond 53 bits they are rounded.
  12: { bytes: 8, read: (data) => Float64Array.from(new BigInt64Array(data), Number) },
  13: { bytes: 8, read: (data) => Float64Array.from(new BigUint64Array(data), Number) },
};
/** Array classes that hold plain numbers: double (6) to uint64 (15). */
const NUMERIC = { first: 6, last: 15 };
/** Names of the others. */
const CLASSES: Readonly<Record<number, string>> = {
  1: "a cell array",
  2: "a struct",
  3: "an object",
  4: "text",
  5: "a sparse matrix",
};

/**
 * Reads the named arrays of a MAT-file; others are skipped.
 * @throws DataError where the file is no MAT-file of level 5, truncated, corrupt, swells more than its size allows, or lacks one of
 * them.
 */
export function parseMat5(bytes: Uint8Array, file: string, names: readonly string[]): Record<string, MatArray> {
  const problem: Problem = (text, wayOut = "fetch the file again") => new DataError(file, text, wayOut);
  const other = otherFormat(bytes);
  if (other !== null)
    throw problem(
      `not a MAT-file of level 5 but ${other}`,
      "save it with save(…, '-v7') in MATLAB or scipy.io.savemat in Python",
    );
  if (bytes.length < HEADER) throw problem(`truncated: a MAT-file begins with ${HEADER} bytes, found ${bytes.length}`);
  const mark = String.fromCharCode(bytes[126]!, bytes[127]!);
  if (mark !== "IM" && mark !== "MI") throw problem("not a MAT-file of level 5");
  if (mark === "MI")
    throw problem("big-endian MAT-files are not supported", "save it on a current machine, or with scipy.io.savemat");
  const found: Record<string, MatArray> = {};
  const reader = new Reader(bytes, HEADER, problem);
  const budget = new Budget(bytes.length, "inflated");
  try {
    while (reader.left >= 8) {
      const element = reader.element(true);
      const matrix = element.type === COMPRESSED ? inflateMatrix(element.data, names, problem, budget) : element;
      if (matrix === null || matrix.type !== MATRIX) continue;
      const array = parseMatrix(matrix.data, names, problem, budget);
      if (array !== null) found[array.name] = array;
    }
  } catch (cause) {
    if (cause instanceof BudgetError) throw new DataError(file, cause.message, undefined, { cause });
    throw cause;
  }
  const absent = names.filter((name) => !(name in found));
  if (absent.length > 0) throw problem(`no array ${absent.join(", ")} of numbers in it (or the file is truncated)`);
  return found;
}

/** What files of the same ending may be instead; null where it is none of them. */
function otherFormat(bytes: Uint8Array): string | null {
  const begins = (text: string, at = 0) => [...text].every((c, i) => bytes[at + i] === c.charCodeAt(0));
  if (begins("MATLAB 7.3 MAT-file") || begins("\x89HDF\r\n\x1a\n", 512)) return "of version 7.3, which is HDF5";
  if (begins("\x89HDF\r\n\x1a\n")) return "HDF5";
  if (bytes.length < 20) return null;
  // Level 4 begins with five numbers: type, rows, columns, is it complex, length of the name.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const levelFour = [true, false].some((little) => {
    const [type, , , complex, name] = [0, 4, 8, 12, 16].map((at) => view.getUint32(at, little));
    return /^([1-4]0)?[0-5]?[012]$/.test(String(type)) && complex! <= 1 && name! >= 1 && name! <= 256;
  });
  return levelFour ? "of level 4" : null;
}

type Problem = (text: string, wayOut?: string) => DataError;
interface Element {
  readonly type: number;
  readonly data: Uint8Array;
}

class Reader {
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
    private readonly problem: Problem,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** The next element: type, length and content, padded to 8 bytes; up to 4 bytes may be packed into the tag. */
  element(topLevel = false): Element {
    if (this.left < 8) throw this.problem(`truncated at byte ${this.bytes.length}`);
    const tag = this.view.getUint32(this.at, true);
    const small = tag >>> 16;
    const type = small > 0 ? tag & 0xffff : tag;
    const size = small > 0 ? small : this.view.getUint32(this.at + 4, true);
    const start = this.at + (small > 0 ? 4 : 8);
    if (start + size > this.bytes.length)
      throw this.problem(
        `truncated: an element of ${show(size)} bytes at byte ${this.at}, ${show(this.left)} are left`,
      );
    // Compressed elements are not padded.
    const unpadded = topLevel && type === COMPRESSED;
    this.at = small > 0 ? this.at + 8 : start + (unpadded ? size : Math.ceil(size / 8) * 8);
    return { type, data: this.bytes.subarray(start, start + size) };
  }
}

/** The header of an array is shorter than this. */
const ARRAY_HEADER = 512;

/** The first bytes of a compressed element. Little is inflated at a time, for little may swell to a thousand times as much. */
function inflateStart(data: Uint8Array): Uint8Array {
  for (let n = 64; ; n *= 2) {
    const start = inflateSync(data.subarray(0, n), { finishFlush: constants.Z_SYNC_FLUSH });
    if (start.length >= ARRAY_HEADER || n >= Math.min(data.length, 4 * ARRAY_HEADER)) return start;
  }
}

/** Inflates a compressed element, if it is one of the arrays wanted. The header is looked at first, to know how large it may be. */
function inflateMatrix(data: Uint8Array, names: readonly string[], problem: Problem, budget: Budget): Element | null {
  try {
    const head = inflateStart(data);
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    if (head.length < 8 || view.getUint32(0, true) !== MATRIX) return null;
    const size = view.getUint32(4, true);
    const { name, kind, shape } = matrixHeader(new Reader(head, 8, problem));
    if (!names.includes(name)) return null;
    const values = shape.reduce((n, d) => n * d, 1);
    if (kind <= NUMERIC.last && size > 8 * values + 4096)
      throw problem(`corrupt: ${show(size)} bytes for array ${name}`);
    budget.spend(size);
    const whole = inflateSync(data, { maxOutputLength: size + 8 });
    if (whole.length < size + 8)
      throw problem(`truncated: array ${name} has ${show(whole.length - 8)} of ${show(size)} bytes`);
    return { type: MATRIX, data: whole.subarray(8, 8 + size) };
  } catch (cause) {
    if (cause instanceof DataError || cause instanceof BudgetError) throw cause;
    throw problem(`corrupt: an element does not decompress (${reason(cause)})`);
  }
}

function matrixHeader(reader: Reader): { kind: number; complex: boolean; shape: number[]; name: string } {
  const flags = reader.element().data;
  const dims = reader.element().data;
  const name = new TextDecoder("latin1").decode(reader.element().data);
  const view = new DataView(dims.buffer, dims.byteOffset, dims.byteLength);
  const shape = Array.from({ length: dims.length >> 2 }, (_, i) => view.getInt32(4 * i, true));
  return { kind: flags[0] ?? 0, complex: ((flags[1] ?? 0) & 8) !== 0, shape, name };
}

function parseMatrix(
  bytes: Uint8Array,
  names: readonly string[],
  problem: Problem,
  budget: Budget,
): (MatArray & { name: string }) | null {
  const reader = new Reader(bytes, 0, problem);
  const { kind, complex, shape, name } = matrixHeader(reader);
  if (!names.includes(name)) return null;
  if (kind < NUMERIC.first || kind > NUMERIC.last || complex)
    throw problem(
      `array ${name} does not hold real numbers: it is ${complex ? "complex" : (CLASSES[kind] ?? `of class ${kind}`)}`,
    );
  const { type, data } = reader.element();
  const stored = STORED[type];
  if (stored === undefined) throw problem(`array ${name} has elements of unknown type ${type}`);
  const values = shape.reduce((n, d) => n * d, 1);
  if (shape.some((d) => d < 0) || data.length !== values * stored.bytes)
    throw problem(`corrupt: array ${name} of ${shape.join(" × ")} values has ${show(data.length)} bytes`);
  // Bytes are used in place; wider numbers are copied, as their start need not be aligned.
  if (type === 2) return { name, shape, data };
  budget.spend(2 * data.length);
  return { name, shape, data: stored.read(Uint8Array.from(data).buffer) };
}
