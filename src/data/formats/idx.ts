/**
 * IDX, the format of MNIST: two zero bytes, element type, number of dimensions, the dimensions as big-endian 32-bit
 * integers, the elements. http://yann.lecun.com/exdb/mnist/ describes it.
 */
import { sizeOf } from "../../graph/shape.js";
import { DataError, show } from "../error.js";

/** Element types by number. */
const TYPES: Readonly<
  Record<number, { readonly bytes: number; readonly read: (view: DataView, at: number) => number }>
> = {
  8: { bytes: 1, read: (view, at) => view.getUint8(at) },
  9: { bytes: 1, read: (view, at) => view.getInt8(at) },
  11: { bytes: 2, read: (view, at) => view.getInt16(at) },
  12: { bytes: 4, read: (view, at) => view.getInt32(at) },
  13: { bytes: 4, read: (view, at) => view.getFloat32(at) },
  14: { bytes: 8, read: (view, at) => view.getFloat64(at) },
};
const UNSIGNED_BYTE = 8;

export interface IdxArray {
  readonly shape: readonly number[];
  /** Bytes in place where the file has bytes; other types as they are. */
  readonly data: Uint8Array | Float64Array;
}

/**
 * Reads an IDX file.
 * @param rank number of dimensions expected: 3 for images, 1 for labels.
 * @throws DataError where it is not one, or too short or too long for its dimensions.
 */
export function parseIdx(bytes: Uint8Array, file: string, rank: number): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const again = "fetch the file again";
  if (bytes.length < 4 + 4 * rank) throw new DataError(file, `truncated: only ${bytes.length} bytes`, again);
  const magic = view.getUint32(0);
  const expected = (UNSIGNED_BYTE << 8) | rank;
  const type = magic >>> 16 === 0 && (magic & 0xff) === rank ? TYPES[magic >>> 8] : undefined;
  if (type === undefined)
    throw new DataError(
      file,
      `not an IDX file of ${rank} dimension${rank === 1 ? "" : "s"}: it begins with 0x${magic.toString(16).padStart(8, "0")}, ` +
        `expected 0x${expected.toString(16).padStart(8, "0")}`,
      magic === ((UNSIGNED_BYTE << 8) | (4 - rank)) ? "images and labels may have been swapped" : again,
    );
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const start = 4 + 4 * rank;
  const [found, size] = [bytes.length - start, sizeOf(shape) * type.bytes];
  if (found !== size)
    throw new DataError(
      file,
      `${found < size ? "truncated" : "too long"}: ${show(size)} bytes expected for ` +
        `${shape.join(" × ")} values, found ${show(found)}`,
      again,
    );
  if (type === TYPES[UNSIGNED_BYTE]) return { shape, data: bytes.subarray(start) };
  const values = { length: sizeOf(shape) };
  return { shape, data: Float64Array.from(values, (_, i) => type.read(view, start + i * type.bytes)) };
}
