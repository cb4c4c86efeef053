/** The landscape and what lies on it, drawn to a canvas that shows [-radius, radius]². */

import { RADIUS } from "../settings/points.js";
import type { LayerName } from "../settings/settings.js";
import type { Frame, Mark, Phase } from "../train/protocol.js";
import { SIDE, WARP } from "../train/protocol.js";
import { contour } from "./contours.js";
import { changePixels, fieldPixels, type Shown } from "./field.js";

export interface Scene {
  readonly frame: Frame | null;
  readonly data: Float32Array;
  readonly shown: Shown;
  readonly layers: readonly LayerName[];
  readonly phase: Phase | null;
}

/** Colours of marks: they lie on dark and on bright parts of the maps, so points have a dark rim. */
export const INKS = {
  data: "#ffffff",
  sample: "#ff7a59",
  draw: "#ffffff",
  weight: "#ff7a59",
  uphill: "#ffffff",
  spread: "#6ff0ff",
} as const satisfies Record<Mark["kind"], string>;
const RIM = "rgb(10 14 24 / 70%)";

/** Lines of equal log p, so many nats below the top. */
const LEVELS = [1, 2, 4, 6];

export function paintLandscape(ctx: CanvasRenderingContext2D, size: number, scene: Scene): void {
  const { frame, phase, layers, data, shown } = scene;
  ctx.clearRect(0, 0, size, size);
  const unit = size / (2 * RADIUS);
  const at = (v: Float32Array, i: number): [number, number] => [
    (v[i]! + RADIUS) * unit,
    size - (v[i + 1]! + RADIUS) * unit,
  ];
  if (frame === null) {
    ctx.fillStyle = "#440154";
    ctx.fillRect(0, 0, size, size);
  } else {
    picture(ctx, fieldPixels(frame.logDensity, SIDE, shown), size);
    contours(ctx, frame.logDensity, size);
  }
  if (phase?.change) {
    ctx.fillStyle = "rgb(10 14 24 / 60%)";
    ctx.fillRect(0, 0, size, size);
    picture(ctx, changePixels(phase.change, SIDE), size);
  }
  const dot = Math.max(1.4, size / 330);
  if (phase !== null) {
    for (const mark of phase.marks) paintMark(ctx, mark, at, dot);
    return;
  }
  if (frame !== null && layers.includes("grid") && frame.warp !== null) warped(ctx, frame.warp, at);
  if (layers.includes("data")) points(ctx, data, at, INKS.data, dot * 0.8);
  if (frame === null) return;
  if (layers.includes("samples")) points(ctx, frame.samples, at, INKS.sample, dot);
  if (layers.includes("score")) vectors(ctx, frame.score, at, INKS.uphill, 0.55);
  if (layers.includes("entropy") && frame.entropy !== null) vectors(ctx, frame.entropy, at, INKS.spread, 0.9);
}

type At = (v: Float32Array, i: number) => [number, number];

let sheet: HTMLCanvasElement | null = null;

/** Pixels of the grid, stretched over the canvas. */
function picture(ctx: CanvasRenderingContext2D, pixels: Uint8ClampedArray<ArrayBuffer>, size: number): void {
  sheet ??= document.createElement("canvas");
  sheet.width = SIDE;
  sheet.height = SIDE;
  sheet.getContext("2d")!.putImageData(new ImageData(pixels, SIDE, SIDE), 0, 0);
  ctx.imageSmoothingQuality = "high";
  ctx.drawImage(sheet, 0, 0, size, size);
}

function contours(ctx: CanvasRenderingContext2D, logDensity: Float32Array, size: number): void {
  const top = logDensity.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const cell = size / SIDE;
  ctx.strokeStyle = "rgb(255 255 255 / 30%)";
  ctx.lineWidth = Math.max(0.6, size / 900);
  ctx.beginPath();
  for (const below of LEVELS) {
    const lines = contour(logDensity, SIDE, top - below);
    for (let i = 0; i < lines.length; i += 4) {
      ctx.moveTo((lines[i]! + 0.5) * cell, size - (lines[i + 1]! + 0.5) * cell);
      ctx.lineTo((lines[i + 2]! + 0.5) * cell, size - (lines[i + 3]! + 0.5) * cell);
    }
  }
  ctx.stroke();
}

function points(ctx: CanvasRenderingContext2D, xy: Float32Array, at: At, ink: string, radius: number): void {
  ctx.fillStyle = ink;
  ctx.strokeStyle = RIM;
  ctx.lineWidth = radius / 2;
  for (let i = 0; i < xy.length; i += 2) disc(ctx, at(xy, i), radius);
}

function disc(ctx: CanvasRenderingContext2D, [x, y]: [number, number], radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.stroke();
  ctx.fill();
}

function paintMark(ctx: CanvasRenderingContext2D, mark: Mark, at: At, dot: number): void {
  const ink = INKS[mark.kind];
  if (mark.shape === "points") {
    const { at: xy, weights } = mark;
    ctx.fillStyle = ink;
    ctx.strokeStyle = RIM;
    ctx.lineWidth = dot / 2;
    for (let i = 0; i < xy.length; i += 2)
      disc(ctx, at(xy, i), weights === undefined ? dot * 1.2 : dot * (0.5 + 3.5 * Math.sqrt(weights[i / 2]!)));
    return;
  }
  ctx.lineWidth = Math.max(1, dot * 0.6);
  for (let i = 0; i < mark.at.length; i += 4)
    arrow(ctx, at(mark.at, i), at(mark.at, i + 2), ink, mark.shape === "arrows");
}

/** Vectors at places, shortened so that the longest is as long as `longest` of the plane. */
function vectors(ctx: CanvasRenderingContext2D, v: Float32Array, at: At, ink: string, longest: number): void {
  const lengths: number[] = [];
  for (let i = 0; i < v.length; i += 4) lengths.push(Math.hypot(v[i + 2]!, v[i + 3]!));
  // Those far out are long, and say little: the arrows' lengths are bent.
  const usual = [...lengths].sort((a, b) => a - b)[Math.floor(lengths.length / 2)] || 1;
  ctx.lineWidth = 1.2;
  lengths.forEach((length, k) => {
    const i = 4 * k;
    const factor = (longest * Math.tanh(length / usual)) / (length || 1);
    const tip = Float32Array.of(v[i]! + factor * v[i + 2]!, v[i + 1]! + factor * v[i + 3]!);
    arrow(ctx, at(v, i), at(tip, 0), ink, true);
  });
}

function arrow(
  ctx: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  [u, v]: readonly [number, number],
  ink: string,
  head: boolean,
): void {
  const angle = Math.atan2(v - y, u - x);
  const barb = head ? Math.min(6, Math.hypot(u - x, v - y) * 0.45) : 0;
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(u, v);
  if (head)
    for (const side of [-0.5, 0.5]) {
      ctx.moveTo(u, v);
      ctx.lineTo(u - barb * Math.cos(angle + side), v - barb * Math.sin(angle + side));
    }
  const { lineWidth } = ctx;
  ctx.strokeStyle = RIM;
  ctx.lineWidth = lineWidth + 1.4;
  ctx.stroke();
  ctx.strokeStyle = ink;
  ctx.lineWidth = lineWidth;
  ctx.stroke();
}

/** g on lines of z: where they lie close, the generator puts much mass. */
function warped(ctx: CanvasRenderingContext2D, warp: Float32Array, at: At): void {
  ctx.lineWidth = 1;
  ctx.strokeStyle = "rgb(255 200 120 / 75%)";
  ctx.beginPath();
  for (let line = 0; line < 2 * WARP.lines; line++)
    for (let i = 0; i < WARP.points; i++) {
      const place = at(warp, 2 * (line * WARP.points + i));
      if (i === 0) ctx.moveTo(...place);
      else ctx.lineTo(...place);
    }
  ctx.stroke();
}
