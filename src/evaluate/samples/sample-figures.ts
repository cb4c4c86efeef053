/** Samples, chains and studies as pictures. */
import { scalingOf, shownRange } from "../../data/index.js";
import { chainGrid, imageGrid, lineChart, savePlot, savePng, scatter, trajectories } from "../../figures/index.js";
import { Evaluator, type TrainedRun } from "../../runs/index.js";
import { joinRows, NdArray, sliceRows } from "../../runtime/index.js";
import { PLANE_GRID, planeDensity } from "../../train/evaluator.js";
import type { Refined } from "./refine.js";

/** Images of a grid, chains of a picture, columns of a grid by class. */
const [SHOWN, CHAINS] = [64, 8];
/** Columns of a picture of what was filled in or denoised. */
const EDITS = 10;
/** Log-densities below this are nothing to a chain. */
const FLOOR = -10;

/** Images as a grid, points of the plane as a scatter plot; other inputs have no picture. @returns whether there is one */
export async function drawInputs(path: string, x: NdArray, { info, config }: TrainedRun): Promise<boolean> {
  const scaling = scalingOf(info.data.preprocessing);
  if (scaling !== null) await savePng(`${path}.png`, imageGrid(sliceRows(x, 0, SHOWN), { range: shownRange(scaling) }));
  else if (isPlane(x)) await savePlot(path, scatter(x, { title: config.dataName }));
  else return false;
  return true;
}

/** One row of images for each class; places without an image are black. */
export async function drawClasses(
  path: string,
  classes: readonly NdArray[],
  columns: number,
  { info }: TrainedRun,
): Promise<boolean> {
  const scaling = scalingOf(info.data.preprocessing);
  if (scaling === null) return false;
  const range = shownRange(scaling);
  const tiles = classes.flatMap((x) => {
    const shown = Math.min(columns, x.shape[0]!);
    const size = x.shape.slice(1).reduce((a, b) => a * b, 1);
    const blank = new Float32Array((columns - shown) * size).fill(range[0]);
    return [sliceRows(x, 0, shown), new NdArray(blank, [columns - shown, ...x.shape.slice(1)])];
  });
  await savePng(`${path}.png`, imageGrid(joinRows(tiles), { range, columns }));
  return true;
}

/** Pictures in rows: a column for each of the first {@link EDITS}. */
export async function drawRows(path: string, rows: readonly NdArray[], { info }: TrainedRun): Promise<boolean> {
  const range = shownRange(scalingOf(info.data.preprocessing)!);
  const columns = Math.min(EDITS, rows[0]!.shape[0]!);
  await savePng(`${path}.png`, imageGrid(joinRows(rows.map((x) => sliceRows(x, 0, columns))), { range, columns }));
  return true;
}

/** Chains from left to right, one in a row; in the plane their paths over log p(x). */
export async function drawAlong(path: string, along: readonly NdArray[], run: TrainedRun): Promise<boolean> {
  const scaling = scalingOf(run.info.data.preprocessing);
  const steps = along.map((x) => sliceRows(x, 0, CHAINS));
  if (scaling !== null) {
    await savePng(`${path}.png`, chainGrid(steps, { range: shownRange(scaling) }));
    return true;
  }
  if (!isPlane(along[0]!)) return false;
  const { logDensity, logPartition } = await planeDensity(new Evaluator(run.model), run.variables);
  const { side, radius } = PLANE_GRID;
  const floored = Float32Array.from(logDensity, (v) => Math.max(v - logPartition, FLOOR));
  const extent = [-radius, radius, -radius, radius] as const;
  await savePlot(path, trajectories(new NdArray(floored, [side, side]), steps, extent));
  return true;
}

/** Acceptance of each transition, while the step size adapts and after. */
export function drawAcceptance(path: string, { acceptance, adaptation }: Refined, target = 0.57): Promise<void> {
  const steps = (from: number, to: number) => Float64Array.from({ length: to - from }, (_, i) => from + i + 1);
  const part = (name: string, from: number, to: number) => ({
    name,
    x: steps(from, to),
    y: acceptance.subarray(from, to),
  });
  const end = acceptance.length;
  const chart = lineChart(
    [
      part("step size adapts", 0, adaptation),
      part("step size holds", adaptation, end),
      { name: `target ${target}`, x: [1, end], y: [target, target] },
    ],
    { xLabel: "transition", yLabel: "acceptance", yRange: [0, 1] },
  );
  return savePlot(path, chart);
}

const isPlane = (x: NdArray): boolean => x.shape.length === 2 && x.shape[1] === 2;
