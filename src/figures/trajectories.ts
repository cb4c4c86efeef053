/** Paths of Markov chains over a picture of the density they sample. */
import type { NdArray } from "../runtime/array.js";
import { page } from "./block.js";
import { greys } from "./colormap.js";
import { checkPoints, type Extent } from "./grid.js";
import { type HeatmapOptions, heatmapBlock } from "./heatmap.js";
import { INK, PALETTE } from "./style.js";
import { el, FigureError, pathThrough } from "./svg.js";

export interface TrajectoriesOptions extends Omit<HeatmapOptions, "extent"> {
  readonly extent: Extent;
}

/**
 * Chains over a heatmap of a grid [H, W]. `steps` holds the positions of all chains at each time, each [N, 2]. A path
 * starts at a ring and ends at a dot; positions that are not finite leave gaps.
 * @throws FigureError where steps have other or differing shapes.
 */
export function trajectories(grid: NdArray, steps: readonly NdArray[], options: TrajectoriesOptions): string {
  const chains = steps[0]?.shape[0] ?? 0;
  for (const step of steps) {
    checkPoints(step, "trajectories");
    if (step.shape[0] !== chains) throw new FigureError(`trajectories: ${step.shape[0]} chains after ${chains}`);
  }
  const block = heatmapBlock(grid, { colormap: greys, ...options }, (x, y) => {
    let [marks, ends] = ["", ""];
    for (let c = 0; c < chains; c++) {
      const path = steps.map((s): [number, number] => [x(s.data[2 * c]!), y(s.data[2 * c + 1]!)]);
      const colour = PALETTE[c % PALETTE.length]!;
      const d = pathThrough(path);
      const line = { d, fill: "none", strokeLinejoin: "round", strokeLinecap: "round" };
      // A white edge keeps crossing paths apart.
      marks += el("path", { ...line, stroke: INK.paper, strokeOpacity: 0.7, strokeWidth: 2.8 });
      marks += el("path", { ...line, stroke: colour, strokeWidth: 1.3 });
      const visible = path.filter((p) => p.every(Number.isFinite));
      const [start, end] = [visible[0], visible.at(-1)];
      if (start === undefined || end === undefined) continue;
      const ring = { cx: start[0], cy: start[1], r: 3.5, fill: INK.paper, stroke: colour, strokeWidth: 1.8 };
      ends += el("circle", ring) + el("circle", { cx: end[0], cy: end[1], r: 4.2, fill: colour, stroke: INK.paper });
    }
    return marks + ends;
  });
  return page(block);
}
