/** Random affine maps of images: rotation, size, stretch and shear at once, and a shift. */
import type { Rng } from "../runtime/random.js";

export interface Warp {
  /** Greatest shift in each direction, as a share of the side. */
  readonly shift: number;
  /** Greatest difference of each entry of the 2×2 matrix from the identity's: 0.1 is 6 degrees, or a tenth of the size. */
  readonly bend: number;
}

/** A place in the image before, for each pixel of the image after: origin + x · right + y · down, as [x, y] in pixels. */
interface Places {
  readonly origin: readonly [number, number];
  readonly right: readonly [number, number];
  readonly down: readonly [number, number];
}

/** Draws a map about the image's centre: six numbers. */
function draw(height: number, width: number, { shift, bend }: Warp, rng: Rng): Places {
  const within = (most: number) => most * (2 * rng.random() - 1);
  const right = [1 + within(bend), within(bend)] as const;
  const down = [within(bend), 1 + within(bend)] as const;
  const [x, y] = [(width - 1) / 2, (height - 1) / 2];
  const origin = [
    x - right[0] * x - down[0] * y + within(shift) * width,
    y - right[1] * x - down[1] * y + within(shift) * height,
  ] as const;
  return { origin, right, down };
}

/**
 * Maps one image `[C, H, W]`, which starts at `start` of both arrays; interpolated bilinearly. What comes from outside is 0: black, the
 * ground of written digits.
 * @param out zeros; every channel is mapped alike.
 */
export function warp<T extends Uint8Array | Float32Array>(
  images: T,
  out: T,
  start: number,
  [channels, height, width]: readonly [number, number, number],
  options: Warp,
  rng: Rng,
): void {
  const { origin, right, down } = draw(height, width, options, rng);
  const plane = height * width;
  const half = images instanceof Uint8Array ? 0.5 : 0; // bytes are rounded, not cut
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sx = origin[0] + x * right[0] + y * down[0];
      const sy = origin[1] + x * right[1] + y * down[1];
      const [left, top] = [Math.floor(sx), Math.floor(sy)];
      if (left < -1 || top < -1 || left >= width || top >= height) continue;
      const [u, v] = [sx - left, sy - top];
      for (let c = 0; c < channels; c++) {
        const from = start + c * plane + top * width + left;
        let value = half;
        if (top >= 0) {
          if (left >= 0) value += (1 - u) * (1 - v) * images[from]!;
          if (left + 1 < width) value += u * (1 - v) * images[from + 1]!;
        }
        if (top + 1 < height) {
          if (left >= 0) value += (1 - u) * v * images[from + width]!;
          if (left + 1 < width) value += u * v * images[from + width + 1]!;
        }
        out[start + c * plane + y * width + x] = value;
      }
    }
  }
}
