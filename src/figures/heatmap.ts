/** Values on a plane as colours. */
import type { NdArray } from "../runtime/array.js";
import { type Block, page } from "./block.js";
import { type Colormap, viridis } from "./colormap.js";
import { checkGrid, colourRange, type Extent, gridPixels } from "./grid.js";
import { type Labels, type PanelOptions, type PlotSize, panel } from "./panel.js";
import { embed } from "./raster.js";
import { type Interval, linearScale, type Scale, widen } from "./scale.js";
import { INK, SIZE } from "./style.js";
import { el, FigureError } from "./svg.js";
import { text, textWidth } from "./text.js";

export interface HeatmapOptions extends Labels, PlotSize {
  /** The region that the grid covers, edge to edge; default [0, W, 0, H]. */
  readonly extent?: Extent;
  readonly colormap?: Colormap;
  /** Values of the first and the last colour; default the smallest and the largest. */
  readonly range?: readonly [number, number];
  /** What the colours mean, written along the colour bar. */
  readonly barLabel?: string;
}

/**
 * A grid of values [H, W] with a colour bar. `values[i][j]` lies at the i-th y from the bottom and the j-th x from the
 * left. The plot keeps the proportions of the extent unless both width and height are given.
 * @throws FigureError for another shape or an extent without area.
 */
export function heatmap(values: NdArray, options: HeatmapOptions = {}): string {
  return page(heatmapBlock(values, options));
}

/**
 * Scales for a region of the plane. One missing side follows from the proportions; without both, the area is that of a
 * square of `side` pixels.
 * @throws FigureError for a region without area.
 */
export function planeScales(
  extent: Extent,
  size: PlotSize,
  where: string,
  side = 300,
): { readonly x: Scale; readonly y: Scale } {
  const [left, right, bottom, top] = extent;
  if (!(right > left && top > bottom && extent.every(Number.isFinite)))
    throw new FigureError(`${where}: extent must be [left, right, bottom, top], not [${extent.join(", ")}]`);
  const ratio = Math.min(3, Math.max(1 / 3, (right - left) / (top - bottom)));
  const width = size.width ?? Math.round(size.height === undefined ? side * Math.sqrt(ratio) : size.height * ratio);
  const height = size.height ?? Math.round(width / ratio);
  return { x: linearScale([left, right], [0, width]), y: linearScale([bottom, top], [height, 0]) };
}

/** Cells up to this many pixels wide are a sampled field, and blended; larger ones are shown as they are. */
const FINE_CELL = 4;

/** The picture of a grid over the whole area of two scales. */
export function gridMarks(values: NdArray, x: Scale, y: Scale, colormap: Colormap, range: Interval): string {
  if (values.size === 0) return "";
  const [width, height] = [x.range[1], y.range[0]];
  const crisp = Math.max(width / values.shape[1]!, height / values.shape[0]!) > FINE_CELL;
  return embed(gridPixels(values, colormap, range), 0, 0, width, height, crisp);
}

/** A heatmap as a block for a larger figure; `marks` are drawn over it. */
export function heatmapBlock(
  values: NdArray,
  options: HeatmapOptions & Pick<PanelOptions, "numbers" | "legend">,
  marks: (x: Scale, y: Scale) => string = () => "",
): Block {
  checkGrid(values, "heatmap");
  const [rows, columns] = values.shape as readonly [number, number];
  const extent = options.extent ?? [0, Math.max(1, columns), 0, Math.max(1, rows)];
  const { x, y } = planeScales(extent, options, "heatmap");
  const { colormap = viridis, range = colourRange(values) } = options;
  const bar = colourBar(colormap, range, y.range[0], options.barLabel);
  return panel({ ...options, x, y, grid: "none", right: bar }, gridMarks(values, x, y, colormap, range) + marks(x, y));
}

const BAR = { gap: 10, width: 12, steps: 128 };

/** A colour bar as tall as the plot, to stand right of it. */
export function colourBar(
  colormap: Colormap,
  range: Interval,
  height: number,
  label?: string,
): { readonly svg: string; readonly width: number } {
  const scale = linearScale(
    range[1] > range[0] ? range : widen(range),
    [height, 0],
    Math.max(2, Math.min(5, height / 40)),
  );
  const data = new Uint8Array(3 * BAR.steps);
  for (let i = 0; i < BAR.steps; i++) data.set(colormap(1 - i / (BAR.steps - 1)), 3 * i);
  const { gap, width, steps } = BAR;
  let svg = embed({ width: 1, height: steps, channels: 3, data }, gap, 0, width, height, false);
  svg += el("rect", { x: gap + 0.5, y: 0.5, width: width - 1, height: height - 1, fill: "none", stroke: INK.axis });
  const right = gap + width;
  let room = 0;
  for (const tick of scale.ticks) {
    const at = scale(tick.value);
    svg += el("path", { d: `M${right} ${at.toFixed(2)}h3`, stroke: INK.axis, fill: "none" });
    svg += text(right + 6, at + 0.36 * SIZE.tick, tick.label);
    room = Math.max(room, textWidth(tick.label, SIZE.tick));
  }
  const end = right + 6 + room;
  if (label === undefined) return { svg, width: end };
  svg += text(end + 5 + SIZE.label, height / 2, label, { size: SIZE.label, anchor: "middle", rotate: -90 });
  return { svg, width: end + 9 + SIZE.label };
}
