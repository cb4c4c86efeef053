/** One look for every figure: sizes in pixels at 100 %, colours that colour-blind readers can tell apart. */
import type { Config } from "vega-lite";

export const SIZE = { title: 14, label: 12.5, tick: 11.5, note: 11 } as const;

export const INK = { text: "#1f2328", muted: "#57606a", axis: "#6e7781", grid: "#e6e8eb", paper: "#ffffff" } as const;

/** Okabe & Ito, "Color Universal Design" (2008), darkest first; their yellow is too faint for lines on white. */
export const PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#3d3d3d"] as const;

const DASHES = [
  [1, 0],
  [6, 3],
  [2, 2.5],
  [8, 3, 2, 3],
] as const;

/** Colours of n series, and dashes: colours first, then the same colours dashed. */
export const colours = (n: number): string[] => Array.from({ length: n }, (_, i) => PALETTE[i % PALETTE.length]!);
export const dashes = (n: number): number[][] =>
  Array.from({ length: n }, (_, i) => [...DASHES[Math.floor(i / PALETTE.length) % DASHES.length]!]);

/** Room around the name of a series in a legend: its key, and the gap to the next. */
export const KEY = { width: 20, gap: 16, fontSize: SIZE.tick } as const;

export const THEME: Config = {
  font: "Inter, Helvetica, Arial, sans-serif",
  background: INK.paper,
  padding: 12,
  aria: false,
  title: { fontSize: SIZE.title, fontWeight: 600, color: INK.text, anchor: "middle", offset: 10 },
  axis: {
    domainColor: INK.axis,
    tickColor: INK.axis,
    tickSize: 4,
    gridColor: INK.grid,
    labelColor: INK.text,
    labelFontSize: SIZE.tick,
    labelPadding: 4,
    labelFlush: false,
    titleColor: INK.text,
    titleFontSize: SIZE.label,
    titleFontWeight: "normal",
    titlePadding: 8,
  },
  legend: {
    labelColor: INK.text,
    labelFontSize: SIZE.tick,
    titleColor: INK.text,
    titleFontSize: SIZE.label,
    titleFontWeight: "normal",
    gradientStrokeColor: INK.axis,
    gradientStrokeWidth: 1,
    gradientThickness: 12,
    gradientLabelOffset: 5,
    tickCount: 5,
    symbolStrokeWidth: 2,
    columnPadding: KEY.gap,
    rowPadding: 4,
    offset: 12,
  },
  view: { stroke: null },
  text: { fontSize: SIZE.note, color: INK.text },
};
