/** Pixels: a small image type, PNG encoding, and images inside charts. */
import { encode } from "fast-png";

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

/** The image as a PNG inside an address. */
export const dataUrl = (pixels: Pixels): string => `data:image/png;base64,${base64(encodePng(pixels))}`;

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
