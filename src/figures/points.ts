/** Many points as marks: dots where they are few, one picture where they are many. */
import type { NdArray } from "../runtime/array.js";
import type { Layer } from "./chart.js";
import { rgbOf } from "./colormap.js";
import { placed } from "./numbers.js";
import { axes, type Plane, picture } from "./plane.js";
import type { Pixels } from "./raster.js";

/** More points than this become one picture: thousands of SVG elements are slow to draw and to open. */
const VECTOR_LIMIT = 2000;
/** Pixels of that picture for each pixel of the plot. */
const DENSITY = 3;

/**
 * The points [N, 2] as translucent dots. A dot gets smaller and fainter the more there are, so that dense regions still
 * show their structure. Points that are not finite, or outside the region, are left out.
 */
export function pointLayer(points: NdArray, plane: Plane, colour: string): Layer {
  const { extent, width, height } = plane;
  const [left, right, bottom, top] = extent;
  const inside: { readonly x: number; readonly y: number }[] = [];
  for (let i = 0; i < points.shape[0]!; i++) {
    const [x, y] = [points.data[2 * i]!, points.data[2 * i + 1]!];
    if (x >= left && x <= right && y >= bottom && y <= top) inside.push({ x, y });
  }
  const crowd = Math.sqrt(inside.length / ((width * height) / 90_000));
  const radius = Math.min(3, Math.max(0.8, 55 / crowd));
  const opacity = Math.min(0.8, Math.max(0.3, 25 / crowd));
  if (inside.length > VECTOR_LIMIT) {
    const places = inside.flatMap(({ x, y }) => [
      (width * (x - left)) / (right - left),
      (height * (top - y)) / (top - bottom),
    ]);
    return picture(splats(places, width, height, radius, opacity, colour), plane);
  }
  return {
    data: { values: inside.map(({ x, y }) => ({ x: placed(x), y: placed(y) })) },
    mark: { type: "circle", color: colour, size: Math.PI * radius ** 2, opacity },
    encoding: axes(plane),
  };
}

/** The same dots composited into a transparent picture: n layers of opacity a cover 1 − (1 − a)ⁿ. */
function splats(
  places: readonly number[],
  plotWidth: number,
  plotHeight: number,
  radius: number,
  opacity: number,
  colour: string,
): Pixels {
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
  return { width, height, channels: 4, data };
}
