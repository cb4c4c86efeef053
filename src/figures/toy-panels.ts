/** The four pictures that show how a model of data in the plane is doing. */
import type { NdArray } from "../runtime/array.js";
import { BEGINNING, type Chart, FRAME, type Layer } from "./chart.js";
import { type Colormap, magma, viridis } from "./colormap.js";
import { checkGrid, checkPoints, colourRange } from "./grid.js";
import { titled } from "./labels.js";
import { type Extent, field, planeOf } from "./plane.js";
import { pointLayer } from "./points.js";
import { PALETTE } from "./theme.js";

export interface ToyPanels {
  /** Generator samples [N, 2]. */
  readonly samples: NdArray;
  /** Data [M, 2]. */
  readonly data: NdArray;
  /** p(x) on a grid [H, W], normalised or not; row 0 is the bottom. */
  readonly density: NdArray;
  /** log p(x) on the same grid. */
  readonly logDensity: NdArray;
  /** The region that the grids cover: [left, right, bottom, top]. */
  readonly extent: Extent;
  readonly title?: string;
}

const SIDE = 210;
/** The lowest share of log densities, which fall without bound, all get the darkest colour. */
const LOG_TAIL = 0.02;

/**
 * Generator samples, data, p(x) and log p(x) side by side at one scale (the toy figures of VERA, ICLR 2021).
 * @throws FigureError where points are not [N, 2], grids not [H, W], or the extent has no area.
 */
export function toyPanels({ samples, data, density, logDensity, extent, title }: ToyPanels): Chart {
  checkPoints(samples, "toyPanels: samples");
  checkPoints(data, "toyPanels: data");
  checkGrid(density, "toyPanels: density");
  checkGrid(logDensity, "toyPanels: logDensity");
  const plane = planeOf(extent, "toyPanels", SIDE);
  const { width, height } = plane;
  const bare = { ...plane, yNumbers: false };
  const colours = (grid: NdArray, colormap: Colormap, tail = 0) => field(grid, bare, colormap, colourRange(grid, tail));
  const panels: [string, Layer][] = [
    ["Samples", pointLayer(samples, plane, PALETTE[0])],
    ["Data", pointLayer(data, bare, PALETTE[6])],
    ["p(x)", colours(density, magma)],
    ["log p(x)", colours(logDensity, viridis, LOG_TAIL)],
  ];
  return {
    ...BEGINNING,
    ...titled(title),
    spacing: 24,
    bounds: "flush",
    hconcat: panels.map(([name, layer]) => ({
      title: name,
      width,
      height,
      layer: [layer, FRAME],
    })),
  };
}
