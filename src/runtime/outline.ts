/**
 * Arrays that have a shape and no elements: what would be drawn or filled, at the price of none of it. For what must be known of sizes
 * before memory is taken.
 */
import { type Shape, sizeOf } from "../graph/shape.js";

let outlining = false;

/** Runs a function that makes arrays: those that it draws, or fills with one value, have no elements. Their sizes are as ever. */
export function outline<T>(make: () => T): T {
  const before = outlining;
  outlining = true;
  try {
    return make();
  } finally {
    outlining = before;
  }
}

/** Whether arrays may lack their elements. */
export const isOutlining = (): boolean => outlining;

/** Room for a float array's elements, zeros; none in an outline. */
export const room = (shape: Shape): Float32Array => new Float32Array(outlining ? 0 : sizeOf(shape));
