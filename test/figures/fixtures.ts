/** What the tests of figures share. */
import { decode } from "fast-png";
import { type Chart, draw, renderPng } from "../../src/figures/index.js";
import { NdArray } from "../../src/runtime/array.js";

/** Decodes a PNG to its size and a function from (x, y) to the pixel's channels. */
export function pixelsOf(png: Uint8Array): {
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number) => number[];
} {
  const { width, height, channels, data } = decode(png);
  const at = (x: number, y: number): number[] =>
    Array.from(data.slice((y * width + x) * channels, (y * width + x + 1) * channels));
  return { width, height, at };
}

/** Draws a chart: its SVG, well-formed (the renderer's parser is strict) and without stray NaN, its pixels and its texts. */
export async function drawn(
  chart: Chart,
): Promise<ReturnType<typeof pixelsOf> & Record<"svg", string> & Record<"texts", string[]>> {
  const svg = await draw(chart);
  if (/NaN|Infinity|undefined/.test(svg.replace(/>[^<]*<|base64,[^"]*/g, ""))) throw new Error("a mark has no place");
  const texts = [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map((m) => m[1]!);
  return { ...pixelsOf(await renderPng(svg)), svg, texts };
}

export const count = (svg: string, pattern: RegExp): number => svg.match(new RegExp(pattern, "g"))?.length ?? 0;

/** N points on a spiral: deterministic, all different. */
export function spiral(n: number, size = 3): NdArray {
  const data = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    data[2 * i] = ((size * i) / n) * Math.cos(i);
    data[2 * i + 1] = ((size * i) / n) * Math.sin(i);
  }
  return new NdArray(data, [n, 2]);
}

/** log exp(−r²) on a grid over [−3, 3]². */
export function bump(side: number): NdArray {
  const at = (i: number): number => -3 + (6 * (i + 0.5)) / side;
  const data = Float32Array.from(
    { length: side * side },
    (_, k) => -(at(k % side) ** 2) - at(Math.floor(k / side)) ** 2,
  );
  return new NdArray(data, [side, side]);
}
