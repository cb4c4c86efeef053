/** A landscape as a surface that is looked at from aside: what is likely is high. */
import { viridis } from "../../../src/figures/colormap.js";
import type { Landscape, Points } from "../../../src/studio/ask-api.js";
import type { Colours } from "../../shared/colours.js";
import { CHAINS, DATA, type Layers, prepared, SAMPLES } from "./draw.js";

/** Of the plane's half width: how high the surface rises, and how much of its depth is seen. */
const [HEIGHT, DEPTH] = [1, 0.6];
/** Quadrilaterals along a side: more are not seen, and take long to draw. */
const MOST = 72;

/** Where a place of the unit square, at a height from 0 to 1, is seen: to the right, down, and how near it is. Turned by an angle in radians. */
export function seen(across: number, up: number, height: number, angle: number): [x: number, y: number, near: number] {
  const [u, v] = [2 * across - 1, 2 * up - 1];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const near = u * sin - v * cos;
  return [u * cos + v * sin, DEPTH * near - HEIGHT * height, near];
}

/** From 0 to 1, of a value that is not finite 0. */
export function heightOf({ logDensity, side, range }: Landscape, across: number, up: number): number {
  const clamped = (share: number) => Math.min(side - 1, Math.max(0, Math.floor(share * side)));
  const value = logDensity[clamped(up) * side + clamped(across)] ?? null;
  return value === null ? 0 : Math.min(1, Math.max(0, (value - range[0]) / (range[1] - range[0] || 1)));
}

/** @param angle in radians */
export function drawSurface(
  canvas: HTMLCanvasElement,
  width: number,
  found: Landscape,
  { layers, moment, angle, colours }: { layers: Layers; moment: number; angle: number; colours: Colours },
): void {
  const context = prepared(canvas, width);
  const scale = width / 2 / 1.45;
  const [centreX, centreY] = [width / 2, width / 2 + 0.3 * scale];
  const place = (across: number, up: number, height: number): [number, number, number] => {
    const [x, y, near] = seen(across, up, height, angle);
    return [centreX + scale * x, centreY + scale * y, near];
  };
  const count = Math.min(MOST, found.side);
  const corners = Array.from({ length: (count + 1) ** 2 }, (_, k) => {
    const [across, up] = [(k % (count + 1)) / count, Math.floor(k / (count + 1)) / count];
    const height = heightOf(found, across, up);
    return { place: place(across, up, height), height };
  });
  const cells = Array.from({ length: count ** 2 }, (_, k) => {
    const first = Math.floor(k / count) * (count + 1) + (k % count);
    const around = [first, first + 1, first + count + 2, first + count + 1].map((i) => corners[i]!);
    return { around, near: around.reduce((sum, { place: [, , near] }) => sum + near, 0) };
  }).sort((a, b) => a.near - b.near);
  for (const { around } of cells) {
    const mean = around.reduce((sum, { height }) => sum + height, 0) / 4;
    // What rises away from the eye is darker.
    const slope = around[0]!.height - around[2]!.height;
    const shade = Math.min(1.15, Math.max(0.7, 1 + 1.5 * slope));
    const [r, g, b] = viridis(mean).map((c) => Math.min(255, Math.round(c * shade)));
    context.fillStyle = `rgb(${r} ${g} ${b})`;
    context.strokeStyle = context.fillStyle; // no gaps between neighbours
    context.lineWidth = 0.6;
    context.beginPath();
    for (const {
      place: [x, y],
    } of around)
      context.lineTo(x, y);
    context.closePath();
    context.fill();
    context.stroke();
  }
  const dots = (points: Points, colour: string, radius: number) => {
    context.fillStyle = colour;
    for (const [s, t] of points) {
      const across = (s - found.x.min) / (found.x.max - found.x.min);
      const up = (t - found.y.min) / (found.y.max - found.y.min);
      if (!(across >= 0 && across <= 1 && up >= 0 && up <= 1)) continue;
      const [x, y] = place(across, up, heightOf(found, across, up));
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
    }
  };
  if (layers.data) dots(found.data, DATA, 1.4);
  if (layers.samples && found.samples !== null) dots(found.samples, SAMPLES, 1.6);
  if (layers.chains && found.chains !== null && found.chains.length > 0)
    dots(found.chains[Math.min(moment, found.chains.length - 1)]!, CHAINS, 3.2);
  context.fillStyle = colours.quiet;
  context.font = "12px Inter, system-ui, sans-serif";
  context.textAlign = "center";
  for (const [title, across, up] of [
    [found.x.title, 0.5, -0.12],
    [found.y.title, -0.12, 0.5],
  ] as const) {
    const [x, y] = place(across, up, 0);
    context.fillText(title, x, y + 12);
  }
}
