/**
 * MATLAB's level 5 MAT-files, as far as arrays of numbers go; elements may be compressed with zlib. The format is in MathWorks'
 * "MAT-File Format". SVHN is published in it: X, uint8 `[32, 32, 3, n]`, and y, uint8 `[n, 1]`, both column-major.
 */
import { constants, inflateSync } from "node:zlib";
import { DataError, reason, show } from "../error.js";

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
/** Element types by number: constructor of the stored numbers. */
const STORED: Readonly<Record<number, Constructor>> = {
  1: Int8Array,
  2: Uint8Array,
  3: Int16Array,
  4: Uint16Array,
  5: Int32Array,
  6: Uint32Array,
  7: Float32Array,
  9: Float64Array,
};
interface Constructor {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer): MatArray["data"];
}
/** Array classes that hold plain numbers: double (6) to uint32 (13). */
const NUMERIC = { first: 6, last: 13 };

/**
 * Reads the named arrays of a MAT-file; others are skipped.
 * @throws DataError where the file is no MAT-file of level 5, truncated, corrupt, or lacks one of them.
 */
export function parseMat5(bytes: Uint8Array, file: string, names: readonly string[]): Record<string, MatArray> {
  const problem = (text: string) => new DataError(file, text, "fetch the file again");
  if (bytes.length < HEADER) throw problem(`truncated: a MAT-file begins with ${HEADER} bytes, found ${bytes.length}`);
  const mark = String.fromCharCode(bytes[126]!, bytes[127]!);
  if (mark !== "IM" && mark !== "MI") throw problem("not a MAT-file of level 5");
  if (mark === "MI")
    throw new DataError(file, "big-endian MAT-files are not supported", "save it on a current machine");
  const found: Record<string, MatArray> = {};
  const reader = new Reader(bytes, HEADER, problem);
  while (reader.left >= 8) {
    const element = reader.element(true);
    const matrix = element.type === COMPRESSED ? inflateMatrix(element.data, names, problem) : element;
    if (matrix === null || matrix.type !== MATRIX) continue;
    const array = parseMatrix(matrix.data, names, problem);
    if (array !== null) found[array.name] = array;
  }
  const absent = names.filter((name) => !(name in found));
  if (absent.length > 0) throw problem(`no array ${absent.join(", ")} of numbers in it (or the file is truncated)`);
  return found;
}

type Problem = (text: string) => DataError;
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

/** Inflates a compressed element, if it is one of the arrays wanted. The header is looked at first, to know how large it may be. */
function inflateMatrix(data: Uint8Array, names: readonly string[], problem: Problem): Element | null {
  try {
    const head = inflateSync(data.subarray(0, 4096), { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 23 });
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    if (head.length < 8 || view.getUint32(0, true) !== MATRIX) return null;
    const size = view.getUint32(4, true);
    const { name, kind, shape } = matrixHeader(new Reader(head, 8, problem));
    if (!names.includes(name)) return null;
    const values = shape.reduce((n, d) => n * d, 1);
    if (kind <= NUMERIC.last && size > 8 * values + 4096)
      throw problem(`corrupt: ${show(size)} bytes for array ${name}`);
    const whole = inflateSync(data, { maxOutputLength: size + 8 });
    if (whole.length < size + 8)
      throw problem(`truncated: array ${name} has ${show(whole.length - 8)} of ${show(size)} bytes`);
    return { type: MATRIX, data: whole.subarray(8, 8 + size) };
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
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
): (MatArray & { name: string }) | null {
  const reader = new Reader(bytes, 0, problem);
  const { kind, complex, shape, name } = matrixHeader(reader);
  if (!names.includes(name)) return null;
  if (kind < NUMERIC.first || kind > NUMERIC.last || complex) throw problem(`array ${name} does not hold real numbers`);
  const { type, data } = reader.element();
  const stored = STORED[type];
  if (stored === undefined) throw problem(`array ${name} has elements of unknown type ${type}`);
  const values = shape.reduce((n, d) => n * d, 1);
  if (shape.some((d) => d < 0) || data.length !== values * stored.BYTES_PER_ELEMENT)
    throw problem(`corrupt: array ${name} of ${shape.join(" × ")} values has ${show(data.length)} bytes`);
  // Bytes are used in place; wider numbers are copied, as their start need not be aligned.
  return { name, shape, data: type === 2 ? data : new stored(Uint8Array.from(data).buffer) };
}
