/** Random changes of an image that leave its shapes where they are: contrast, brightness and saturation, and a hole. */
import type { Rng } from "../runtime/random.js";

/**
 * Contrast, brightness and saturation, each by a factor of 1 ± `amount` at most: three numbers are drawn. Bytes are cut off at 0 and 255.
 * @param images changed in place, the image `[C, H, W]` that starts at `start`.
 */
export function recolour(
  images: Uint8Array | Float32Array,
  start: number,
  [channels, height, width]: readonly [number, number, number],
  amount: number,
  rng: Rng,
): void {
  const factor = () => 1 + amount * (2 * rng.random() - 1);
  const [contrast, brightness, saturation] = [factor(), factor(), factor()];
  const plane = height * width;
  const mean = meanOf(images, start, channels * plane);
  const bytes = images instanceof Uint8Array;
  for (let i = start; i < start + plane; i++) {
    let grey = 0;
    for (let c = 0; c < channels; c++) grey += images[i + c * plane]! / channels;
    for (let c = 0; c < channels; c++) {
      const at = i + c * plane;
      const coloured = grey + saturation * (images[at]! - grey);
      const value = brightness * (mean + contrast * (coloured - mean));
      images[at] = bytes ? Math.min(Math.max(Math.round(value), 0), 255) : value;
    }
  }
}

/**
 * A square hole in the image's mean brightness, centred anywhere: cutout (DeVries & Taylor 2017). Two numbers are drawn.
 * @param side of the hole, as a share of the image's.
 */
export function punch(
  images: Uint8Array | Float32Array,
  start: number,
  [channels, height, width]: readonly [number, number, number],
  side: number,
  rng: Rng,
): void {
  const plane = height * width;
  const mean = Math.round(meanOf(images, start, channels * plane));
  const span = (n: number) => {
    const middle = rng.below(n);
    const half = (side * n) / 2;
    return [Math.max(0, Math.ceil(middle - half)), Math.min(n, Math.ceil(middle + half))] as const;
  };
  const [[top, bottom], [left, right]] = [span(height), span(width)];
  for (let c = 0; c < channels; c++)
    for (let y = top; y < bottom; y++) {
      const row = start + c * plane + y * width;
      images.fill(mean, row + left, row + right);
    }
}

function meanOf(images: Uint8Array | Float32Array, start: number, size: number): number {
  let sum = 0;
  for (let i = start; i < start + size; i++) sum += images[i]!;
  return sum / size;
}
