/** Paths of Markov chains over a picture of the density they sample. */
import type { NdArray } from "../runtime/array.js";
import { BEGINNING, type Chart, FRAME } from "./chart.js";
import { GREYS, greys } from "./colormap.js";
import { FigureError } from "./error.js";
import { checkGrid, checkPoints, colourRange } from "./grid.js";
import { placed, widen } from "./numbers.js";
import { axes, type Extent, field, planeOf } from "./plane.js";
import { colours, INK } from "./theme.js";

/**
 * Chains over log p(x) on a grid [H, W]. `steps` holds the positions of all chains at each time, each [N, 2]. A path
 * starts at a ring and ends at a dot; positions that are not finite leave gaps.
 * @throws FigureError where steps have other or differing shapes.
 */
export function trajectories(logDensity: NdArray, steps: readonly NdArray[], extent: Extent): Chart {
  checkGrid(logDensity, "trajectories");
  const chains = steps[0]?.shape[0] ?? 0;
  for (const step of steps) {
    checkPoints(step, "trajectories");
    if (step.shape[0] !== chains) throw new FigureError(`trajectories: ${step.shape[0]} chains after ${chains}`);
  }
  const plane = planeOf(extent, "trajectories");
  const range = widen(colourRange(logDensity));
  const [left, right, bottom, top] = extent;
  const values = colours(chains).flatMap((colour, chain) => {
    const path = steps.map(({ data }) => {
      const [x, y] = [near(data[2 * chain]!, left, right), near(data[2 * chain + 1]!, bottom, top)];
      return { chain, colour, x, y: x === null ? null : y };
    });
    const seen = path.flatMap((p, i) => (p.y === null ? [] : [i]));
    if (seen.length === 0) return [];
    return path.map((p, i) => ({
      ...p,
      ...(i === seen[0] && { start: true }),
      ...(i === seen.at(-1) && { end: true }),
    }));
  });
  const place = axes(plane);
  const own = { field: "colour", type: "nominal", scale: null } as const;
  const line = { type: "line", clip: true, strokeJoin: "round", strokeCap: "round", order: false } as const;
  const path = { ...place, detail: { field: "chain" } };
  return {
    ...BEGINNING,
    width: plane.width,
    height: plane.height,
    layer: [
      field(logDensity, plane, greys, range),
      {
        // The picture's colours have a legend by marks that cannot be seen.
        data: { values: range.map((value) => ({ value })) },
        mark: { type: "point", opacity: 0 },
        encoding: {
          color: {
            field: "value",
            type: "quantitative",
            scale: { domain: [...range], range: [...GREYS], interpolate: "rgb" },
            legend: { title: "log p(x)", titleOrient: "right", gradientLength: plane.height },
          },
        },
      },
      FRAME,
      // A white edge keeps crossing paths apart.
      { data: { values }, mark: { ...line, color: INK.paper, opacity: 0.7, strokeWidth: 2.8 }, encoding: path },
      { data: { values }, mark: { ...line, strokeWidth: 1.3 }, encoding: { ...path, stroke: own } },
      {
        data: { values },
        transform: [{ filter: "datum.start" }],
        mark: { type: "point", filled: false, fill: INK.paper, size: 38, strokeWidth: 1.8, opacity: 1 },
        encoding: { ...place, stroke: own },
      },
      {
        data: { values },
        transform: [{ filter: "datum.end" }],
        mark: { type: "point", stroke: INK.paper, strokeWidth: 1, size: 55, opacity: 1 },
        encoding: { ...place, fill: own },
      },
    ],
  };
}

/**
 * A position as far as a picture needs it: where a path leaves the picture it leaves it, but what lies further off than the picture is
 * wide is drawn at that distance. Pictures are made in memory as large as their paths: a chain that ran off took gigabytes.
 */
function near(position: number, low: number, high: number): number | null {
  const width = high - low;
  return placed(position) === null ? null : placed(Math.min(high + width, Math.max(low - width, position)));
}
