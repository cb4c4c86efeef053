/** Points in the plane. */
import type { NdArray } from "../runtime/array.js";
import { BEGINNING, type Chart } from "./chart.js";
import { checkPoints } from "./grid.js";
import { type Labels, titled } from "./labels.js";
import { finiteRange, widen } from "./numbers.js";
import { planeOf } from "./plane.js";
import { pointLayer } from "./points.js";
import { PALETTE } from "./theme.js";

/** Points [N, 2], both axes at one scale. @throws FigureError for another shape. */
export function scatter(points: NdArray, options: Pick<Labels, "title"> = {}): Chart {
  checkPoints(points, "scatter");
  const along = (axis: 0 | 1) => widen(finiteRange([points.data.filter((_, i) => i % 2 === axis)]), 0.05);
  const plane = { ...planeOf([...along(0), ...along(1)], "scatter"), grid: true };
  const { width, height } = plane;
  return {
    ...BEGINNING,
    ...titled(options.title),
    width,
    height,
    layer: [pointLayer(points, plane, PALETTE[0])],
  };
}
