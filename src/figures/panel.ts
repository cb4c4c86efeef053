/** A plot area with its axes, grid, labels, title and legend. */
import type { Block } from "./block.js";
import { type LegendEntry, legend } from "./legend.js";
import type { Scale, Tick } from "./scale.js";
import { INK, SIZE } from "./style.js";
import { el, num, translate } from "./svg.js";
import { text, textWidth } from "./text.js";

/** Words around a plot. */
export interface Labels {
  readonly title?: string;
  readonly xLabel?: string;
  readonly yLabel?: string;
}

/** Size of the plot area in pixels, axes and labels not counted. */
export interface PlotSize {
  readonly width?: number;
  readonly height?: number;
}

export interface PanelOptions extends Labels {
  readonly x: Scale;
  readonly y: Scale;
  readonly legend?: readonly LegendEntry[];
  /** Lines of the grid; default "both". Pictures that fill the area want none. */
  readonly grid?: "both" | "y" | "none";
  /** Numbers along the axes; default both. */
  readonly numbers?: "both" | "x" | "y" | "none";
  /** Something drawn right of the plot area (a colour bar), with its width. */
  readonly right?: { readonly svg: string; readonly width: number };
  /** Tick labels of the x axis written at a slant (names too long to stand side by side). */
  readonly slant?: boolean;
}

const TICK = 4;
const SLANT = 35;
const widest = (labels: readonly string[]): number =>
  labels.reduce((w, label) => Math.max(w, textWidth(label, SIZE.tick)), 0);

/**
 * A panel. `marks` are drawn in the coordinates of the scales and cut off at the plot area; `over` is drawn on top and
 * not cut off. The x scale's range is [0, width], the y scale's [height, 0].
 */
export function panel(options: PanelOptions, marks: string, over = ""): Block {
  const { x, y, grid = "both", numbers = "both", slant = false } = options;
  const width = Math.abs(x.range[1] - x.range[0]);
  const height = Math.abs(y.range[1] - y.range[0]);
  const xNumbers = numbers === "both" || numbers === "x";
  const yNumbers = numbers === "both" || numbers === "y";
  const xTicks = apart(
    x,
    x.ticks.filter((t) => x(t.value) > -0.5 && x(t.value) < width + 0.5),
    slant,
  );
  const yTicks = y.ticks.filter((t) => y(t.value) > -0.5 && y(t.value) < height + 0.5);

  const keys = legend(options.legend ?? [], width);
  const titleHeight = options.title === undefined ? 0 : SIZE.title + 10;
  const keysHeight = keys.height === 0 ? 0 : keys.height + 8;
  const originY = Math.max(titleHeight + keysHeight, yNumbers ? SIZE.tick / 2 : 1);
  const yLabelRoom = options.yLabel === undefined ? 0 : SIZE.label + 10;
  const yTickRoom = yNumbers ? TICK + 5 + widest(yTicks.map((t) => t.label)) : 0;
  const lean = (SLANT * Math.PI) / 180;
  const xWidth = widest(xTicks.map((t) => t.label));
  const xTickRoom = !xNumbers ? 0 : TICK + 5 + (slant ? xWidth * Math.sin(lean) + SIZE.tick : SIZE.tick);
  const xLabelRoom = options.xLabel === undefined ? 0 : SIZE.label + 8;
  // The first label of a slanted axis may reach further left than everything else.
  const first = xTicks[0];
  const overhang = xNumbers && first !== undefined ? labelOverhang(x(first.value), first.label, slant) : 0;
  const last = xTicks.at(-1);
  const lastOverhang =
    xNumbers && last !== undefined && !slant ? x(last.value) + textWidth(last.label, SIZE.tick) / 2 - width : 0;
  const titleOverhang = options.title === undefined ? 0 : (textWidth(options.title, SIZE.title, true) - width) / 2;
  const originX = Math.max(yLabelRoom + yTickRoom, overhang, titleOverhang);
  const rightRoom = Math.max(1, lastOverhang, titleOverhang, options.right === undefined ? 0 : options.right.width);

  const rows = grid === "none" ? [] : yTicks.map((t) => `M0 ${crisp(y(t.value))}h${num(width)}`);
  const columns = grid === "both" ? xTicks.map((t) => `M${crisp(x(t.value))} 0v${num(height)}`) : [];
  const back = rows.length + columns.length === 0 ? "" : line([...rows, ...columns].join(""), INK.grid);
  const frame = { x: 0.5, y: 0.5, width: width - 1, height: height - 1, fill: "none", stroke: INK.axis };
  let axes = grid === "none" ? el("rect", frame) : line(`M0.5 0V${crisp(height)}H${num(width)}`, INK.axis);
  if (xNumbers) axes += xAxis(x, xTicks, height, slant);
  if (yNumbers) axes += yAxis(y, yTicks);
  const label = { size: SIZE.label, anchor: "middle" } as const;
  if (options.xLabel !== undefined) axes += text(width / 2, height + xTickRoom + SIZE.label + 5, options.xLabel, label);
  if (options.yLabel !== undefined) axes += text(-yTickRoom - 9, height / 2, options.yLabel, { ...label, rotate: -90 });
  if (options.title !== undefined)
    axes += text(width / 2, SIZE.title - originY, options.title, { size: SIZE.title, anchor: "middle", bold: true });

  // A nested svg clips like a clipPath, without an id that could clash with another figure of the same web page.
  const svg = translate(
    originX,
    originY,
    back,
    marks === "" ? "" : el("svg", { width, height, overflow: "hidden" }, marks),
    axes,
    translate(0, titleHeight - originY, keys.svg),
    options.right === undefined ? "" : translate(width, 0, options.right.svg),
    over,
  );
  const bottom = Math.max(xTickRoom + xLabelRoom, yNumbers ? SIZE.tick / 2 : 1);
  return { width: originX + width + rightRoom, height: originY + height + bottom, originX, originY, svg };
}

const line = (d: string, stroke: string): string => el("path", { d, stroke, strokeWidth: 1, fill: "none" });

function xAxis(x: Scale, ticks: readonly Tick[], height: number, slant: boolean): string {
  if (slant)
    return ticks
      .map((t) => text(x(t.value) + 4, height + TICK + SIZE.tick, t.label, { anchor: "end", rotate: -SLANT }))
      .join("");
  const marks = ticks.map((t) => `M${crisp(x(t.value))} ${num(height)}v${TICK}`).join("");
  const labels = ticks.map((t) => text(x(t.value), height + TICK + 3 + SIZE.tick, t.label, { anchor: "middle" }));
  return line(marks, INK.axis) + labels.join("");
}

function yAxis(y: Scale, ticks: readonly Tick[]): string {
  const marks = ticks.map((t) => `M0 ${crisp(y(t.value))}h${-TICK}`).join("");
  const labels = ticks.map((t) => text(-TICK - 4, y(t.value) + 0.36 * SIZE.tick, t.label, { anchor: "end" }));
  return line(marks, INK.axis) + labels.join("");
}

/** Every tick, or every second, third … where their labels would run into each other. */
function apart(x: Scale, ticks: readonly Tick[], slant: boolean): readonly Tick[] {
  if (slant) return ticks;
  for (let stride = 1; ; stride++) {
    const kept = ticks.filter((_, i) => i % stride === 0);
    const collide = kept.some((t, i) => {
      const next = kept[i + 1];
      if (next === undefined) return false;
      const room = (textWidth(t.label, SIZE.tick) + textWidth(next.label, SIZE.tick)) / 2 + 8;
      return Math.abs(x(next.value) - x(t.value)) < room;
    });
    if (!collide) return kept;
  }
}

/** Half pixels, so that lines one pixel wide fill one row of pixels. */
const crisp = (position: number): string => num(Math.floor(position) + 0.5);

function labelOverhang(position: number, label: string, slant: boolean): number {
  const width = textWidth(label, SIZE.tick);
  return slant ? width * Math.cos((SLANT * Math.PI) / 180) - position : width / 2 - position;
}
