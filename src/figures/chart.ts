/**
 * Charts are Vega-Lite specifications: plain data, which a paper can restyle, drawn as SVG without a browser. Vega is
 * loaded when the first one is drawn.
 */
import type { TopLevelSpec } from "vega-lite";
import { textWidth } from "./text-width.js";
import { INK, THEME } from "./theme.js";

export type Chart = TopLevelSpec;

declare module "vega" {
  /** How Vega lays text out; its own guess without a canvas is 0.8 em a character. */
  export const textMetrics: { width: (item: MeasuredText, text: unknown) => number };
  /** Numbers of clip paths and gradients begin anew. */
  export function resetSVGDefIds(): void;
}

interface MeasuredText {
  readonly font?: string;
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
}

/** What every chart begins with: the version of the language, and the look, written into it. */
export const BEGINNING = { $schema: "https://vega.github.io/schema/vega-lite/v6.json", config: THEME } as const;

/** A chart of one panel or of layers on one, or a part of a chart. */
export type Layer = Extract<Chart, { layer: unknown }>["layer"][number];

/** A frame that what fills the plot does not hide. */
export const FRAME: Layer = {
  data: { values: [{}] },
  mark: { type: "rect", fill: "transparent", stroke: INK.axis },
  encoding: { x: { value: 0 }, y: { value: 0 }, x2: { value: "width" }, y2: { value: "height" } },
};

const load = async () => {
  const [vega, lite] = await Promise.all([import("vega"), import("vega-lite")]);
  const { textMetrics } = vega;
  const guess = textMetrics.width;
  textMetrics.width = (item, text) =>
    item.font?.startsWith("Inter") === true
      ? textWidth(String(text ?? ""), item.fontSize ?? 11, Number(item.fontWeight) > 500)
      : guess(item, text);
  return { ...vega, ...lite };
};
let loaded: ReturnType<typeof load> | undefined;

/** What XML cannot hold, not even escaped; names of files and classes are anything. */
const FORBIDDEN = /[^\P{Cc}\t\n]|[\p{Surrogate}\ufffe\uffff]/gu;

/** The chart as SVG. */
export async function draw(spec: Chart): Promise<string> {
  loaded ??= load();
  const { compile, parse, View, Warn, resetSVGDefIds } = await loaded;
  resetSVGDefIds();
  const view = new View(parse(compile(spec).spec), { renderer: "none", logLevel: Warn });
  try {
    return (await view.toSVG()).replace(FORBIDDEN, "");
  } finally {
    view.finalize();
  }
}
