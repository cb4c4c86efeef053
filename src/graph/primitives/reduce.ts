/**
 * Reductions and softmax.
 *
 * d max = cotangent shared equally among the maxima; d logsumexp = softmax; with y = softmax(x),
 * vjp(c) = y (c - Σ c y), and with y = logSoftmax(x), vjp(c) = c - e^y Σ c.
 */
import { normalizeAxes, normalizeAxis, reducedShape, ShapeError } from "../shape.js";
import { apply, type Primitive, type Tensor } from "../tensor.js";
import { type Axes, broadcastTo, type ReduceAttrs, sum } from "./broadcast.js";
import { cast, div, equal, exp, mul, neg, sub } from "./elementwise.js";
import { reshape } from "./movement.js";

function floating(name: string, x: Tensor): void {
  if (x.dtype !== "f32") throw new ShapeError(name, `expects f32, got ${x}`);
}

/** A reduction whose rule is given the cotangent and the output with the reduced axes kept. */
function reduction(
  name: string,
  rule: (ct: Tensor, y: Tensor, x: Tensor, axes: readonly number[]) => Tensor,
): Primitive<ReduceAttrs> {
  return {
    name,
    infer: ([x], { axes, keepDims }) => {
      floating(name, x!);
      return { shape: reducedShape(x!.shape, axes, keepDims), dtype: "f32" };
    },
    vjp: (ct, y, [x], { axes }) => {
      const kept = reducedShape(x!.shape, axes, true);
      return [rule(reshape(ct, kept), reshape(y, kept), x!, axes)];
    },
  };
}
const reduceWith =
  (primitive: Primitive<ReduceAttrs>) =>
  (x: Tensor, axes?: Axes, keepDims = false): Tensor => {
    const list = normalizeAxes(primitive.name, axes, x.shape);
    return list.length === 0 ? x : apply(primitive, [x], { axes: list, keepDims });
  };

/** Arithmetic mean over `axes` (all by default). */
export function mean(x: Tensor, axes?: Axes, keepDims = false): Tensor {
  floating("mean", x);
  const total = sum(x, axes, keepDims);
  return mul(total, total.size / x.size);
}

export const maxPrimitive = reduction("max", (ct, y, x, axes) => {
  const hit = cast(equal(x, broadcastTo(y, x.shape)), "f32");
  return mul(hit, div(ct, sum(hit, axes, true)));
});
/** Largest element over `axes` (all by default). */
export const max = reduceWith(maxPrimitive);
/** Smallest element over `axes` (all by default). */
export const min = (x: Tensor, axes?: Axes, keepDims = false): Tensor => neg(max(neg(x), axes, keepDims));

// The softmax as an operation of its own is more precise than e^(x - y) where y is large.
export const logsumexpPrimitive = reduction("logsumexp", (ct, y, x, axes) =>
  mul(ct, axes.length === 1 ? softmax(x, axes[0]) : exp(sub(x, y))),
);
/** log Σ e^x over `axes` (all by default), without overflow. */
export const logsumexp = reduceWith(logsumexpPrimitive);

interface AxisAttrs {
  readonly axis: number;
}

function normalizer(name: string, rule: (ct: Tensor, y: Tensor, axis: number) => Tensor): Primitive<AxisAttrs> {
  return {
    name,
    infer: ([x]) => {
      floating(name, x!);
      return { shape: x!.shape, dtype: "f32" };
    },
    vjp: (ct, y, _, { axis }) => [rule(ct, y, axis)],
  };
}

export const softmaxPrimitive = normalizer("softmax", (ct, y, axis) => mul(y, sub(ct, sum(mul(ct, y), axis, true))));
/** e^x / Σ e^x along `axis`. */
export const softmax = (x: Tensor, axis = -1): Tensor =>
  apply(softmaxPrimitive, [x], { axis: normalizeAxis("softmax", axis, x.shape) });

export const logSoftmaxPrimitive = normalizer("logSoftmax", (ct, y, axis) => sub(ct, mul(exp(y), sum(ct, axis, true))));
/** x - log Σ e^x along `axis`. */
export const logSoftmax = (x: Tensor, axis = -1): Tensor =>
  apply(logSoftmaxPrimitive, [x], { axis: normalizeAxis("logSoftmax", axis, x.shape) });

export const argmaxPrimitive: Primitive<AxisAttrs> = {
  name: "argmax",
  infer: ([x], { axis }) => {
    if (x!.dtype === "bool") throw new ShapeError("argmax", `expects f32 or i32, got ${x}`);
    return { shape: reducedShape(x!.shape, [axis], false), dtype: "i32" };
  },
};
/** Index (i32) of the first largest element along `axis`. No derivative. */
export const argmax = (x: Tensor, axis = -1): Tensor =>
  apply(argmaxPrimitive, [x], { axis: normalizeAxis("argmax", axis, x.shape) });
