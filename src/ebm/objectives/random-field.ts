/** Random pictures of every scale: noise on grids from one cell to one pixel a cell, summed, about a random grey or colour. */
import type { Rng } from "../../runtime/index.js";

/**
 * Fills one picture `[C, H, W]`. A sixth is constant; else contrast, the scale that dominates, how fast other scales fall away, whether
 * cells are smooth or have edges, and whether the picture is grey are drawn at random. Values are cut off at black and white.
 */
export function randomField(
  out: Float32Array,
  [channels, height, width]: readonly [number, number, number],
  [black, white]: readonly [number, number],
  rng: Rng,
): void {
  const plane = height * width;
  const grey = channels > 1 && rng.random() < 0.3;
  const shared = channels > 1 && rng.random() < 0.5 ? rng.random() : 0; // of the channels' variation
  const contrast = rng.random() < 1 / 6 ? 0 : rng.random();
  const level = rng.random();
  const side = Math.max(height, width);
  const scales = scalesOf(side, rng);
  const smooth = rng.random() < 0.5;
  const common = new Float32Array(plane);
  const vary = (plane: Float32Array) => {
    for (const [cells, weight] of scales)
      if (weight >= LEAST) addNoise(plane, [height, width], cells, weight, smooth && cells < side, rng);
  };
  vary(common);
  for (let c = 0; c < channels; c++) {
    const picture = out.subarray(c * plane, (c + 1) * plane);
    if (c > 0 && grey) {
      picture.set(out.subarray(0, plane));
      continue;
    }
    const mean = c === 0 || shared > 0.5 ? level : rng.random();
    const own = c === 0 ? common : new Float32Array(plane);
    if (c > 0) {
      vary(own);
      for (let i = 0; i < plane; i++) own[i] = shared * common[i]! + (1 - shared) * own[i]!;
    }
    for (let i = 0; i < plane; i++) {
      const value = mean * (1 - contrast) + contrast * (0.5 + own[i]!);
      picture[i] = black + (white - black) * Math.min(Math.max(value, 0), 1);
    }
  }
}

/** Noise of less weight is left out. */
const LEAST = 0.02;

/** Cells along a side, and the weight of noise on such a grid; weights sum to between 1 and 2. */
function scalesOf(side: number, rng: Rng): [cells: number, weight: number][] {
  const cells: number[] = [];
  for (let n = 2; n < side; n *= 2) cells.push(n);
  cells.push(side);
  const main = rng.below(cells.length);
  const falls = 0.5 + 3 * rng.random();
  return cells.map((n, i) => [n, Math.exp(-falls * Math.abs(i - main))]);
}

/** Adds uniform noise in ±½ `weight` on a grid of so many cells along a side, interpolated between its corners where it is to be smooth. */
export function addNoise(
  out: Float32Array,
  [height, width]: readonly [number, number],
  cells: number,
  weight: number,
  smooth: boolean,
  rng: Rng,
): void {
  const grid = Float32Array.from({ length: (cells + 1) ** 2 }, () => weight * (rng.random() - 0.5));
  for (let y = 0; y < height; y++) {
    const v = (y * cells) / height;
    const row = Math.floor(v);
    for (let x = 0; x < width; x++) {
      const u = (x * cells) / width;
      const column = Math.floor(u);
      const at = row * (cells + 1) + column;
      if (!smooth) {
        out[y * width + x]! += grid[at]!;
        continue;
      }
      const [fy, fx] = [v - row, u - column];
      const top = grid[at]! * (1 - fx) + grid[at + 1]! * fx;
      const bottom = grid[at + cells + 1]! * (1 - fx) + grid[at + cells + 2]! * fx;
      out[y * width + x]! += top * (1 - fy) + bottom * fy;
    }
  }
}
