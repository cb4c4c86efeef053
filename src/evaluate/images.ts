/** Model inputs as pictures. */
import { brightness, type Preprocessing } from "../data/index.js";
import type { NdArray } from "../runtime/index.js";

/** Pixels as bytes, 255 for white: `[N, C, H, W]` row by row. @throws TypeError for inputs that are no images. */
export function toBytes(images: NdArray, preprocessing: Preprocessing): Uint8Array {
  if (preprocessing.kind !== "image") throw new TypeError("these inputs are no images");
  return Uint8Array.from(brightness(images.data as Float32Array, preprocessing.scaling), (v) => Math.round(255 * v));
}
