/**
 * Simplification: the same graph with fewer nodes.
 *
 * A pass from inputs to outputs: each node is rebuilt from its simplified inputs, rewritten where a rule below applies, and
 * merged with an equal node made before. What no output needs is never visited. Then scales fold into weights (`fold.ts`),
 * and what that made is simplified once more.
 */
import { fold } from "./fold.js";
import { topologicalOrder } from "./grad.js";
import { varianceAcrossPrimitive } from "./primitives/across.js";
import { broadcastPrimitive, type ReduceAttrs, sum, sumPrimitive } from "./primitives/broadcast.js";
import { type ConvAttrs, convInputPrimitive, convPrimitive, type Pair, pairOf } from "./primitives/conv.js";
import * as e from "./primitives/elementwise.js";
import { matmulPrimitive } from "./primitives/matmul.js";
import { flip, reshape, reshapePrimitive, transpose, transposePrimitive } from "./primitives/movement.js";
import { pad } from "./primitives/pad.js";
import { upsamplePrimitive } from "./primitives/pool.js";
import { inScope } from "./scope.js";
import { broadcastShapes, reducedShape, sameShape } from "./shape.js";
import {
  apply,
  type ConstantAttrs,
  constant,
  constantPrimitive,
  inputPrimitive,
  type Primitive,
  scalarValue,
  type Tensor,
} from "./tensor.js";

/** Equal outputs for less work. The result's tensors stand for `roots`, in order. */
export const simplify = (roots: readonly Tensor[]): Tensor[] => merge(fold(merge(roots)));

function merge(roots: readonly Tensor[]): Tensor[] {
  const done = new Map<Tensor, Tensor>();
  const known = new Map<string, Tensor>();
  const unique = (node: Tensor): Tensor => {
    const key = keyOf(node);
    if (key === undefined) return node;
    const twin = known.get(key);
    if (twin !== undefined) return twin;
    known.set(key, node);
    return node;
  };
  for (const node of topologicalOrder(roots)) {
    const inputs = node.inputs.map((x) => done.get(x)!);
    const same = inputs.every((x, i) => x === node.inputs[i]);
    const rebuilt = same ? node : inScope(node.scope, () => apply(node.primitive, inputs, node.attrs));
    const rewritten = inScope(node.scope, () => rewrite(rebuilt, unique));
    done.set(node, unique(rewritten));
  }
  return roots.map((r) => done.get(r)!);
}

/** Nodes with equal keys compute the same value. Large constants and inputs are never merged. */
function keyOf(node: Tensor): string | undefined {
  if (node.primitive === (inputPrimitive as Primitive)) return undefined;
  if (node.primitive === (constantPrimitive as Primitive)) {
    const { data, type } = node.attrs as ConstantAttrs;
    return data.length <= 64 ? `constant ${type.dtype} ${type.shape} = ${Array.from(data, text)}` : undefined;
  }
  return `${node.primitive.name} ${node.inputs.map((x) => x.id)} ${JSON.stringify(node.attrs, exactly)}`;
}

/** A number's value in full: -0 is not 0. */
const text = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));
/** JSON has no word for infinities. */
const exactly = (_: string, value: unknown) => (typeof value === "number" ? text(value) : value);

/** What equals a node for less work, or the node itself. Nodes made on the way go through `inner`, to be simplified and merged. */
type Rewrite = (node: Tensor, inner: (node: Tensor) => Tensor) => Tensor;

/** Applies rules until none does. */
function rewrite(node: Tensor, unique: (node: Tensor) => Tensor): Tensor {
  const inner = (made: Tensor) => unique(rewrite(made, unique));
  let current = node;
  for (;;) {
    const next = rules.get(current.primitive)?.(current, inner) ?? current;
    const folded = next === current ? foldConstants(current) : next;
    if (folded === current) return current;
    current = folded;
  }
}

const is = (node: Tensor, primitive: unknown): boolean => node.primitive === primitive;

/** Removes broadcasts of operands where the operation broadcasts by itself. */
const unbroadcast: Rewrite = (node) => {
  const bare = node.inputs.map((x) => (is(x, broadcastPrimitive) ? x.inputs[0]! : x));
  if (bare.every((x, i) => x === node.inputs[i])) return node;
  // Try to drop all of them, else one at a time: the operands left must still give the same shape.
  for (const inputs of [bare, ...bare.map((x, i) => node.inputs.map((y, j) => (i === j ? x : y)))]) {
    if (inputs.every((x, i) => x === node.inputs[i])) continue;
    if (sameShape(broadcastShapes(node.primitive.name, ...inputs.map((x) => x.shape)), node.shape)) {
      return apply(node.primitive, inputs, node.attrs);
    }
  }
  return node;
};

/** `x` where it has the shape of `node`; otherwise `node` stays. */
const instead = (node: Tensor, x: Tensor): Tensor => (sameShape(x.shape, node.shape) ? x : node);

const add: Rewrite = (node, inner) => {
  const [a, b] = node.inputs as [Tensor, Tensor];
  if (a === b && node.dtype === "f32") return e.mul(a, inner(constant(2)));
  if (scalarValue(a) === 0) return instead(node, b);
  if (scalarValue(b) === 0) return instead(node, a);
  if (is(b, e.negPrimitive)) return e.sub(a, b.inputs[0]!);
  if (is(a, e.negPrimitive)) return e.sub(b, a.inputs[0]!);
  return unbroadcast(node, (x) => x);
};

const sub: Rewrite = (node) => {
  const [a, b] = node.inputs as [Tensor, Tensor];
  if (scalarValue(b) === 0) return instead(node, a);
  if (is(b, e.negPrimitive)) return e.add(a, b.inputs[0]!);
  return unbroadcast(node, (x) => x);
};

const mul: Rewrite = (node, inner) => {
  const [a, b] = node.inputs as [Tensor, Tensor];
  const [ca, cb] = [scalarValue(a), scalarValue(b)];
  if (ca !== undefined && cb === undefined) return e.mul(b, a); // constants to the right
  if (cb === 1) return instead(node, a);
  if (node.dtype !== "f32") return unbroadcast(node, inner); // what follows makes floats
  if (cb === -1 && sameShape(a.shape, node.shape)) return e.neg(a);
  if (cb !== undefined && b.rank === 0) {
    if (is(a, e.mulPrimitive)) {
      const first = scalarValue(a.inputs[1]!);
      if (first !== undefined && a.inputs[1]!.rank === 0) return e.mul(a.inputs[0]!, inner(constant(first * cb)));
    }
    if (is(a, e.negPrimitive)) return e.mul(a.inputs[0]!, inner(constant(-cb)));
  }
  if (is(a, e.negPrimitive) && is(b, e.negPrimitive)) return e.mul(a.inputs[0]!, b.inputs[0]!);
  return unbroadcast(node, (x) => x);
};

const div: Rewrite = (node) =>
  scalarValue(node.inputs[1]!) === 1 ? instead(node, node.inputs[0]!) : unbroadcast(node, (x) => x);

const neg: Rewrite = (node) => {
  const [x] = node.inputs as [Tensor];
  if (is(x, e.negPrimitive)) return x.inputs[0]!;
  if (is(x, e.subPrimitive)) return e.sub(x.inputs[1]!, x.inputs[0]!);
  return node;
};

/** Matrix products take transposed operands without a copy. */
const matmul: Rewrite = (node) => {
  const { transA, transB } = node.attrs as { transA: boolean; transB: boolean };
  const flags = [transA, transB];
  const inputs = node.inputs.map((x, i) => {
    if (!is(x, transposePrimitive)) return x;
    const { permutation } = x.attrs as { permutation: readonly number[] };
    const swaps = permutation.every((p, k) => p === (k < x.rank - 2 ? k : 2 * x.rank - 3 - k));
    if (!swaps) return x;
    flags[i] = !flags[i];
    return x.inputs[0]!;
  });
  if (inputs.every((x, i) => x === node.inputs[i])) return node;
  return apply(matmulPrimitive, inputs, { transA: flags[0]!, transB: flags[1]! });
};

const rules = new Map<Primitive, Rewrite>();
const on = <A>(primitive: Primitive<A>, rule: Rewrite) => rules.set(primitive as Primitive, rule);

on(e.identityPrimitive, (node) => node.inputs[0]!);
on(e.stopGradientPrimitive, (node) => node.inputs[0]!);
on(varianceAcrossPrimitive, (node) => node.inputs[0]!);
on(e.addPrimitive, add);
on(e.subPrimitive, sub);
on(e.mulPrimitive, mul);
on(e.divPrimitive, div);
on(e.negPrimitive, neg);
for (const p of [
  e.maximumPrimitive,
  e.minimumPrimitive,
  e.lessPrimitive,
  e.lessEqualPrimitive,
  e.equalPrimitive,
  e.wherePrimitive,
]) {
  on(p, unbroadcast);
}
on(matmulPrimitive, matmul);
/** Σ (x · c) = c · Σ x where c does not vary along the summed axes, and Σ (-x) = -Σ x: no pass over the product. */
on(sumPrimitive, (node, inner) => {
  const [x] = node.inputs as [Tensor];
  const { axes, keepDims } = node.attrs as ReduceAttrs;
  if (is(x, e.negPrimitive)) return e.neg(inner(sum(x.inputs[0]!, axes, keepDims)));
  if (!is(x, e.mulPrimitive) || axes.length === 0) return node;
  for (const [i, factor] of x.inputs.entries()) {
    const other = x.inputs[1 - i]!;
    const lead = x.rank - factor.rank;
    const fixed = axes.every((a) => a < lead || factor.shape[a - lead] === 1);
    if (!fixed || !sameShape(other.shape, x.shape)) continue;
    if (factor.rank === 0) return e.mul(inner(sum(other, axes, keepDims)), factor);
    const total = inner(e.mul(inner(sum(other, axes, true)), factor));
    return reshape(total, node.shape);
  }
  return node;
});
/**
 * The convolution of an enlarged image is a transposed convolution of the image itself, by the kernel summed over the pixels that
 * are equal: a 3×3 kernel on twice the size takes 36 products per pixel, the same by phases 16.
 */
on(convPrimitive, (node, inner) => {
  const [x, w, ...bias] = node.inputs as [Tensor, Tensor, ...Tensor[]];
  const { stride, padding } = node.attrs as ConvAttrs;
  if (!is(x, upsamplePrimitive) || stride.some((s) => s !== 1)) return node;
  const { kernel: factor } = x.attrs as { kernel: Pair };
  const rest = pairOf([0, 1].map((i) => w.shape[2 + i]! - 1 - padding[i]!));
  if (rest.some((r) => r < 0) || factor.every((f) => f === 1)) return node;
  let summed = inner(transpose(inner(flip(w, [2, 3])), [1, 0, 2, 3]));
  for (const axis of [0, 1] as const) {
    const shifted = Array.from({ length: factor[axis] }, (_, d) => {
      const widths = [0, 0, 0, 0].map((_, i): [number, number] =>
        i === 2 + axis ? [d, factor[axis] - 1 - d] : [0, 0],
      );
      return inner(pad(summed, widths));
    });
    summed = shifted.reduce((a, b) => inner(e.add(a, b)));
  }
  const size = pairOf(node.shape.slice(2));
  return apply(convInputPrimitive, [x.inputs[0]!, summed, ...bias], { stride: factor, padding: rest, size });
});
on(reshapePrimitive, (node) => {
  const [x] = node.inputs as [Tensor];
  if (sameShape(x.shape, node.shape)) return x;
  if (is(x, sumPrimitive)) {
    const { axes, keepDims } = x.attrs as ReduceAttrs;
    const dropped = reducedShape(x.inputs[0]!.shape, axes, false);
    if (keepDims && sameShape(dropped, node.shape)) return apply(sumPrimitive, x.inputs, { axes, keepDims: false });
  }
  return is(x, reshapePrimitive) ? reshape(x.inputs[0]!, node.shape) : node;
});
on(transposePrimitive, (node) => {
  const [x] = node.inputs as [Tensor];
  if (!is(x, transposePrimitive)) return node;
  const outer = (node.attrs as { permutation: readonly number[] }).permutation;
  const inner = (x.attrs as { permutation: readonly number[] }).permutation;
  const permutation = outer.map((i) => inner[i]!);
  return permutation.every((p, i) => p === i) ? x.inputs[0]! : apply(transposePrimitive, x.inputs, { permutation });
});
on(broadcastPrimitive, (node) => {
  const [x] = node.inputs as [Tensor];
  if (sameShape(x.shape, node.shape)) return x;
  return is(x, broadcastPrimitive) ? apply(broadcastPrimitive, x.inputs, node.attrs as { shape: number[] }) : node;
});

/** What can be computed now: elementwise operations on scalar constants. In double precision, rounded once. */
const arithmetic = new Map<Primitive, (a: number, b: number) => number>();
const compute = <A>(primitive: Primitive<A>, f: (a: number, b: number) => number) =>
  arithmetic.set(primitive as Primitive, f);
compute(e.addPrimitive, (a, b) => a + b);
compute(e.subPrimitive, (a, b) => a - b);
compute(e.mulPrimitive, (a, b) => a * b);
compute(e.divPrimitive, (a, b) => a / b);
compute(e.negPrimitive, (a) => -a);
compute(e.expPrimitive, Math.exp);
compute(e.logPrimitive, Math.log);
compute(e.sqrtPrimitive, Math.sqrt);

function foldConstants(node: Tensor): Tensor {
  const f = arithmetic.get(node.primitive);
  if (f === undefined || node.size !== 1 || node.dtype !== "f32") return node;
  const values = node.inputs.map(scalarValue);
  return values.includes(undefined) ? node : constant([f(values[0]!, values[1]!)], node.shape, "f32");
}
