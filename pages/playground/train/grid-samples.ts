/** Samples of a density that is known on a grid: a cell by its share, and a place in it. */
import type { Rng } from "../../../src/web.js";

/** Flat `[x, y, …]`. @param logDensity `[side²]`, normalised or not, row by row from the bottom left of [-radius, radius]² */
export function gridSamples(
  logDensity: ArrayLike<number>,
  radius: number,
  side: number,
  count: number,
  rng: Rng,
): Float32Array {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logDensity.length; i++) top = Math.max(top, logDensity[i]!);
  const shares = new Float64Array(logDensity.length);
  let total = 0;
  for (let i = 0; i < shares.length; i++) shares[i] = total += Math.exp(logDensity[i]! - top);
  const cell = (2 * radius) / side;
  const samples = new Float32Array(2 * count);
  for (let n = 0; n < count; n++) {
    const wanted = rng.random() * total;
    let [low, high] = [0, shares.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (shares[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    samples[2 * n] = -radius + cell * ((low % side) + rng.random());
    samples[2 * n + 1] = -radius + cell * (Math.floor(low / side) + rng.random());
  }
  return samples;
}
