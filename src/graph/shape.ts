/** Shapes and the rules that combine them. A shape is a list of non-negative integers; a scalar's is empty. */
export type Shape = readonly number[];

/** Thrown while a graph is built: an operation was given shapes, types or options that it cannot combine. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
  constructor(operation: string, problem: string) {
    super(`${operation}: ${problem}`);
  }
}

/** `[2, 3]`, as messages show it. */
export const show = (shape: Shape): string => `[${shape.join(", ")}]`;

/** Number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((n, d) => n * d, 1);

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/** NumPy's broadcasting: aligned at the last axis, a dimension of 1 stretches. */
export function broadcastShapes(operation: string, ...shapes: Shape[]): number[] {
  const rank = Math.max(...shapes.map((s) => s.length));
  const out: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    let size = 1;
    for (const shape of shapes) {
      const d = shape[axis - rank + shape.length] ?? 1;
      if (d === 1 || d === size) continue;
      if (size !== 1) throw new ShapeError(operation, `shapes ${shapes.map(show).join(" and ")} do not broadcast`);
      size = d;
    }
    out.push(size);
  }
  return out;
}

/** A possibly negative axis as an index into `shape`. */
export function normalizeAxis(operation: string, axis: number, shape: Shape): number {
  const index = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(index) || index < 0 || index >= shape.length) {
    throw new ShapeError(operation, `axis ${axis} is out of range for shape ${show(shape)}`);
  }
  return index;
}

/** Axes sorted and non-negative; all of them when none are named. */
export function normalizeAxes(operation: string, axes: number | readonly number[] | undefined, shape: Shape): number[] {
  const list = axes === undefined ? shape.map((_, i) => i) : typeof axes === "number" ? [axes] : axes;
  const out = list.map((a) => normalizeAxis(operation, a, shape)).sort((a, b) => a - b);
  if (new Set(out).size !== out.length) {
    throw new ShapeError(operation, `axes ${show(list)} name an axis of ${show(shape)} twice`);
  }
  return out;
}

/** `shape` after a reduction over `axes`. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): number[] {
  return keepDims ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i));
}
