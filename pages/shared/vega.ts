/** Vega in the page: expressions are interpreted, since the page's security policy lets no text become code. */
import { type Loader, loader as makeLoader, parse, View } from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import type { Colours } from "./colours.js";

export interface Drawn {
  finalize(): void;
}

/**
 * Draws a specification into an element, in place of what was there: only when it is done, so that figures follow one another without a flash.
 * Null where it is no longer wanted.
 */
export async function draw(
  spec: unknown,
  into: HTMLElement,
  colours: Colours,
  wanted: () => boolean,
): Promise<Drawn | null> {
  const coloured = folded(themed(spec, colours), into.clientWidth);
  if (!isSpec(coloured)) throw new Error("it is not a specification");
  const chart = compile(coloured).spec;
  const fresh = document.createElement("div");
  const refused: string[] = [];
  const view = new View(parse(chart, undefined, { ast: true }), {
    expr: expressionInterpreter,
    renderer: "canvas",
    container: fresh,
    loader: sealed(refused),
    hover: false,
  });
  await view.runAsync();
  if (refused.length > 0) {
    view.finalize();
    throw new Error(`it names a file outside itself: ${refused[0]!.slice(0, 80)}`);
  }
  if (!wanted()) {
    view.finalize();
    return null;
  }
  into.replaceChildren(fresh);
  const canvas = fresh.querySelector("canvas");
  // On less room than it asks for it is scaled, and keeps its shape.
  if (canvas) Object.assign(canvas.style, { maxWidth: "100%", height: "auto" });
  return view;
}

/** As much as can be said before Vega-Lite compiles it, which says the rest. */
const isSpec = (spec: unknown): spec is TopLevelSpec =>
  typeof spec === "object" && spec !== null && !Array.isArray(spec);

/** Four charts side by side would be too small to read: two and two then. */
function folded(spec: unknown, room: number): unknown {
  if (room >= 700 || typeof spec !== "object" || spec === null || !("hconcat" in spec)) return spec;
  const { hconcat, bounds: _, ...rest } = { bounds: null, ...spec };
  return Array.isArray(hconcat) && hconcat.length > 2
    ? { ...rest, concat: hconcat, columns: 2, spacing: { row: 14, column: 14 } }
    : spec;
}

/** Specifications come from files: they have their data inside, and whatever else they name is not fetched. Vega only logs that. */
function sealed(refused: string[]): Loader {
  const refuse = (uri: string): Promise<never> => {
    refused.push(uri);
    return Promise.reject(new Error("outside"));
  };
  return {
    ...makeLoader(),
    sanitize: (uri) => (uri.startsWith("data:image/") ? Promise.resolve({ href: uri }) : refuse(uri)),
    load: refuse,
  };
}

/** The colours that the library's figures are drawn in (src/figures/theme.ts), and what stands for them on the page. */
function translations(colours: Colours): ReadonlyMap<string, string> {
  const [blue, orange, green, pink, yellow, , grey] = colours.series;
  return new Map([
    ["#1f2328", colours.text],
    ["#57606a", colours.quiet],
    ["#6e7781", colours.quiet],
    ["#e6e8eb", colours.line],
    ["#ffffff", colours.panel],
    ["#0072b2", blue!],
    ["#d55e00", orange!],
    ["#009e73", green!],
    ["#cc79a7", pink!],
    ["#e69f00", yellow!],
    ["#3d3d3d", grey!],
  ]);
}

function themed(spec: unknown, colours: Colours): unknown {
  const instead = translations(colours);
  const walk = (part: unknown): unknown => {
    if (typeof part === "string") return instead.get(part) ?? part;
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, walk(value)]));
  };
  return walk(spec);
}
