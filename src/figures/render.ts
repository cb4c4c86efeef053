/** SVG to PNG, with a font that ships as a package: fresh machines have none. */
import { createRequire } from "node:module";
import type { ResvgRenderOptions } from "@resvg/resvg-js";

const FACES = ["400Regular/Inter_400Regular.ttf", "600SemiBold/Inter_600SemiBold.ttf"];

/** What Inter lacks: Armenian to Georgian and beyond, Chinese, Japanese, Korean, emoji, and a few signs. */
const NOT_IN_INTER = /[\u0530-\u1dff\u2e80-\ud7ff\uf900-\ufdff∇∈∝∼∥ℝ⟨⟩]|[\u{10000}-\u{10ffff}]/u;

function options(svg: string, zoom: number): ResvgRenderOptions {
  const { resolve } = createRequire(import.meta.url);
  return {
    fitTo: { mode: "zoom", value: zoom },
    font: {
      fontFiles: FACES.map((face) => resolve(`@expo-google-fonts/inter/${face}`)),
      defaultFontFamily: "Inter",
      // Slow, and different on every machine: only where nothing else can draw the text.
      loadSystemFonts: NOT_IN_INTER.test(svg),
    },
  };
}

/** The SVG as a PNG file, `zoom` times its size in pixels; drawn off the main thread, by native code that is loaded when it is first needed. */
export async function renderPng(svg: string, zoom = 1): Promise<Uint8Array> {
  const { renderAsync } = await import("@resvg/resvg-js");
  return (await renderAsync(svg, options(svg, zoom))).asPng();
}
