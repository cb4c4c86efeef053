/**
 * Sum and broadcast: each is the transpose of the other.
 *
 * Broadcasting operations have no broadcast of their own in the graph (ONNX broadcasts without copying); their
 * derivative rules sum the cotangent back to the shape of the operand with {@link sumTo}.
 */
import { normalizeAxes, reducedShape, type Shape, ShapeError, sameShape, show } from "../shape.js";
import { apply, asTensor, type Primitive, type Tensor, type TensorLike } from "../tensor.js";
import { reshape } from "./movement.js";

/** Axes of a reduction: one, several, or all of them when undefined. */
export type Axes = number | readonly number[] | undefined;

export interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

export const sumPrimitive: Primitive<ReduceAttrs> = {
  name: "sum",
  infer: ([x], { axes, keepDims }) => {
    if (x!.dtype === "bool") throw new ShapeError("sum", `expects f32 or i32, got ${x}`);
    return { shape: reducedShape(x!.shape, axes, keepDims), dtype: x!.dtype };
  },
  vjp: (ct, _, [x], { axes }) => [broadcastTo(reshape(ct, reducedShape(x!.shape, axes, true)), x!.shape)],
};

/** Sum over `axes` (all by default); with `keepDims` they stay as axes of size 1. */
export function sum(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  const list = normalizeAxes("sum", axes, x.shape);
  return list.length === 0 ? x : apply(sumPrimitive, [x], { axes: list, keepDims });
}

export const broadcastPrimitive: Primitive<{ shape: Shape }> = {
  name: "broadcastTo",
  infer: ([x], { shape }) => ({ shape, dtype: x!.dtype }),
  vjp: (ct, _, [x]) => [sumTo(ct, x!.shape)],
};

/**
 * The tensor repeated along new leading axes and axes of size 1 until it has `shape`.
 * @throws ShapeError where it cannot.
 */
export function broadcastTo(x: TensorLike, shape: Shape): Tensor {
  const t = asTensor(x);
  if (sameShape(t.shape, shape)) return t;
  const lead = shape.length - t.rank;
  if (lead < 0 || t.shape.some((d, i) => d !== 1 && d !== shape[lead + i])) {
    throw new ShapeError("broadcastTo", `${show(t.shape)} does not broadcast to ${show(shape)}`);
  }
  return apply(broadcastPrimitive, [t], { shape });
}

/** The cotangent of something broadcast from `shape`: summed over every axis along which it was repeated. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axes = [...x.shape.keys()].filter((i) => i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1));
  return reshape(sum(x, axes, true), shape);
}
