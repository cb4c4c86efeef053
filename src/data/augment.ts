/** Augmentation of images on the host: pad by reflection, crop at random, flip at random. */
import type { Rng } from "../runtime/random.js";

export interface Augmentation {
  /** Pixels of reflected border; the crop shifts the image by up to this much either way. */
  readonly pad: number;
  /** Mirror every other image, drawn at random. Not for digits: a mirrored 2 is no 2. */
  readonly flip: boolean;
}

/** The usual choice for CIFAR: 4 pixels and flips. */
export const CROP_AND_FLIP: Augmentation = { pad: 4, flip: true };
/** The usual choice for SVHN: 4 pixels, no flips. */
export const CROP: Augmentation = { pad: 4, flip: false };

/**
 * Each image is shifted and flipped on its own. Three numbers are drawn per image, whatever the options, so that the
 * stream of random numbers does not depend on them.
 * @param images `[n, C, H, W]`, bytes or floats; not changed.
 * @throws RangeError where the border is not smaller than the image.
 */
export function augment<T extends Uint8Array | Float32Array>(
  images: T,
  [channels, height, width]: readonly [number, number, number],
  { pad, flip }: Augmentation,
  rng: Rng,
): T {
  if (pad < 0 || pad >= Math.min(height, width))
    throw new RangeError(`a reflected border of ${pad} pixels does not fit images of ${height}×${width}`);
  const out = images.slice() as T;
  const plane = height * width;
  const size = channels * plane;
  const columns = new Int32Array(width);
  for (let start = 0; start < images.length; start += size) {
    const dy = rng.below(2 * pad + 1) - pad;
    const dx = rng.below(2 * pad + 1) - pad;
    const mirrored = rng.below(2) === 1 && flip;
    for (let x = 0; x < width; x++) columns[x] = reflect((mirrored ? width - 1 - x : x) + dx, width);
    for (let c = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        const from = start + c * plane + reflect(y + dy, height) * width;
        const to = start + c * plane + y * width;
        for (let x = 0; x < width; x++) out[to + x] = images[from + columns[x]!]!;
      }
    }
  }
  return out;
}

/** Mirrors an index at the first and last pixel, which are not repeated. */
function reflect(i: number, n: number): number {
  const j = Math.abs(i);
  return j < n ? j : 2 * (n - 1) - j;
}
