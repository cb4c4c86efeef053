/**
 * Moving elements without changing them: reshape, transpose, slice, place, flip, concat.
 *
 * All are linear, so each one's derivative rule is its transpose: reshape and transpose undo themselves, `place` (write
 * into zeros) is the transpose of `slice`, `flip` is its own, `concat` is undone by slices.
 */
import { normalizeAxes, normalizeAxis, type Shape, ShapeError, sameShape, show, sizeOf } from "../shape.js";
import { apply, type Primitive, type Tensor } from "../tensor.js";

export const reshapePrimitive: Primitive<{ shape: Shape }> = {
  name: "reshape",
  infer: ([x], { shape }) => ({ shape, dtype: x!.dtype }),
  vjp: (ct, _, [x]) => [reshape(ct, x!.shape)],
};

/**
 * The same elements, row-major, in another shape. One dimension may be -1: it is inferred.
 * @throws ShapeError where the sizes differ.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = sizeOf(shape.filter((d) => d !== -1));
  const inferred = shape.map((d) => (d === -1 ? x.size / known : d));
  if (sizeOf(inferred) !== x.size || !inferred.every((d) => Number.isInteger(d) && d >= 0)) {
    throw new ShapeError("reshape", `cannot view ${show(x.shape)} as ${show(shape)}`);
  }
  return sameShape(inferred, x.shape) ? x : apply(reshapePrimitive, [x], { shape: inferred });
}

/** All axes from `start` on merged into one, `[B, C, H, W]` to `[B, C*H*W]` by default. */
export const flatten = (x: Tensor, start = 1): Tensor =>
  reshape(x, [...x.shape.slice(0, start), sizeOf(x.shape.slice(start))]);

/** A new axis of size 1 at `axis` (counted in the result). */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis("expandDims", axis, [...x.shape, 1]);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** The tensor without its axis of size 1 at `axis`. */
export function squeeze(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis("squeeze", axis, x.shape);
  if (x.shape[at] !== 1) throw new ShapeError("squeeze", `axis ${axis} of ${show(x.shape)} is not of size 1`);
  return reshape(
    x,
    x.shape.filter((_, i) => i !== at),
  );
}

export const transposePrimitive: Primitive<{ permutation: readonly number[] }> = {
  name: "transpose",
  infer: ([x], { permutation }) => ({ shape: permutation.map((a) => x!.shape[a]!), dtype: x!.dtype }),
  vjp: (ct, _, __, { permutation }) => [
    transpose(
      ct,
      permutation.map((_, i) => permutation.indexOf(i)),
    ),
  ],
};

/** Axes reordered: axis `i` of the result is axis `permutation[i]` of `x`. By default the order is reversed. */
export function transpose(x: Tensor, permutation: readonly number[] = x.shape.map((_, i) => x.rank - 1 - i)): Tensor {
  const axes = permutation.map((a) => normalizeAxis("transpose", a, x.shape));
  if (axes.length !== x.rank || new Set(axes).size !== x.rank) {
    throw new ShapeError("transpose", `${show(permutation)} is not a permutation of the axes of ${show(x.shape)}`);
  }
  return axes.every((a, i) => a === i) ? x : apply(transposePrimitive, [x], { permutation: axes });
}

/** One entry per axis: the elements `start, start + stride, …`, `size` of them. */
export interface SliceAttrs {
  readonly starts: readonly number[];
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
}

export const slicePrimitive: Primitive<SliceAttrs> = {
  name: "slice",
  infer: ([x], { sizes }) => ({ shape: sizes, dtype: x!.dtype }),
  vjp: (ct, _, [x], { starts, strides }) => [place(ct, x!.shape, starts, strides)],
};

/** Where a slice begins and ends along an axis; `end` is exclusive, negative values count from the end. */
export interface Range {
  readonly start?: number;
  readonly end?: number;
  readonly stride?: number;
}

/**
 * A part of a tensor: for each leading axis a {@link Range}, an index (the axis is dropped) or null (all of it).
 * @example slice(x, null, 0) // x[:, 0]
 * @example slice(x, null, { start: 1, stride: 2 }) // x[:, 1::2]
 */
export function slice(x: Tensor, ...ranges: (Range | number | null)[]): Tensor {
  if (ranges.length > x.rank) throw new ShapeError("slice", `${ranges.length} ranges for shape ${show(x.shape)}`);
  const starts: number[] = [];
  const sizes: number[] = [];
  const strides: number[] = [];
  const kept: number[] = [];
  x.shape.forEach((dim, axis) => {
    const range = ranges[axis] ?? {};
    const index = typeof range === "number";
    const from = index ? range : (range.start ?? 0);
    const start = from < 0 ? from + dim : from;
    const to = index ? start + 1 : (range.end ?? dim);
    const end = Math.min(to < 0 ? to + dim : to, dim);
    const stride = index ? 1 : (range.stride ?? 1);
    const size = Math.ceil((end - start) / stride) + 0; // not -0
    const whole = [start, end, stride].every(Number.isInteger);
    if (!whole || start < 0 || stride < 1 || end < start || (index && start >= dim)) {
      throw new ShapeError("slice", `range ${JSON.stringify(range)} does not fit axis ${axis} of ${show(x.shape)}`);
    }
    starts.push(start);
    sizes.push(size);
    strides.push(stride);
    if (!index) kept.push(size);
  });
  const whole = sameShape(sizes, x.shape);
  return reshape(whole ? x : apply(slicePrimitive, [x], { starts, sizes, strides }), kept);
}

export interface PlaceAttrs {
  readonly shape: Shape;
  readonly starts: readonly number[];
  readonly strides: readonly number[];
}

export const placePrimitive: Primitive<PlaceAttrs> = {
  name: "place",
  infer: ([x], { shape, starts, strides }) => {
    const ranks = [shape, starts, strides].every((list) => list.length === x!.rank);
    const fits = shape.every(
      (d, i) => starts[i]! >= 0 && strides[i]! >= 1 && starts[i]! + (x!.shape[i]! - 1) * strides[i]! < d,
    );
    if (!ranks || !fits)
      throw new ShapeError("place", `${show(x!.shape)} at ${show(starts)} does not fit ${show(shape)}`);
    return { shape, dtype: x!.dtype };
  },
  vjp: (ct, _, [x], { starts, strides }) => [apply(slicePrimitive, [ct], { starts, strides, sizes: x!.shape })],
};

/** Zeros of `shape` with `x` written at `start, start + stride, …` along each axis: the transpose of a slice. */
export function place(
  x: Tensor,
  shape: Shape,
  starts: readonly number[],
  strides: readonly number[] = starts.map(() => 1),
): Tensor {
  return sameShape(x.shape, shape) ? x : apply(placePrimitive, [x], { shape, starts, strides });
}

export const flipPrimitive: Primitive<{ axes: readonly number[] }> = {
  name: "flip",
  infer: ([x]) => x!,
  vjp: (ct, _, __, attrs) => [apply(flipPrimitive, [ct], attrs)],
};

/** Elements in reverse order along the given axes. */
export function flip(x: Tensor, axes: number | readonly number[]): Tensor {
  const list = normalizeAxes("flip", axes, x.shape);
  return list.length === 0 ? x : apply(flipPrimitive, [x], { axes: list });
}

const without = (shape: Shape, axis: number) => shape.filter((_, i) => i !== axis);

export const concatPrimitive: Primitive<{ axis: number }> = {
  name: "concat",
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    for (const x of inputs) {
      if (
        x.dtype !== first!.dtype ||
        x.rank !== first!.rank ||
        !sameShape(without(x.shape, axis), without(first!.shape, axis))
      ) {
        throw new ShapeError("concat", `${inputs.join(" and ")} do not join along axis ${axis}`);
      }
    }
    const total = inputs.reduce((n, x) => n + x.shape[axis]!, 0);
    return { shape: first!.shape.map((d, i) => (i === axis ? total : d)), dtype: first!.dtype };
  },
  vjp: (ct, _, inputs, { axis }) => {
    let start = 0;
    return inputs.map((x) => {
      const end = start + x.shape[axis]!;
      const part = slice(ct, ...ct.shape.map((_, i) => (i === axis ? { start, end } : null)));
      start = end;
      return part;
    });
  },
};

/** Tensors joined along an existing axis. */
export function concat(parts: readonly Tensor[], axis = 0): Tensor {
  const [first] = parts;
  if (first === undefined) throw new ShapeError("concat", "nothing to join");
  return parts.length === 1
    ? first
    : apply(concatPrimitive, parts, { axis: normalizeAxis("concat", axis, first.shape) });
}

/** Tensors of one shape joined along a new axis. */
export const stack = (parts: readonly Tensor[], axis = 0): Tensor =>
  concat(
    parts.map((p) => expandDims(p, axis)),
    axis,
  );

/** Swaps the last two axes. */
export const matrixTranspose = (x: Tensor): Tensor =>
  transpose(
    x,
    [...x.shape.keys()].map((i) => (i < x.rank - 2 ? i : 2 * x.rank - 3 - i)),
  );
