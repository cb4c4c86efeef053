/** Padding, made of `place`, `flip` and `concat`: its derivatives are theirs. */
import { ShapeError, show } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { add, sub } from "./elementwise.js";
import { concat, flip, place, slice } from "./movement.js";

/** How {@link pad} fills: with a constant, or with the elements mirrored at the border (which is not repeated). */
export type PadMode = number | "reflect";

/**
 * Widens a tensor by `[before, after]` elements along each axis.
 * @throws ShapeError where a reflection is wider than the axis allows.
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [before: number, after: number])[],
  mode: PadMode = 0,
): Tensor {
  if (widths.length !== x.rank || !widths.flat().every((n) => Number.isInteger(n) && n >= 0)) {
    throw new ShapeError("pad", `widths ${JSON.stringify(widths)} do not fit shape ${show(x.shape)}`);
  }
  if (mode === "reflect") return widths.reduce((t, [before, after], axis) => reflect(t, axis, before, after), x);
  const shape = x.shape.map((d, i) => d + widths[i]![0] + widths[i]![1]);
  const starts = widths.map(([before]) => before);
  return mode === 0 ? place(x, shape, starts) : add(place(sub(x, mode), shape, starts), mode);
}

function reflect(x: Tensor, axis: number, before: number, after: number): Tensor {
  const dim = x.shape[axis]!;
  if (before >= dim || after >= dim) {
    throw new ShapeError(
      "pad",
      `cannot reflect ${Math.max(before, after)} elements of axis ${axis} of ${show(x.shape)}`,
    );
  }
  const part = (start: number, end: number) =>
    flip(slice(x, ...x.shape.map((_, i) => (i === axis ? { start, end } : null))), axis);
  const parts = [x];
  if (before > 0) parts.unshift(part(1, before + 1));
  if (after > 0) parts.push(part(dim - 1 - after, dim - 1));
  return parts.length === 1 ? x : concat(parts, axis);
}
