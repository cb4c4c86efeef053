/** The four pictures that show how a model of data in the plane is doing. */
import type { NdArray } from "../runtime/array.js";
import { type Block, page, row } from "./block.js";
import { type Colormap, magma, viridis } from "./colormap.js";
import { checkGrid, checkPoints, colourRange, type Extent } from "./grid.js";
import { gridMarks, planeScales } from "./heatmap.js";
import { panel } from "./panel.js";
import { pointMarks } from "./points.js";
import { PALETTE } from "./style.js";

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
export function toyPanels({ samples, data, density, logDensity, extent, title }: ToyPanels): string {
  checkPoints(samples, "toyPanels: samples");
  checkPoints(data, "toyPanels: data");
  checkGrid(density, "toyPanels: density");
  checkGrid(logDensity, "toyPanels: logDensity");
  const { x, y } = planeScales(extent, {}, "toyPanels", SIDE);
  const points = (name: string, set: NdArray, colour: string): Block =>
    panel(
      { title: name, x, y, grid: "none", numbers: name === "Samples" ? "both" : "x" },
      pointMarks(set, x, y, colour),
    );
  const field = (name: string, grid: NdArray, colormap: Colormap, tail: number): Block =>
    panel({ title: name, x, y, grid: "none", numbers: "x" }, gridMarks(grid, x, y, colormap, colourRange(grid, tail)));
  return page(
    row(
      [
        points("Samples", samples, PALETTE[0]),
        points("Data", data, PALETTE[6]),
        field("p(x)", density, magma, 0),
        field("log p(x)", logDensity, viridis, LOG_TAIL),
      ],
      14,
    ),
    title,
  );
}
