/** A landscape on a canvas: heat map, contours, axes, and what moves on it. */
import { viridis } from "../../../src/figures/colormap.js";
import type { Landscape, Points } from "../../../src/studio/ask-api.js";
import type { Colours } from "../../shared/colours.js";
import { ticks } from "../../shared/numbers.js";
import { contour } from "./contours.js";

/** Room for the axes, in CSS pixels. */
export const MARGIN = { left: 58, bottom: 46, top: 8, right: 10 } as const;
/** Lines of equal density. */
const LEVELS = 9;

export interface Layers {
  readonly contours: boolean;
  readonly data: boolean;
  readonly samples: boolean;
  readonly chains: boolean;
}

export const DATA = "#ffffff";
export const SAMPLES = "#ff8a5c";
export const CHAINS = "#ff4f9a";
const EDGE = "#10141a";

export interface Plot {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly size: number;
}

/** @param width of the canvas, in CSS pixels */
export function plotOf({ x, y }: Landscape, width: number): Plot {
  const size = width - MARGIN.left - MARGIN.right;
  return {
    size,
    x: (value) => MARGIN.left + (size * (value - x.min)) / (x.max - x.min),
    y: (value) => MARGIN.top + size - (size * (value - y.min)) / (y.max - y.min),
  };
}

export const heightFor = (width: number): number => width - MARGIN.left - MARGIN.right + MARGIN.top + MARGIN.bottom;

/** A context in CSS pixels, empty. */
export function prepared(canvas: HTMLCanvasElement, width: number): CanvasRenderingContext2D {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(heightFor(width) * ratio);
  const context = canvas.getContext("2d")!;
  context.scale(ratio, ratio);
  return context;
}

/** What stands still. */
export function drawGround(
  canvas: HTMLCanvasElement,
  width: number,
  found: Landscape,
  layers: Layers,
  colours: Colours,
) {
  const context = prepared(canvas, width);
  const plot = plotOf(found, width);
  const { side, logDensity, range } = found;
  const cells = document.createElement("canvas");
  cells.width = side;
  cells.height = side;
  const inner = cells.getContext("2d")!;
  const image = inner.createImageData(side, side);
  const spread = range[1] - range[0] || 1;
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) {
      const value = logDensity[i * side + j] ?? null;
      const colour = value === null ? [128, 128, 128] : viridis((value - range[0]) / spread);
      image.data.set([...colour, 255], 4 * ((side - 1 - i) * side + j));
    }
  inner.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(cells, MARGIN.left, MARGIN.top, plot.size, plot.size);
  if (layers.contours) drawContours(context, plot, found);
  if (layers.data) drawDots(context, plot, found.data, DATA, 1.9);
  drawExamples(context, plot, found.examples);
  drawAxes(context, plot, found, colours);
}

function drawContours(context: CanvasRenderingContext2D, plot: Plot, { side, logDensity, range }: Landscape): void {
  const cell = plot.size / side;
  context.strokeStyle = "rgb(255 255 255 / 0.45)";
  context.lineWidth = 0.8;
  context.beginPath();
  for (let k = 1; k <= LEVELS; k++) {
    const level = range[0] + ((range[1] - range[0]) * k) / (LEVELS + 1);
    for (const [x, y, toX, toY] of contour(logDensity, side, level)) {
      context.moveTo(MARGIN.left + x * cell, MARGIN.top + plot.size - y * cell);
      context.lineTo(MARGIN.left + toX * cell, MARGIN.top + plot.size - toY * cell);
    }
  }
  context.stroke();
}

const isInside = ({ size }: Plot, x: number, y: number): boolean =>
  x >= MARGIN.left && x <= MARGIN.left + size && y >= MARGIN.top && y <= MARGIN.top + size;

function drawDots(context: CanvasRenderingContext2D, plot: Plot, points: Points, colour: string, radius: number): void {
  context.fillStyle = colour;
  context.strokeStyle = EDGE;
  context.lineWidth = 0.7;
  for (const [s, t] of points) {
    const [x, y] = [plot.x(s), plot.y(t)];
    if (!isInside(plot, x, y)) continue;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }
}

function drawExamples(context: CanvasRenderingContext2D, plot: Plot, examples: Points | null): void {
  examples?.forEach(([s, t], k) => {
    const [x, y] = [plot.x(s), plot.y(t)];
    context.fillStyle = EDGE;
    context.strokeStyle = "#fff";
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, 10, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    context.fillStyle = "#fff";
    context.font = "600 12px Inter, system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(k + 1), x, y + 0.5);
  });
}

/** Values along an axis where numbers stand. */
export function places(low: number, high: number, count: number): number[] {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999) ?? raw;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function drawAxes(context: CanvasRenderingContext2D, plot: Plot, { x, y }: Landscape, colours: Colours): void {
  const { left, top } = MARGIN;
  context.strokeStyle = colours.line;
  context.lineWidth = 1;
  context.strokeRect(left, top, plot.size, plot.size);
  context.fillStyle = colours.quiet;
  context.font = "12px Inter, system-ui, sans-serif";
  const count = plot.size < 360 ? 4 : 6;
  const [xs, ys] = [places(x.min, x.max, count), places(y.min, y.max, count)];
  context.textBaseline = "top";
  context.textAlign = "center";
  const texts = ticks(xs);
  for (const [i, value] of xs.entries()) context.fillText(texts[i]!, plot.x(value), top + plot.size + 6);
  context.textAlign = "right";
  context.textBaseline = "middle";
  const labels = ticks(ys);
  for (const [i, value] of ys.entries()) context.fillText(labels[i]!, left - 6, plot.y(value));
  context.fillStyle = colours.text;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.fillText(x.title, left + plot.size / 2, top + plot.size + MARGIN.bottom - 4, plot.size);
  context.save();
  context.translate(12, top + plot.size / 2);
  context.rotate(-Math.PI / 2);
  context.textBaseline = "middle";
  context.fillText(y.title, 0, 0, plot.size);
  context.restore();
}

/** Moments behind a chain's place that its trail shows. */
const TRAIL = 2;

/** What moves: samples, and chains at a moment of theirs, which may lie between two. */
export function drawMoving(
  canvas: HTMLCanvasElement,
  width: number,
  found: Landscape,
  layers: Layers,
  moment: number,
): void {
  const context = prepared(canvas, width);
  const plot = plotOf(found, width);
  if (layers.samples && found.samples !== null) drawDots(context, plot, found.samples, SAMPLES, 1.9);
  const { chains } = found;
  if (!layers.chains || chains === null || chains.length === 0) return;
  const now = Math.min(Math.floor(moment), chains.length - 1);
  const first = Math.max(0, now - TRAIL);
  chains[now]!.forEach(([s, t], n) => {
    context.strokeStyle = CHAINS;
    context.lineWidth = 1.6;
    context.beginPath();
    for (let k = first; k <= now; k++) {
      const [u, v] = chains[k]![n]!;
      const [x, y] = [plot.x(u), plot.y(v)];
      if (!isInside(plot, x, y)) continue;
      if (k === first) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    context.stroke();
    const [x, y] = [plot.x(s), plot.y(t)];
    if (!isInside(plot, x, y)) return;
    context.fillStyle = CHAINS;
    context.strokeStyle = EDGE;
    context.lineWidth = 1;
    context.beginPath();
    context.arc(x, y, 3.6, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  });
}
