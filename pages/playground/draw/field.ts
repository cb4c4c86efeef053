/** Fields on the grid as pixels. Pure functions of numbers. */
import { magma, viridis } from "../../../src/figures/colormap.js";

/** Nats below the top at which log p has its darkest colour. */
const DEPTH = 9;

export type Shown = "logp" | "p";

/**
 * RGBA bytes of log p on a grid, the top row first, as pictures have it.
 * @param logDensity `[side²]`, row by row from the bottom
 */
export function fieldPixels(logDensity: ArrayLike<number>, side: number, shown: Shown): Uint8ClampedArray<ArrayBuffer> {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logDensity.length; i++) top = Math.max(top, logDensity[i]!);
  const colour = shown === "p" ? magma : viridis;
  const share = (v: number) => (shown === "p" ? Math.exp(v - top) : 1 + (v - top) / DEPTH);
  return painted(side, (i) => [...colour(share(logDensity[i]!)), 255]);
}

const UP = [255, 167, 38] as const;
const DOWN = [66, 165, 245] as const;

/** RGBA bytes of a change: where it rose orange, where it fell blue, the largest opaque. */
export function changePixels(change: ArrayLike<number>, side: number): Uint8ClampedArray<ArrayBuffer> {
  let most = 1e-12;
  for (let i = 0; i < change.length; i++) most = Math.max(most, Math.abs(change[i]!));
  return painted(side, (i) => {
    const share = change[i]! / most;
    return [...(share > 0 ? UP : DOWN), 255 * Math.min(1, Math.sqrt(Math.abs(share)))];
  });
}

function painted(side: number, at: (i: number) => readonly number[]): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * side * side);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      pixels.set(at((side - 1 - row) * side + column), 4 * (row * side + column));
  return pixels;
}
