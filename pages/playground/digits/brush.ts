/** A soft brush on 8×8 pixels: full at its middle, fading within two pixels. */
import { DIGIT_SIDE, PIXELS, WHITE } from "./protocol.js";

/** Pixels after a touch at (x, y), in pixels from the top left. Paint adds up to white, and is never taken away. */
export const painted = (pixels: readonly number[], x: number, y: number): number[] =>
  pixels.map((v, i) => {
    const distance = Math.hypot((i % DIGIT_SIDE) - x, Math.floor(i / DIGIT_SIDE) - y);
    return Math.max(v, Math.round(WHITE * Math.min(1, Math.max(0, 1.5 - distance))));
  });

export const blank = (): number[] => Array<number>(PIXELS).fill(0);
