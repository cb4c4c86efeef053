/**
 * Bilinear resizing of bytes, as Pillow does it: where the image shrinks, the triangle filter widens with it, so nothing
 * aliases. Equals `torch.nn.functional.interpolate(mode="bilinear", antialias=True)` up to rounding.
 */
import { total } from "../runtime/numbers.js";

/** For each target pixel: where its source pixels begin, how many there are, and their weights, `most` per target. */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float64Array;
  readonly most: number;
}

function taps(from: number, to: number): Taps {
  const ratio = from / to;
  const support = Math.max(1, ratio);
  const most = Math.ceil(2 * support) + 1;
  const [first, count, weights] = [new Int32Array(to), new Int32Array(to), new Float64Array(to * most)];
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * ratio;
    const start = Math.max(0, Math.floor(centre - support + 0.5));
    const end = Math.min(from, Math.floor(centre + support + 0.5));
    const w = weights.subarray(i * most, i * most + end - start);
    w.forEach((_, k) => {
      w[k] = Math.max(0, 1 - Math.abs(start + k + 0.5 - centre) / support);
    });
    const sum = total(w);
    w.forEach((v, k) => {
      w[k] = v / sum;
    });
    first[i] = start;
    count[i] = end - start;
  }
  return { first, count, weights, most };
}

/**
 * Resizes images.
 * @param images `[n, C, H, W]`.
 * @param scale multiplies every value before rounding: 255/16 brings the digits to the full range.
 * @returns `[n, C, size, size]`.
 */
export function resizeImages(
  images: Uint8Array,
  [channels, height, width]: readonly [number, number, number],
  size: number,
  scale = 1,
): Uint8Array {
  const planes = images.length / (height * width);
  const across = taps(width, size);
  const down = taps(height, size);
  const rows = new Float64Array(height * size);
  const out = new Uint8Array(planes * size * size);
  if (!Number.isInteger(planes / channels)) throw new RangeError(`${images.length} bytes are no whole images`);
  for (let p = 0; p < planes; p++) {
    for (let y = 0; y < height; y++) {
      const from = p * height * width + y * width;
      for (let x = 0; x < size; x++) {
        const at = from + across.first[x]!;
        const w = x * across.most;
        let sum = 0;
        for (let k = 0; k < across.count[x]!; k++) sum += across.weights[w + k]! * images[at + k]!;
        rows[y * size + x] = sum;
      }
    }
    for (let y = 0; y < size; y++) {
      const at = down.first[y]! * size;
      const w = y * down.most;
      for (let x = 0; x < size; x++) {
        let sum = 0;
        for (let k = 0; k < down.count[y]!; k++) sum += down.weights[w + k]! * rows[at + k * size + x]!;
        out[(p * size + y) * size + x] = Math.min(255, Math.floor(sum * scale + 0.5));
      }
    }
  }
  return out;
}
