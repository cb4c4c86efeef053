/**
 * Bytes to floats: `symmetric` [-1, 1], `unit` [0, 1], or `logit`: log p - log(1 - p) of the pixel p in (0, 1), after
 * dequantisation noise of one grey level where a generator of noise is given (Dinh et al. 2017, section 4.1).
 */
import type { Rng } from "../runtime/random.js";

export type Scaling = "symmetric" | "unit" | "logit";
export const SCALINGS: readonly Scaling[] = ["symmetric", "unit", "logit"];

/** Probabilities stay this far from 0 and 1, so that logits stay within ±6.9. */
export const EDGE = 1e-3;

/** Values of black and white: no pixel lies outside. */
export function pixelRange(scaling: Scaling): readonly [number, number] {
  if (scaling === "logit") return [-logit(1 - EDGE), logit(1 - EDGE)];
  return scaling === "symmetric" ? [-1, 1] : [0, 1];
}

/** What figures show as black and white: of logits the part in which shades can be told, else {@link pixelRange}. */
export const shownRange = (scaling: Scaling): readonly [number, number] =>
  scaling === "logit" ? [-3, 3] : pixelRange(scaling);

/**
 * Scales pixels.
 * @param max the value that stands for white: 255, or 16 for the 8×8 digits.
 * @param rng for `logit`: adds uniform noise of one grey level. Without it the result is the same at each call.
 */
export function scalePixels(pixels: Uint8Array, max: number, scaling: Scaling, rng?: Rng): Float32Array {
  const out = new Float32Array(pixels.length);
  if (scaling === "logit" && rng !== undefined) {
    const level = 1 / (max + 1);
    for (let i = 0; i < out.length; i++) out[i] = logit(pixels[i]! / max + (rng.random() - 0.5) * level);
    return out;
  }
  const table = Float32Array.from({ length: 256 }, (_, v) => scaled(v / max, scaling));
  for (let i = 0; i < out.length; i++) out[i] = table[pixels[i]!]!;
  return out;
}

const scaled = (p: number, scaling: Scaling): number =>
  scaling === "symmetric" ? 2 * p - 1 : scaling === "unit" ? p : logit(p);

function logit(p: number): number {
  const q = Math.min(Math.max(p, EDGE), 1 - EDGE);
  return Math.log(q / (1 - q));
}

/** The inverse, for pictures: brightness in [0, 1], cut off there. */
export function brightness(x: Float32Array, scaling: Scaling): Float32Array {
  return x.map((v) => {
    const p = scaling === "symmetric" ? (v + 1) / 2 : scaling === "unit" ? v : 1 / (1 + Math.exp(-v));
    return Math.min(Math.max(p, 0), 1);
  });
}
