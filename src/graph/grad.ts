/**
 * Reverse-mode differentiation, in the graph: the derivative of a graph is a graph of the same primitives, so it can be
 * differentiated again. Nodes that end up unused cost nothing, since compiling drops them.
 */
import { broadcastTo } from "./primitives/broadcast.js";
import { add, identity } from "./primitives/elementwise.js";
import { inScope } from "./scope.js";
import { ShapeError, sameShape } from "./shape.js";
import { constant, Tensor } from "./tensor.js";
import { leaves, type MapTree, sameTree, type Tree, zipTrees } from "./tree.js";

/** A tree of symbolic tensors. */
export type TensorTree = Tree<Tensor>;

export const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** Zeros of the same shape and type. */
export const zerosLike = (x: Tensor): Tensor => broadcastTo(constant(0, [], x.dtype), x.shape);
/** Ones of the same shape and type. */
export const onesLike = (x: Tensor): Tensor => broadcastTo(constant(1, [], x.dtype), x.shape);

/** All nodes that `roots` are made of, inputs before what is made from them. */
export function topologicalOrder(roots: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>(roots);
  for (const node of seen) for (const x of node.inputs) seen.add(x); // a Set iterates over what is added meanwhile
  return [...seen].sort((a, b) => a.id - b.id);
}

/**
 * Σ cotangent · d output / d target for each target; null where no output depends on it.
 * `targets` may be any nodes, not only inputs.
 */
export function backward(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  targets: readonly Tensor[],
): (Tensor | null)[] {
  const order = topologicalOrder(outputs);
  const wanted = new Set(targets);
  const active = new Set<Tensor>();
  for (const node of order) if (wanted.has(node) || node.inputs.some((x) => active.has(x))) active.add(node);

  const gradients = new Map<Tensor, Tensor>();
  const accumulate = (node: Tensor, ct: Tensor) => {
    const sum = gradients.get(node);
    gradients.set(node, sum === undefined ? ct : add(sum, ct));
  };
  outputs.forEach((y, i) => {
    if (!sameShape(y.shape, cotangents[i]!.shape)) throw new ShapeError("vjp", `cotangent ${cotangents[i]} for ${y}`);
    accumulate(y, cotangents[i]!);
  });

  for (const node of order.reverse()) {
    const ct = gradients.get(node);
    if (ct === undefined || !active.has(node) || node.inputs.length === 0 || node.primitive.vjp === undefined) continue;
    const { vjp } = node.primitive;
    const parts = inScope(gradientScope(node.scope), () => vjp(ct, node, node.inputs, node.attrs));
    // An operand that appears twice (x · x) gets the sum of its parts at once, which simplifies to one.
    const own = new Map<Tensor, Tensor>();
    parts.forEach((part, i) => {
      const x = node.inputs[i]!;
      if (part === null || !active.has(x)) return;
      const before = own.get(x);
      own.set(x, before === undefined ? part : add(before, part));
    });
    for (const [x, part] of own) accumulate(x, part);
  }
  return targets.map((t) => gradients.get(t) ?? null);
}

const gradientScope = (path: string) =>
  path === "grad" || path.startsWith("grad/") ? path : path === "" ? "grad" : `grad/${path}`;

/**
 * Calls `fn` and returns its output with the pullback: cotangents of the output → cotangents of the arguments.
 * Only what flows through the arguments counts; anything else that `fn` uses is a constant.
 */
export function vjp<A extends readonly TensorTree[], R extends TensorTree>(
  fn: (...args: A) => R,
  ...args: A
): [output: R, pullback: (cotangents: R) => A] {
  const own = sameTree(args, isTensor, identity);
  const output = fn(...own);
  const targets = leaves(own, isTensor).map(([, t]) => t);
  const outputs = leaves(output, isTensor).map(([, t]) => t);
  const pullback = (cotangents: R): A => {
    const seeds: Tensor[] = [];
    zipTrees(output, [cotangents], isTensor, (_, ct) => seeds.push(ct));
    const gradients = backward(outputs, seeds, targets);
    let i = 0;
    return sameTree(args, isTensor, (x: Tensor) => gradients[i++] ?? zerosLike(x));
  };
  return [output, pullback];
}

/**
 * Calls `fn` and returns its output with its derivative along `tangents` (forward mode, as the transpose of the
 * transpose: the pullback is linear in its cotangent, so its own pullback is the push-forward).
 */
export function jvp<P extends TensorTree, R extends TensorTree>(
  fn: (params: P) => R,
  params: P,
  tangent: P,
): [output: R, outputTangent: R] {
  const [output, pullback] = vjp(fn, params);
  const dummy = sameTree(output, isTensor, zerosLike);
  const [, pushForward] = vjp((ct: R) => pullback(ct)[0], dummy);
  return [output, pushForward(tangent)[0]];
}

/** The tree of `params` with every leaf replaced by a gradient. */
export type GradientOf<P> = MapTree<P, Tensor, Tensor>;

function checkScalar(value: Tensor): void {
  if (value.size !== 1 || value.dtype !== "f32")
    throw new ShapeError("grad", `the value to differentiate must be a scalar, got ${value}`);
}

/** A function's value and its gradient by the first argument. */
export function valueAndGrad<P extends TensorTree, Rest extends readonly unknown[]>(
  fn: (params: P, ...rest: Rest) => Tensor,
): (params: P, ...rest: Rest) => [value: Tensor, gradient: P] {
  return (params, ...rest) => {
    const [value, pullback] = vjp((p: P) => fn(p, ...rest), params);
    checkScalar(value);
    return [value, pullback(onesLike(value))[0]];
  };
}

/** Like {@link valueAndGrad} for a function that also returns auxiliary results, which are not differentiated. */
export function valueAndGradWithAux<P extends TensorTree, Rest extends readonly unknown[], Aux>(
  fn: (params: P, ...rest: Rest) => [value: Tensor, aux: Aux],
): (params: P, ...rest: Rest) => [value: Tensor, gradient: P, aux: Aux] {
  return (params, ...rest) => {
    let aux: Aux | undefined;
    const [value, gradient] = valueAndGrad((p: P) => {
      const [v, a] = fn(p, ...rest);
      aux = a;
      return v;
    })(params);
    return [value, gradient, aux as Aux];
  };
}

/**
 * The gradient of a scalar function by its first argument.
 * @example const score = grad((x: Tensor) => sum(logDensity(params, x))); // ∇ₓ f, one row per input
 */
export function grad<P extends TensorTree, Rest extends readonly unknown[]>(
  fn: (params: P, ...rest: Rest) => Tensor,
): (params: P, ...rest: Rest) => P {
  return (params, ...rest) => valueAndGrad(fn)(params, ...rest)[1];
}
