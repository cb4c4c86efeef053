/** Many points as marks: dots where they are few, one picture where they are many. */
import type { NdArray } from "../runtime/array.js";
import { rgbOf } from "./colormap.js";
import { embed } from "./raster.js";
import type { Scale } from "./scale.js";
import { el, num } from "./svg.js";

/** More points than this become one picture: thousands of SVG elements are slow to draw and to open. */
const VECTOR_LIMIT = 2000;
/** Pixels of that picture for each pixel of the plot. */
const DENSITY = 3;

/**
 * The points [N, 2] as translucent dots. A dot gets smaller and fainter the more there are, so that dense regions still
 * show their structure. Points that are not finite, or off the scales' ranges, are left out.
 */
export function pointMarks(points: NdArray, x: Scale, y: Scale, colour: string): string {
  const [width, height] = [x.range[1], y.range[0]];
  const places: number[] = [];
  for (let i = 0; i < points.shape[0]!; i++) {
    const [px, py] = [x(points.data[2 * i]!), y(points.data[2 * i + 1]!)];
    if (px >= 0 && px <= width && py >= 0 && py <= height) places.push(px, py);
  }
  const count = places.length / 2;
  if (count === 0) return "";
  const crowd = Math.sqrt(count / ((width * height) / 90_000));
  const radius = Math.min(3, Math.max(0.8, 55 / crowd));
  const opacity = Math.min(0.8, Math.max(0.3, 25 / crowd));
  return count <= VECTOR_LIMIT
    ? dots(places, radius, opacity, colour)
    : splats(places, width, height, radius, opacity, colour);
}

/** One element a dot, so that overlapping dots darken each other. */
function dots(places: readonly number[], radius: number, opacity: number, colour: string): string {
  let circles = "";
  for (let i = 0; i < places.length; i += 2)
    circles += `<circle cx="${num(places[i]!)}" cy="${num(places[i + 1]!)}" r="${num(radius)}"/>`;
  return el("g", { fill: colour, fillOpacity: opacity }, circles);
}

/** The same dots composited into a transparent picture: n layers of opacity a cover 1 − (1 − a)ⁿ. */
function splats(
  places: readonly number[],
  plotWidth: number,
  plotHeight: number,
  radius: number,
  opacity: number,
  colour: string,
): string {
  const [width, height] = [Math.ceil(plotWidth * DENSITY), Math.ceil(plotHeight * DENSITY)];
  const layers = new Float32Array(width * height);
  const r = radius * DENSITY;
  const reach = Math.ceil(r);
  for (let k = 0; k < places.length; k += 2) {
    const [cx, cy] = [places[k]! * DENSITY, places[k + 1]! * DENSITY];
    const [left, right] = [Math.max(0, Math.floor(cx) - reach), Math.min(width - 1, Math.floor(cx) + reach)];
    const [top, bottom] = [Math.max(0, Math.floor(cy) - reach), Math.min(height - 1, Math.floor(cy) + reach)];
    for (let i = top; i <= bottom; i++)
      for (let j = left; j <= right; j++) {
        const distance = Math.hypot(j + 0.5 - cx, i + 0.5 - cy);
        layers[i * width + j]! += Math.min(1, Math.max(0, r + 0.5 - distance));
      }
  }
  const [red, green, blue] = rgbOf(colour);
  const data = new Uint8Array(4 * width * height);
  layers.forEach((n, i) => {
    data.set([red, green, blue, n === 0 ? 0 : Math.round(255 * (1 - (1 - opacity) ** n))], 4 * i);
  });
  return embed({ width, height, channels: 4, data }, 0, 0, width / DENSITY, height / DENSITY, false);
}
