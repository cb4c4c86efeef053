/** NumPy's file format for one array (numpy.lib.format): version 1.0 out, all versions in. */
import { DataError } from "../data/index.js";
import { sizeOf } from "../graph/index.js";
import { NdArray } from "../runtime/index.js";

const MAGIC = [0x93, ...Buffer.from("NUMPY"), 1, 0];
/** The data begin at a multiple of this. */
const ALIGNMENT = 64;
const TYPES = { f32: "<f4", i32: "<i4", bool: "|b1" } as const;

/** An array as the content of an `.npy` file: row-major, little-endian. */
export function encodeNpy({ data, shape, dtype }: NdArray): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const header = `{'descr': '${TYPES[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const unpadded = MAGIC.length + 2 + header.length + 1;
  const padding = (ALIGNMENT - (unpadded % ALIGNMENT)) % ALIGNMENT;
  const text = Buffer.from(`${header}${" ".repeat(padding)}\n`, "latin1");
  const file = new Uint8Array(unpadded + padding + data.byteLength);
  file.set(MAGIC);
  file.set([text.length & 0xff, text.length >> 8], MAGIC.length);
  file.set(text, MAGIC.length + 2);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), unpadded + padding);
  return file;
}

/** Numbers that are read: of 32 and of 64 bits. */
const FLOATS: Readonly<Record<string, (bytes: DataView, at: number) => number>> = {
  "<f4": (bytes, at) => bytes.getFloat32(4 * at, true),
  "<f8": (bytes, at) => bytes.getFloat64(8 * at, true),
};

/** The array of floats in the content of an `.npy` file. @throws DataError, naming the file, where it is none, cut short, or of another type */
export function decodeNpy(path: string, content: Uint8Array): NdArray {
  const bytes = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content.length < 12 || !MAGIC.slice(0, 6).every((byte, i) => content[i] === byte))
    throw new DataError(path, "not a NumPy file (.npy)");
  const wide = content[6]! > 1;
  const begin = wide ? 12 : 10;
  const end = begin + (wide ? bytes.getUint32(8, true) : bytes.getUint16(8, true));
  const header = Buffer.from(content.subarray(begin, end)).toString("latin1");
  const said = (pattern: RegExp): string => pattern.exec(header)?.[1] ?? "";
  const type = said(/'descr':\s*'([^']*)'/);
  const read = FLOATS[type];
  if (read === undefined) throw new DataError(path, `numbers of type ${type || "unknown"}, not 32- or 64-bit floats`);
  if (said(/'fortran_order':\s*(\w+)/) !== "False")
    throw new DataError(path, "columns come first (fortran_order): save numpy.ascontiguousarray(…)");
  const shape = said(/'shape':\s*\(([\d\s,]*)\)/)
    .split(",")
    .map((n) => n.trim())
    .filter((n) => n !== "")
    .map(Number);
  const size = sizeOf(shape);
  const data = new DataView(content.buffer, content.byteOffset + Math.min(end, content.length));
  if (content.length - end < size * Number(type.slice(2)))
    throw new DataError(path, `cut short: it should hold [${shape}] numbers`);
  return new NdArray(
    Float32Array.from({ length: size }, (_, i) => read(data, i)),
    shape,
  );
}
