/** Normalising a density in the plane by a grid. */
import { NdArray } from "../runtime/index.js";

/** A square grid over [-radius, radius]², cell centres row by row from the bottom left. */
export interface PlaneGrid {
  readonly radius: number;
  readonly side: number;
  /** `[side², 2]`. */
  readonly points: NdArray;
}

export function planeGrid(radius: number, side: number): PlaneGrid {
  const data = new Float32Array(2 * side * side);
  const at = (i: number) => -radius + (2 * radius * (i + 0.5)) / side;
  for (let i = 0; i < side * side; i++) {
    data[2 * i] = at(i % side);
    data[2 * i + 1] = at(Math.floor(i / side));
  }
  return { radius, side, points: new NdArray(data, [side * side, 2]) };
}

/** log Σ e^v, without overflow. */
export function logSumExp(values: ArrayLike<number>): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) top = Math.max(top, values[i]!);
  let total = 0;
  for (let i = 0; i < values.length; i++) total += Math.exp(values[i]! - top);
  return top + Math.log(total);
}

/** log Z of an unnormalised log-density given at a grid's points, by the midpoint rule. */
export const logPartition = ({ radius, side }: PlaneGrid, logDensity: ArrayLike<number>): number =>
  logSumExp(logDensity) + 2 * Math.log((2 * radius) / side);
