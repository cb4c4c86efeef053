/**
 * First and second derivatives of every primitive, against finite differences, on random shapes.
 *
 * For y = f(x), random u and directions v, w of x, let L(x) = Σ (u y + ½ y²): the square gives linear primitives a second
 * derivative too, so that the derivative of their derivative is exercised. Checked, in one compiled graph per case:
 *
 *   ⟨∇L, v⟩ against differences of L along v        (the vjp)
 *   ⟨∇⟨∇L, v⟩, w⟩ against differences of ⟨∇L, v⟩ along w   (the vjp of the vjp)
 *   ⟨∇⟨∇L, v⟩, w⟩ = ⟨∇⟨∇L, w⟩, v⟩                   (Hessians are symmetric)
 *   ⟨u, J v⟩ = ⟨v, Jᵀ u⟩                            (jvp against vjp)
 *
 * Step and tolerance, in float32 (rounding ε = 6e-8). The inputs and directions are multiples of 2⁻⁷ and the step is
 * h = 2⁻⁶, so x ± h v and x ± 2 h v are exact. The differences are of fourth order, with error h⁴/30 = 2e-9 times
 * the fifth derivative. The rounding of L, a few ε times the sum of its terms' magnitudes |L|, is divided by h: 4 ε |L| / h
 * = 1.5e-5 |L|. So the tolerance is 1e-3 ‖∇L‖‖v‖, the derivative's largest possible size, plus 3e-5 |L|: a wrong factor or
 * a missing term is hundreds of times larger. The sides of an identity have no differences in them: 2e-5 of the same scale.
 *
 * Directions lie in [-1, 1], so points move by at most 2 h = 1/32: inputs with kinks stay 1/8 away from them.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/internal.js";
import { compile, NdArray, Rng } from "../../src/runtime/index.js";

type T = g.Tensor;
type Fn = (...inputs: T[]) => T;

const GRID = 2 ** -7;
const STEP = 2 ** -6;

/** Values on the grid. */
const fill = (shape: g.Shape, draw: (i: number) => number): NdArray =>
  new NdArray(
    Float32Array.from({ length: g.sizeOf(shape) }, (_, i) => Math.round(draw(i) / GRID) * GRID),
    shape,
  );

/** Where a primitive's inputs come from. */
type Draw = (shape: g.Shape, rng: Rng) => NdArray;
const anywhere: Draw = (shape, rng) => fill(shape, () => 3 * rng.random() - 1.5);
const positive: Draw = (shape, rng) => fill(shape, () => 0.5 + 2 * rng.random());
/** Both signs, away from zero. */
const nonzero: Draw = (shape, rng) => fill(shape, () => (rng.random() < 0.5 ? -1 : 1) * (0.5 + 1.5 * rng.random()));
/** Odd multiples of 1/8: at least 1/8 away from the multiples of 1/4, where kinks may be. */
const offKinks: Draw = (shape, rng) => fill(shape, () => (2 * rng.below(12) - 11) / 8);
/** All different, by 1/8 and more. */
const distinct: Draw = (shape, rng) => {
  const order = rng.permutation(g.sizeOf(shape));
  return fill(shape, (i) => (order[i]! - order.length / 2) / 8);
};
/** Even multiples of 1/8: with {@link offKinks}, never closer than 1/8. */
const even: Draw = (shape, rng) => fill(shape, () => (2 * rng.below(12) - 12) / 8);

interface Case {
  readonly fn: Fn;
  readonly inputs: readonly NdArray[];
}

const dot = (a: readonly T[], b: readonly T[]): T =>
  a.map((x, i) => g.sum(g.mul(x, b[i]!))).reduce((s, t) => g.add(s, t), g.constant(0));

const norm = (xs: readonly NdArray[]) => Math.hypot(...xs.flatMap((x) => Array.from(x.data)));
const moved = (xs: readonly NdArray[], vs: readonly NdArray[], t: number): NdArray[] =>
  xs.map(
    (x, i) =>
      new NdArray(
        Float32Array.from(x.data, (v, j) => v + t * vs[i]!.data[j]!),
        x.shape,
      ),
  );

/** Everything above in one graph. */
const derivatives = (fn: Fn) => (x: readonly T[], v: readonly T[], w: readonly T[], u: T) => {
  const loss = (p: readonly T[]) => {
    const y = fn(...p);
    return g.sum(g.add(g.mul(u, y), g.mul(g.square(y), 0.5)));
  };
  const slope = (direction: readonly T[]) => (p: readonly T[]) => dot(g.grad(loss)(p), direction);
  const [y, tangent] = g.jvp((p: readonly T[]) => fn(...p), x, v);
  const [, pullback] = g.vjp((p: readonly T[]) => fn(...p), x);
  return {
    y,
    loss: loss(x),
    magnitude: g.sum(g.add(g.abs(g.mul(u, y)), g.mul(g.square(y), 0.5))),
    gradient: g.grad(loss)(x),
    slope: slope(v)(x),
    hessian: g.grad(slope(v))(x),
    curvature: dot(g.grad(slope(v))(x), w),
    mirrored: dot(g.grad(slope(w))(x), v),
    forward: g.sum(g.mul(u, tangent)),
    reverse: dot(pullback(u)[0], v),
  };
};

async function check({ fn, inputs }: Case, rng: Rng): Promise<void> {
  const { shape } = fn(...inputs.map((x, i) => g.input(`${i}`, x)));
  const direction = () => inputs.map((x) => fill(x.shape, () => 2 * rng.random() - 1));
  const [v, w, u] = [direction(), direction(), fill(shape, () => 2 * rng.random() - 1)];
  const all = compile(derivatives(fn), { name: "derivatives" });
  const at = await all(inputs, v, w, u);

  /** Fourth-order differences along a direction. */
  const difference = async (along: readonly NdArray[], of: "loss" | "slope"): Promise<number> => {
    const value = async (steps: number) => (await all(moved(inputs, along, steps * STEP), v, w, u))[of].item();
    const [a, b, c, d] = [await value(-2), await value(-1), await value(1), await value(2)];
    return (8 * (c - b) - (d - a)) / (12 * STEP);
  };
  const within = (what: string, actual: number, expected: number, tolerance: number) => {
    if (!(Math.abs(actual - expected) <= tolerance)) {
      expect.fail(`${what}: ${actual} and ${expected} differ by more than ${tolerance}`);
    }
  };
  const size = at.magnitude.item();
  const [dv, dw] = [norm(v), norm(w)];
  const first = norm(at.gradient) * dv;
  const second = norm(at.hessian) * dw;
  within("first derivative", at.slope.item(), await difference(v, "loss"), 1e-3 * first + 3e-5 * size);
  within("second derivative", at.curvature.item(), await difference(w, "slope"), 1e-3 * second + 3e-5 * first);
  within("symmetry", at.curvature.item(), at.mirrored.item(), 2e-5 * (second + first));
  within("jvp and vjp", at.forward.item(), at.reverse.item(), 2e-5 * (first + size));
  await all.release();
}

// Random cases ------------------------------------------------------------------------------------------------------

const int = (min: number, max: number) => fc.integer({ min, max });
const shapeOf = (rank: { min: number; max: number }) =>
  fc.array(int(1, 3), { minLength: rank.min, maxLength: rank.max });
const anyShape = shapeOf({ min: 0, max: 3 });

/** Two shapes that broadcast: each of the common axes is 1 in one of them, or in neither. */
const broadcastable = fc
  .tuple(fc.array(fc.tuple(int(1, 3), int(0, 3)), { maxLength: 3 }), int(0, 3), fc.boolean())
  .map(([axes, cut, swap]): [g.Shape, g.Shape] => {
    const a = axes.map(([d, kind]) => (kind === 1 ? 1 : d));
    const b = axes.map(([d, kind]) => (kind === 2 ? 1 : d)).slice(Math.min(cut, axes.length));
    return swap ? [b, a] : [a, b];
  });

/** An arbitrary case, drawn from a shape and a seed. */
type Cases = fc.Arbitrary<(rng: Rng) => Case>;

const unary = (fn: (x: T) => T, draw: Draw = anywhere): Cases =>
  anyShape.map((shape) => (rng) => ({ fn: (x) => fn(x!), inputs: [draw(shape, rng)] }));
const binary = (fn: (a: T, b: T) => T, drawA: Draw = anywhere, drawB: Draw = drawA): Cases =>
  broadcastable.map(([a, b]) => (rng) => ({
    fn: (x, y) => fn(x!, y!),
    inputs: [drawA(a, rng), drawB(b, rng)],
  }));

/** A shape with some of its axes (at least one), and whether to keep them. */
const reduction = (fn: (x: T, axes: readonly number[], keepDims: boolean) => T, draw: Draw = anywhere): Cases =>
  fc.tuple(shapeOf({ min: 1, max: 3 }), fc.nat(), fc.boolean()).map(([shape, bits, keepDims]) => (rng) => {
    const some = shape.flatMap((_, i) => ((bits >> i) & 1 ? [i] : []));
    return { fn: (x) => fn(x!, some.length === 0 ? [0] : some, keepDims), inputs: [draw(shape, rng)] };
  });
const alongAxis = (fn: (x: T, axis: number) => T): Cases =>
  fc.tuple(shapeOf({ min: 1, max: 3 }), fc.nat()).map(([shape, n]) => (rng) => ({
    fn: (x) => fn(x!, n % shape.length),
    inputs: [anywhere(shape, rng)],
  }));

/** A permutation of the axes of a random shape. */
const permuted = (fn: (x: T, permutation: number[]) => T): Cases =>
  shapeOf({ min: 1, max: 3 }).map((shape) => (rng) => {
    const permutation = [...rng.permutation(shape.length)];
    return { fn: (x) => fn(x!, permutation), inputs: [anywhere(shape, rng)] };
  });

/** Per axis: how much there is before, between and after what is taken. */
const strided = fc.array(fc.tuple(int(1, 3), int(1, 3), int(0, 2), int(0, 2)), { minLength: 1, maxLength: 3 });

const slices: Cases = strided.map((axes) => (rng) => {
  const shape = axes.map(([n, stride, before, after]) => before + (n - 1) * stride + 1 + after);
  const ranges = axes.map(([n, stride, start]) => ({ start, stride, end: start + (n - 1) * stride + 1 }));
  return { fn: (x) => g.slice(x!, ...ranges), inputs: [anywhere(shape, rng)] };
});
const places: Cases = strided.map((axes) => (rng) => {
  const shape = axes.map(([n, stride, before, after]) => before + (n - 1) * stride + 1 + after);
  const [starts, strides] = [axes.map(([, , start]) => start), axes.map(([, stride]) => stride)];
  const from = axes.map(([n]) => n);
  return { fn: (x) => g.place(x!, shape, starts, strides), inputs: [anywhere(from, rng)] };
});
const pads = (mode: g.PadMode): Cases =>
  fc.array(fc.tuple(int(3, 4), int(0, 2), int(0, 2)), { minLength: 1, maxLength: 3 }).map((axes) => (rng) => ({
    fn: (x) =>
      g.pad(
        x!,
        axes.map(([, a, b]) => [a, b] as const),
        mode,
      ),
    inputs: [
      anywhere(
        axes.map(([d]) => d),
        rng,
      ),
    ],
  }));
const joins: Cases = fc
  .tuple(shapeOf({ min: 1, max: 3 }), fc.nat(), fc.array(int(1, 3), { minLength: 1, maxLength: 3 }))
  .map(([shape, n, sizes]) => (rng) => {
    const axis = n % shape.length;
    const parts = sizes.map((size) => shape.map((d, i) => (i === axis ? size : d)));
    return { fn: (...xs) => g.concat(xs, axis), inputs: parts.map((p) => anywhere(p, rng)) };
  });

const products: Cases = fc
  .tuple(broadcastable, int(1, 3), int(1, 3), int(1, 3), fc.boolean(), fc.boolean())
  .map(([[a, b], m, k, n, transA, transB]) => (rng) => ({
    fn: (x, y) => g.matmul(x!, y!, { transA, transB }),
    inputs: [
      anywhere([...a, ...(transA ? [k, m] : [m, k])], rng),
      anywhere([...b, ...(transB ? [n, k] : [k, n])], rng),
    ],
  }));

const window = fc.record({
  places: fc.tuple(int(1, 3), int(1, 3)),
  kernel: fc.tuple(int(1, 4), int(1, 3)),
  stride: fc.tuple(int(1, 3), int(1, 3)),
  padding: fc.tuple(int(0, 2), int(0, 1)),
  rest: fc.tuple(int(0, 2), int(0, 2)),
  channels: fc.tuple(int(1, 3), int(1, 2), int(1, 3)),
  bias: fc.boolean(),
});
type Window = typeof window extends fc.Arbitrary<infer W> ? W : never;

/** The input size of a convolution with this many places, some `rest` not reached by the last. */
const sizeBefore = ({ places, kernel, stride, padding, rest }: Window): [number, number] => {
  const along = (i: 0 | 1) =>
    Math.max(1, (places[i] - 1) * stride[i] + kernel[i] - 2 * padding[i]) + (rest[i] % stride[i]);
  return [along(0), along(1)];
};
const convolutions: Cases = window.map((o) => (rng) => {
  const [batch, from, to] = o.channels;
  const inputs = [anywhere([batch, from, ...sizeBefore(o)], rng), anywhere([to, from, ...o.kernel], rng)];
  if (o.bias) inputs.push(anywhere([to], rng));
  return { fn: (x, w, bias) => g.conv2d(x!, w!, { stride: o.stride, padding: o.padding, bias }), inputs };
});
const transposedConvolutions: Cases = window
  .filter(({ places, kernel, stride, padding }) =>
    places.every((n, i) => (n - 1) * stride[i]! + kernel[i]! - 2 * padding[i]! >= 1),
  )
  .map((o) => (rng) => {
    const [batch, from, to] = o.channels;
    const outputPadding = [o.rest[0] % o.stride[0], o.rest[1] % o.stride[1]] as const;
    return {
      fn: (y, w) => g.convTranspose2d(y!, w!, { stride: o.stride, padding: o.padding, outputPadding }),
      inputs: [anywhere([batch, from, ...o.places], rng), anywhere([from, to, ...o.kernel], rng)],
    };
  });
const filterGradients: Cases = window.map((o) => (rng) => {
  const [batch, from, to] = o.channels;
  const [x, w] = [g.input("x", { shape: [batch, from, ...sizeBefore(o)], dtype: "f32" }), [to, from, ...o.kernel]];
  const y = g.apply(g.convPrimitive, [x, g.input("w", { shape: w, dtype: "f32" })], o).shape;
  const attrs = { stride: o.stride, padding: o.padding, kernel: o.kernel };
  return {
    fn: (a, b) => g.apply(g.convFilterPrimitive, [a!, b!], attrs),
    inputs: [anywhere(x.shape, rng), anywhere(y, rng)],
  };
});
const pools = (fn: (x: T, o: Window) => T, draw: Draw, padded: boolean): Cases =>
  window.map((o) => (rng) => {
    const options = padded ? o : { ...o, padding: [0, 0] as [number, number] };
    return { fn: (x) => fn(x!, options), inputs: [draw([o.channels[0], 1, ...sizeBefore(options)], rng)] };
  });

const lookups = (fn: (x: T, indices: T, axis: number) => T): Cases =>
  fc.tuple(shapeOf({ min: 1, max: 3 }), fc.nat(), shapeOf({ min: 0, max: 2 })).map(([shape, n, at]) => (rng) => {
    const axis = n % shape.length;
    const indices = Int32Array.from({ length: g.sizeOf(at) }, () => rng.below(shape[axis]!));
    return { fn: (x) => fn(x!, g.constant(indices, at), axis), inputs: [anywhere(shape, rng)] };
  });
const scatters: Cases = fc
  .tuple(shapeOf({ min: 0, max: 2 }), shapeOf({ min: 0, max: 2 }), int(1, 3))
  .map(([at, rest, size]) => (rng) => {
    const indices = Int32Array.from({ length: g.sizeOf(at) }, () => rng.below(size));
    return { fn: (v) => g.scatterAdd(v!, g.constant(indices, at), size), inputs: [anywhere([...at, ...rest], rng)] };
  });

const cases: Record<string, Cases> = {
  neg: unary(g.neg),
  exp: unary(g.exp),
  log: unary(g.log, positive),
  sqrt: unary(g.sqrt, positive),
  sin: unary(g.sin),
  cos: unary(g.cos),
  tanh: unary(g.tanh),
  sigmoid: unary(g.sigmoid),
  softplus: unary(g.softplus),
  abs: unary(g.abs, offKinks),
  relu: unary(g.relu, offKinks),
  leakyRelu: unary((x) => g.leakyRelu(x, 0.2), offKinks),
  clamp: unary((x) => g.clamp(x, -0.5, 0.75), offKinks),
  "pow 3": unary((x) => g.pow(x, 3)),
  "pow -½": unary((x) => g.pow(x, -0.5), positive),
  identity: unary(g.identity),
  add: binary(g.add),
  sub: binary(g.sub),
  mul: binary(g.mul),
  div: binary(g.div, anywhere, nonzero),
  maximum: binary(g.maximum, offKinks, even),
  minimum: binary(g.minimum, offKinks, even),
  where: binary((a, b) => g.where(g.less(a, 0.25), g.mul(a, b), g.exp(a)), offKinks),
  sum: reduction(g.sum),
  mean: reduction(g.mean),
  max: reduction(g.max, distinct),
  min: reduction(g.min, distinct),
  logsumexp: reduction(g.logsumexp),
  softmax: alongAxis(g.softmax),
  logSoftmax: alongAxis(g.logSoftmax),
  broadcastTo: broadcastable.map(([a, b]) => (rng) => ({
    fn: (x) => g.broadcastTo(x!, g.add(x!, g.constant(new Float32Array(g.sizeOf(b)), b)).shape),
    inputs: [anywhere(a, rng)],
  })),
  reshape: unary((x) => g.reshape(x, [-1])),
  transpose: permuted(g.transpose),
  slice: slices,
  place: places,
  "pad with a constant": pads(-0.5),
  "pad by reflection": pads("reflect"),
  flip: reduction((x, axes) => g.flip(x, axes)),
  concat: joins,
  matmul: products,
  conv2d: convolutions,
  convTranspose2d: transposedConvolutions,
  convFilter: filterGradients,
  maxPool2d: pools((x, o) => g.maxPool2d(x, o.kernel, { stride: o.stride }), distinct, false),
  avgPool2d: pools((x, { kernel, stride, padding }) => g.avgPool2d(x, kernel, { stride, padding }), anywhere, true),
  "avgPool2d side by side": pools(
    (x, { kernel }) => g.avgPool2d(g.upsampleNearest2d(x, kernel), kernel),
    anywhere,
    false,
  ),
  upsampleNearest2d: pools((x, { stride }) => g.upsampleNearest2d(x, stride), anywhere, false),
  gather: lookups(g.gather),
  scatterAdd: scatters,
};

/** Cases per primitive; those with many options get more. */
const RUNS = 20;
const MORE = new Set(["matmul", "conv2d", "convTranspose2d", "convFilter", "maxPool2d", "avgPool2d", "slice", "place"]);

describe("first and second derivatives", () => {
  test.each(Object.entries(cases))("%s", async (name, arbitrary) => {
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.nat(), async (draw, seed) => {
        const rng = new Rng(seed);
        await check(draw(rng), rng);
      }),
      { numRuns: MORE.has(name) ? 2 * RUNS : RUNS, seed: 1 },
    );
  });

  test("every primitive with a derivative is among them", () => {
    const reached = new Set<g.Primitive>();
    for (const arbitrary of Object.values(cases)) {
      for (const draw of fc.sample(arbitrary, { numRuns: 8, seed: 1 })) {
        const { fn, inputs } = draw(new Rng(1));
        for (const node of g.topologicalOrder([fn(...inputs.map((x, i) => g.input(`${i}`, x)))])) {
          reached.add(node.primitive);
        }
      }
    }
    const differentiable = Object.values<unknown>({ ...g }).filter(
      (p): p is g.Primitive => typeof p === "object" && p !== null && "infer" in p && "vjp" in p,
    );
    // Their derivative is zero: there is nothing to compare.
    const constants: unknown[] = [g.signPrimitive, g.stepPrimitive, g.stopGradientPrimitive];
    // Compared where there are ranks (train/ranks.test.ts).
    const ofRanks: unknown[] = [g.allMeanPrimitive, g.varianceAcrossPrimitive];
    const missing = differentiable.filter((p) => !reached.has(p) && ![...constants, ...ofRanks].includes(p));
    expect(missing.map((p) => p.name)).toEqual([]);
  });
});
