/** Legends: one row of keys that wraps. It stands above the plot area, where it can hide nothing. */
import { SIZE } from "./style.js";
import { el } from "./svg.js";
import { fitText, text, textWidth } from "./text.js";

export interface LegendEntry {
  readonly name: string;
  readonly colour: string;
  /** How the key looks; default "line". */
  readonly mark?: "line" | "area" | "dot";
  readonly dash?: string | undefined;
}

const KEY = 20;
const LINE = 18;
const GAP = 16;

function key({ colour, mark = "line", dash }: LegendEntry, x: number, y: number): string {
  if (mark === "dot") return el("circle", { cx: x + KEY / 2, cy: y, r: 4, fill: colour });
  if (mark === "line")
    return el("path", { d: `M${x} ${y}h${KEY}`, stroke: colour, strokeWidth: 2, strokeDasharray: dash, fill: "none" });
  const box = { x: x + 3, y: y - 5, width: KEY - 6, height: 10 };
  return el("rect", { ...box, fill: colour, fillOpacity: 0.45, stroke: colour });
}

/** The legend's SVG with its height; lines hold at most `width` pixels. */
export function legend(
  entries: readonly LegendEntry[],
  width: number,
): { readonly svg: string; readonly height: number } {
  let [x, y, svg] = [0, LINE / 2, ""];
  for (const entry of entries) {
    const name = fitText(entry.name, SIZE.tick, width - KEY - 6);
    const used = KEY + 6 + textWidth(name, SIZE.tick);
    if (x > 0 && x + used > width) [x, y] = [0, y + LINE];
    svg += key(entry, x, y) + text(x + KEY + 6, y + 0.36 * SIZE.tick, name);
    x += used + GAP;
  }
  return { svg, height: entries.length === 0 ? 0 : y + LINE / 2 };
}
