/** NumPy's file format for one array, version 1.0 (numpy.lib.format). */
import type { NdArray } from "../runtime/index.js";

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
