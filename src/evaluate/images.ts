/** Model inputs as pictures. */
import { brightness, type Preprocessing } from "../data/index.js";
import { pixelRange } from "../runs/reports/figures.js";
import type { NdArray } from "../runtime/index.js";

/** Values of black and white of a run's inputs; null where they are no images. */
export function rangeOf(preprocessing: Preprocessing): readonly [number, number] | null {
  return preprocessing.kind === "image" ? pixelRange({ preprocessing }) : null;
}

/** Pixels as bytes, 255 for white: `[N, C, H, W]` row by row. @throws TypeError for inputs that are no images. */
export function toBytes(images: NdArray, preprocessing: Preprocessing): Uint8Array {
  if (preprocessing.kind !== "image") throw new TypeError("these inputs are no images");
  return Uint8Array.from(brightness(images.data as Float32Array, preprocessing.scaling), (v) => Math.round(255 * v));
}
