/**
 * IDX, the format of MNIST: two zero bytes, element type, number of dimensions, the dimensions as big-endian 32-bit
 * integers, the elements. http://yann.lecun.com/exdb/mnist/ describes it.
 */
import { sizeOf } from "../../graph/shape.js";
import { DataError, show } from "../error.js";

const UNSIGNED_BYTE = 0x08;

export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/**
 * Reads an IDX file of unsigned bytes.
 * @param rank number of dimensions expected: 3 for images, 1 for labels.
 * @throws DataError where it is not one, or too short or too long for its dimensions.
 */
export function parseIdx(bytes: Uint8Array, file: string, rank: number): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const again = "fetch the file again";
  if (bytes.length < 4 + 4 * rank) throw new DataError(file, `truncated: only ${bytes.length} bytes`, again);
  const magic = view.getUint32(0);
  const expected = (UNSIGNED_BYTE << 8) | rank;
  if (magic !== expected)
    throw new DataError(
      file,
      `not an IDX file of ${rank} dimension${rank === 1 ? "" : "s"}: it begins with 0x${magic.toString(16).padStart(8, "0")}, ` +
        `expected 0x${expected.toString(16).padStart(8, "0")}`,
      magic === ((UNSIGNED_BYTE << 8) | (4 - rank)) ? "images and labels may have been swapped" : again,
    );
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const data = bytes.subarray(4 + 4 * rank);
  if (data.length !== sizeOf(shape))
    throw new DataError(
      file,
      `${data.length < sizeOf(shape) ? "truncated" : "too long"}: ${show(sizeOf(shape))} bytes expected for ` +
        `${shape.join(" × ")} values, found ${show(data.length)}`,
      again,
    );
  return { shape, data };
}
