/** NumPy's file format for one array, `.npy`, versions 1 to 3 (numpy.lib.format). */
import { sizeOf } from "../../graph/shape.js";
import type { NdArray } from "../../runtime/array.js";
import { DataError, show } from "../error.js";
import { DType } from "./pickle-numpy.js";

const MAGIC = [0x93, ...new TextEncoder().encode("NUMPY")];

/** An array of numbers. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** Row by row. Integers beyond 53 bits are rounded. */
  readonly values: Float64Array;
}

/** @throws DataError where it is no such file, holds no numbers, or not as many as it says. */
export function parseNpy(bytes: Uint8Array, file: string): NpyArray {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte))
    throw new DataError(file, "not a file of NumPy's format .npy", "save one array with numpy.save");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6]! > 1;
  if (long && bytes.length < 12) throw new DataError(file, "truncated: its header breaks off");
  const [start, length] = long ? [12, view.getUint32(8, true)] : [10, view.getUint16(8, true)];
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, start + length));
  const name = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? "";
  const dimensions = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  const dtype = new DType(name);
  const { read, little, width } = dtype;
  if (read === undefined || dimensions === undefined)
    throw new DataError(
      file,
      `its array is not of numbers: ${header.trim() || "no header"}`,
      "save numbers, as of type float64",
    );
  const shape = dimensions
    .split(",")
    .filter((part) => part.trim() !== "")
    .map(Number);
  const [found, size] = [bytes.length - start - length, sizeOf(shape)];
  if (found !== size * width)
    throw new DataError(
      file,
      `${found < size * width ? "truncated" : "too long"}: ${show(size * width)} bytes expected for [${shape}], found ${show(found)}`,
    );
  const order = /'fortran_order':\s*True/.test(header) ? columnByColumn(shape) : null;
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++) values[order?.(i) ?? i] = Number(read(view, start + length + i * width, little));
  return { shape, values };
}

/** Where in the order of rows the i-th element in the order of columns is. */
function columnByColumn(shape: readonly number[]): (i: number) => number {
  return (i) => {
    let [rest, place] = [i, 0];
    let stride = sizeOf(shape);
    for (const n of shape) {
      stride /= n;
      place += (rest % n) * stride;
      rest = Math.floor(rest / n);
    }
    return place;
  };
}

/** Where the header begins in version 1.0. */
const START = 10;
/** The data begin at a multiple of this. */
const ALIGNMENT = 64;
const TYPES = { f32: "<f4", i32: "<i4", bool: "|b1" } as const;

/** An array as the content of an `.npy` file: row-major, little-endian. */
export function encodeNpy({ data, shape, dtype }: NdArray): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const header = `{'descr': '${TYPES[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const unpadded = START + header.length + 1;
  const padding = (ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT;
  const text = Buffer.from(`${header}${" ".repeat(padding)}\n`, "latin1");
  const file = new Uint8Array(unpadded + padding + data.byteLength);
  file.set([...MAGIC, 1, 0]);
  file.set([text.length & 0xff, text.length >> 8], START - 2);
  file.set(text, START);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), unpadded + padding);
  return file;
}
