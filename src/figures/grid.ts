/** Checks of array shapes, and grids of values as pictures. */
import type { NdArray } from "../runtime/array.js";
import { type Colormap, MISSING } from "./colormap.js";
import { FigureError } from "./error.js";
import { finiteRange, type Interval, widen } from "./numbers.js";
import type { Pixels } from "./raster.js";

/** Points [N, 2]. @throws FigureError for another shape. */
export function checkPoints(points: NdArray, where: string): void {
  if (points.shape.length !== 2 || points.shape[1] !== 2)
    throw new FigureError(`${where}: points must have shape [N, 2], not [${points.shape.join(", ")}]`);
}

/** Values [H, W]. @throws FigureError for another shape. */
export function checkGrid(values: NdArray, where: string): void {
  if (values.shape.length !== 2 || values.size === 0)
    throw new FigureError(`${where}: a grid must have shape [H, W], not [${values.shape.join(", ")}]`);
}

/**
 * Range of the values, without the lowest `tail` share of them: a log density falls without bound far from the data,
 * and would spend all its colours there.
 */
export function colourRange(values: NdArray, tail = 0): Interval {
  if (tail === 0) return finiteRange([values.data]);
  const sorted = Float64Array.from(values.data).filter(Number.isFinite).sort();
  if (sorted.length === 0) return [0, 1];
  return [sorted[Math.floor(tail * (sorted.length - 1))]!, sorted.at(-1)!];
}

/**
 * A grid [H, W] as H × W pixels. Row 0 is the bottom of the picture. Infinite values take the colours of the ends, NaN
 * is grey.
 */
export function gridPixels(values: NdArray, colormap: Colormap, range: Interval): Pixels {
  const [height, width] = values.shape as readonly [number, number];
  const [low, high] = range[1] > range[0] ? range : widen(range);
  const data = new Uint8Array(3 * height * width);
  for (let i = 0; i < height; i++) {
    const source = height - 1 - i;
    for (let j = 0; j < width; j++) {
      const v = values.data[source * width + j]!;
      data.set(
        Number.isNaN(v) ? MISSING : colormap(Math.min(1, Math.max(0, (v - low) / (high - low)))),
        3 * (i * width + j),
      );
    }
  }
  return { width, height, channels: 3, data };
}
