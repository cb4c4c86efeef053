/** Augmentation of images on the host: pad by reflection, crop at random, flip at random; map, colours, a hole. */
import type { Rng } from "../runtime/random.js";
import { punch, recolour } from "./colour.js";
import { type Warp, warp } from "./warp.js";

export interface Augmentation {
  /** Pixels of reflected border; the crop shifts the image by up to this much either way. */
  readonly pad: number;
  /** Mirror every other image, drawn at random. Not for digits: a mirrored 2 is no 2. */
  readonly flip: boolean;
  /** A random affine map after that. Default: none. */
  readonly warp?: Warp;
  /** Contrast, brightness and saturation change by up to this share. Default: 0. */
  readonly colour?: number;
  /** Side of a square that is hidden, as a share of the image's. Default: 0. */
  readonly hole?: number;
}

/** The usual choice for CIFAR: 4 pixels and flips. */
export const CROP_AND_FLIP: Augmentation = { pad: 4, flip: true };
/** The usual choice for SVHN: 4 pixels, no flips. */
export const CROP: Augmentation = { pad: 4, flip: false };
/** For clothes, which fill the picture and stand in its middle: 2 pixels and flips. */
export const CENTRED: Augmentation = { pad: 2, flip: true };
/** For written digits on a black ground, of any size: shifts of up to a sixteenth of the side, and small affine maps. */
export const WRITTEN: Augmentation = { pad: 0, flip: false, warp: { shift: 1 / 16, bend: 0.15 } };
/** As strong as a class bears: for views that are taught the class of the image as it is. */
export const WRITTEN_STRONG: Augmentation = { pad: 0, flip: false, warp: { shift: 1 / 8, bend: 0.35 } };
const STRONG = { warp: { shift: 0, bend: 0.3 }, colour: 0.5, hole: 0.5 } as const;
export const CROP_AND_FLIP_STRONG: Augmentation = { ...CROP_AND_FLIP, ...STRONG };
export const CENTRED_STRONG: Augmentation = { ...CENTRED, ...STRONG };
export const CROP_STRONG: Augmentation = { ...CROP, ...STRONG };

/**
 * Each image is shifted and flipped, then mapped, coloured and holed, on its own. Three numbers are drawn per image for the former,
 * whatever the options, six for a map, three for colours and two for a hole.
 * @param images `[n, C, H, W]`, bytes or floats; not changed.
 * @throws RangeError where the border is not smaller than the image.
 */
export function augment<T extends Uint8Array | Float32Array>(
  images: T,
  shape: readonly [number, number, number],
  { pad, flip, warp: map, colour = 0, hole = 0 }: Augmentation,
  rng: Rng,
): T {
  const [channels, height, width] = shape;
  if (pad < 0 || pad >= Math.min(height, width))
    throw new RangeError(`a reflected border of ${pad} pixels does not fit images of ${height}×${width}`);
  const out = images.slice() as T;
  const mapped = map === undefined ? out : (images.slice().fill(0) as T);
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
    if (map !== undefined) warp(out, mapped, start, shape, map, rng);
    if (colour > 0) recolour(mapped, start, shape, colour, rng);
    if (hole > 0) punch(mapped, start, shape, hole, rng);
  }
  return mapped;
}

/** Mirrors an index at the first and last pixel, which are not repeated. */
function reflect(i: number, n: number): number {
  const j = Math.abs(i);
  return j < n ? j : 2 * (n - 1) - j;
}
