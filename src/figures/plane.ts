/** Regions of the plane as layers of a chart: axes at one scale, pictures that fill them. */
import type { NdArray } from "../runtime/array.js";
import type { Layer } from "./chart.js";
import type { Colormap } from "./colormap.js";
import { FigureError } from "./error.js";
import { gridPixels } from "./grid.js";
import { formatFor, type Interval, QUANTITATIVE } from "./numbers.js";
import { dataUrl, magnify, type Pixels } from "./raster.js";

/** [left, right, bottom, top] of a region of the plane. */
export type Extent = readonly [number, number, number, number];

/** A region, and its size in pixels. */
export interface Plane {
  readonly extent: Extent;
  readonly width: number;
  readonly height: number;
  /** Lines of a grid; default none. */
  readonly grid?: boolean;
  /** Numbers along the y axis; default true. */
  readonly yNumbers?: boolean;
}

/** A region with the proportions that it has, as large as a square of `side` pixels. @throws FigureError for one without area. */
export function planeOf(extent: Extent, where: string, side = 300): Plane {
  const [left, right, bottom, top] = extent;
  if (!(right > left && top > bottom && extent.every(Number.isFinite)))
    throw new FigureError(`${where}: extent must be [left, right, bottom, top], not [${extent.join(", ")}]`);
  const ratio = Math.min(3, Math.max(1 / 3, (right - left) / (top - bottom)));
  const width = Math.round(side * Math.sqrt(ratio));
  return { extent, width, height: Math.round(width / ratio) };
}

const along = (domain: Interval, grid = false, numbers = true) => ({
  ...QUANTITATIVE,
  title: null,
  scale: { domain: [...domain], nice: false, zero: false },
  // Numbers that are not wanted keep their room: titles of panels side by side shall stand on one line.
  axis: { grid, domain: grid, labelOpacity: numbers ? 1 : 0, tickCount: 5, ...formatFor(domain) },
});

/** Both axes, for the fields x and y. */
export function axes({ extent: [left, right, bottom, top], grid, yNumbers }: Plane) {
  return {
    x: { field: "x", ...along([left, right], grid) },
    y: { field: "y", ...along([bottom, top], grid, yNumbers) },
  } as const;
}

/** A picture over the whole region. */
export function picture(pixels: Pixels, plane: Plane): Layer {
  const { width, height, extent } = plane;
  const { x, y } = axes(plane);
  return {
    data: { values: [{ x: extent[0], y: extent[3] }] },
    mark: { type: "image", width, height, aspect: false, align: "left", baseline: "top" },
    encoding: { x, y, url: { value: dataUrl(pixels) } },
  };
}

/** Cells up to this many pixels wide are a sampled field, and blended; larger ones are shown as they are. */
const FINE_CELL = 4;
/** Pixels of a magnified picture for each pixel of the plot. */
const FINE = 2;

/** Values [H, W] as colours. `values[i][j]` lies at the i-th y from the bottom and the j-th x from the left. */
export function field(values: NdArray, plane: Plane, colormap: Colormap, range: Interval): Layer {
  const pixels = gridPixels(values, colormap, range);
  const [across, down] = [plane.width / pixels.width, plane.height / pixels.height];
  // Viewers disagree about how to enlarge a picture without blending it.
  const crisp = Math.max(across, down) > FINE_CELL;
  return picture(crisp ? magnify(pixels, Math.ceil(FINE * across), Math.ceil(FINE * down)) : pixels, plane);
}
