/** Points in the plane. */
import type { NdArray } from "../runtime/array.js";
import { page } from "./block.js";
import { checkPoints, type Extent } from "./grid.js";
import { planeScales } from "./heatmap.js";
import { type Labels, type PlotSize, panel } from "./panel.js";
import { pointMarks } from "./points.js";
import { finiteRange, widen } from "./scale.js";
import { seriesStyle } from "./style.js";

export interface PointSet {
  readonly name: string;
  /** [N, 2] */
  readonly points: NdArray;
}

export interface ScatterOptions extends Labels, PlotSize {
  /** [left, right, bottom, top]; default all finite points with a margin. */
  readonly extent?: Extent;
}

/**
 * Sets of points [N, 2] in one plot, both axes at the same scale where width and height are not both given.
 * @throws FigureError for another shape.
 */
export function scatter(sets: readonly PointSet[], options: ScatterOptions = {}): string {
  for (const set of sets) checkPoints(set.points, `scatter: "${set.name}"`);
  const extent = options.extent ?? extentOf(sets.map((s) => s.points));
  const { x, y } = planeScales(extent, options, "scatter");
  const marks = sets.map((s, i) => pointMarks(s.points, x, y, seriesStyle(i).colour)).join("");
  const entries = sets.map((s, i) => ({ name: s.name, colour: seriesStyle(i).colour, mark: "dot" as const }));
  return page(panel({ ...options, x, y, legend: sets.length < 2 ? [] : entries }, marks));
}

/** The smallest extent around finite points, with a margin of 5 %. */
export function extentOf(sets: readonly NdArray[]): Extent {
  const along = (axis: 0 | 1): ArrayLike<number>[] => sets.map((s) => s.data.filter((_, i) => i % 2 === axis));
  const [left, right] = widen(finiteRange(along(0)), 0.05);
  const [bottom, top] = widen(finiteRange(along(1)), 0.05);
  return [left, right, bottom, top];
}
