/** Pixels: a small image type, PNG encoding, and images inside SVG. */
import { encode } from "fast-png";
import { el } from "./svg.js";

/** 8-bit pixels, rows from the top, `channels` bytes a pixel (3: RGB, 4: RGB and opacity). */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly data: Uint8Array;
}

/** The image as a PNG file. */
export const encodePng = (pixels: Pixels): Uint8Array => encode({ ...pixels, depth: 8 });

function base64(bytes: Uint8Array): string {
  let binary = "";
  // fromCharCode takes its characters as arguments, whose number is limited.
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(binary);
}

/** Pixels of a magnified picture for each pixel of the plot. */
const FINE = 2;

/**
 * The image stretched over a rectangle of an SVG. `crisp` keeps its pixels as sharp squares: they are magnified here,
 * since browsers and converters disagree about `image-rendering`. Otherwise the viewer blends them.
 */
export function embed(pixels: Pixels, x: number, y: number, width: number, height: number, crisp: boolean): string {
  const image = crisp
    ? magnify(pixels, Math.ceil((FINE * width) / pixels.width), Math.ceil((FINE * height) / pixels.height))
    : pixels;
  return el("image", {
    x,
    y,
    width,
    height,
    preserveAspectRatio: "none",
    imageRendering: crisp ? "optimizeSpeed" : undefined,
    href: `data:image/png;base64,${base64(encodePng(image))}`,
  });
}

/** Every pixel as a rectangle of `across` × `down` pixels. */
export function magnify({ width, height, channels, data }: Pixels, across: number, down: number): Pixels {
  const out = new Uint8Array(data.length * across * down);
  const line = width * across * channels;
  for (let i = 0; i < height; i++) {
    const top = i * down * line;
    for (let j = 0; j < width; j++) {
      const from = (i * width + j) * channels;
      const pixel = data.subarray(from, from + channels);
      for (let a = 0; a < across; a++) out.set(pixel, top + (j * across + a) * channels);
    }
    for (let b = 1; b < down; b++) out.copyWithin(top + b * line, top, top + line);
  }
  return { width: width * across, height: height * down, channels, data: out };
}
