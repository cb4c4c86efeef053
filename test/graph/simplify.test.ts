import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { simplify } from "../../src/graph/simplify.js";
import { array, defaultEngine, integers, type NdArray, Rng } from "../../src/runtime/index.js";
import { lower } from "../../src/runtime/lower/index.js";
import { encodeModel } from "../../src/runtime/onnx.js";

type T = g.Tensor;

/** The values of tensors made from these inputs, by a model of the graph as it is. */
async function evaluate(roots: readonly T[], inputs: ReadonlyMap<T, NdArray>): Promise<NdArray[]> {
  const outputs = roots.map((t, i) => [`out${i}`, t] as const);
  const engine = defaultEngine();
  const model = lower({ name: "test", inputs: [...inputs.keys()], outputs }, await engine.lowering());
  const session = await engine.load(encodeModel(model));
  const feeds = [...inputs].map(([t, value]) => [(t.attrs as g.InputAttrs).name, value] as const);
  const values = await session.run(Object.fromEntries(feeds));
  await session.release();
  return outputs.map(([name]) => values[name]!);
}

// Random graphs -----------------------------------------------------------------------------------------------------

/** A tensor of whole numbers, none larger than `bound`. */
interface Entry {
  readonly t: T;
  readonly bound: number;
}

/** Whole numbers up to this are exact in float32, and so is all arithmetic on them: in any order, to the last bit. */
const LIMIT = 2 ** 22;

/** Makes a tensor from two others and a number that picks among variants. */
type Op = (a: Entry, b: Entry, n: number) => Entry;
const same =
  (fn: (t: T, n: number) => T): Op =>
  (a, _, n) => ({ t: fn(a.t, n), bound: a.bound });
const small = (n: number) => (n % 7) - 3;
const axisOf = (t: T, n: number) => (t.rank === 0 ? [] : [n % t.rank]);

const operations: readonly Op[] = [
  (a, b) => ({ t: g.add(a.t, b.t), bound: a.bound + b.bound }),
  (a, b) => ({ t: g.sub(a.t, b.t), bound: a.bound + b.bound }),
  (a, b) => ({ t: g.mul(a.t, b.t), bound: a.bound * b.bound }),
  (a, b) => ({ t: g.maximum(a.t, b.t), bound: Math.max(a.bound, b.bound) }),
  (a, b) => ({ t: g.minimum(a.t, b.t), bound: Math.max(a.bound, b.bound) }),
  (a, b) => ({ t: g.where(g.less(a.t, b.t), a.t, g.sub(b.t, a.t)), bound: a.bound + b.bound }),
  (a, b) => ({ t: g.cast(g.equal(a.t, b.t), a.t.dtype), bound: 1 }),
  (a, b) => ({ t: g.cast(g.logicalAnd(g.lessEqual(a.t, b.t), g.lessEqual(b.t, 1)), a.t.dtype), bound: 1 }),
  (a, _, n) => ({ t: g.mul(a.t, small(n)), bound: a.bound * 3 }),
  (a, _, n) => ({ t: g.mul(small(n), a.t), bound: a.bound * 3 }),
  (a, _, n) => ({ t: g.add(a.t, small(n)), bound: a.bound + 3 }),
  (a, _, n) => ({ t: g.sub(small(n), a.t), bound: a.bound + 3 }),
  (a, _, n) => ({ t: g.mul(a.t, g.constant([small(n)], [1, 1], a.t.dtype)), bound: a.bound * 3 }),
  (a, _, n) => ({
    t: g.add(g.broadcastTo(g.constant(small(n), [], a.t.dtype), [2, ...a.t.shape]), a.t),
    bound: a.bound + 3,
  }),
  same((t) => g.div(t, 1)),
  same((t, n) => g.div(t, n % 2 ? 1 : -1)),
  same(g.neg),
  same((t) => g.neg(g.neg(t))),
  same(g.abs),
  same(g.relu),
  same((t) => g.clamp(t, -5, 4)),
  same((t) => g.clamp(t, Number.NEGATIVE_INFINITY, 2)),
  same((t) => g.clamp(t, -2, Number.POSITIVE_INFINITY)),
  same(g.identity),
  same(g.stopGradient),
  (a) => ({ t: g.sign(a.t), bound: 1 }),
  same((t) => g.transpose(t)),
  same((t, n) => g.transpose(t, [...new Rng(n).permutation(t.rank)])),
  same((t) => g.matrixTranspose(t)),
  same((t) => g.reshape(t, [-1])),
  same((t) => g.reshape(g.reshape(t, [-1, 1]), t.shape)),
  same((t, n) => g.expandDims(t, n % (t.rank + 1))),
  same((t, n) => g.broadcastTo(t, [1 + (n % 2), ...t.shape])),
  same((t, n) => g.flip(t, axisOf(t, n))),
  same((t) => g.slice(t, { start: 0, end: 1 })),
  same((t) =>
    g.place(
      t,
      t.shape.map((d) => d + 1),
      t.shape.map(() => 1),
    ),
  ),
  same((t, n) => g.max(t, axisOf(t, n), n % 2 === 0)),
  (a, _, n) => ({ t: g.sum(a.t, axisOf(a.t, n), n % 2 === 0), bound: a.bound * a.t.size }),
  (a) => ({ t: g.sum(a.t), bound: a.bound * a.t.size }),
  (a, b) => ({ t: g.concat([a.t, b.t]), bound: Math.max(a.bound, b.bound) }),
  (a, b, n) => ({
    t: g.matmul(a.t, b.t, { transA: n % 2 === 1, transB: n % 4 > 1 }),
    bound: a.bound * b.bound * Math.max(...a.t.shape),
  }),
];

/** Combinations that have rules of their own: chance alone would seldom make them. */
const idioms: readonly Op[] = [
  (a, b) => ({ t: g.neg(g.sub(a.t, b.t)), bound: a.bound + b.bound }),
  (a, b) => ({ t: g.mul(g.neg(a.t), g.neg(b.t)), bound: a.bound * b.bound }),
  (a, b) => ({ t: g.sub(g.neg(a.t), g.neg(b.t)), bound: a.bound + b.bound }),
  (a, b) => ({ t: g.add(g.neg(a.t), b.t), bound: a.bound + b.bound }),
  (a, b, n) => {
    const t = g.mul(a.t, b.t);
    return { t: g.sum(t, n % 3 === 0 ? undefined : axisOf(t, n), n % 2 === 0), bound: a.bound * b.bound * t.size };
  },
  (a, _, n) => {
    const kept = g.sum(a.t, axisOf(a.t, n), true);
    return { t: g.reshape(kept, n % 2 ? [-1] : kept.shape.filter((d) => d !== 1)), bound: a.bound * a.t.size };
  },
  (a, _, n) => {
    const rng = new Rng(n);
    const turn = (t: T) => g.transpose(t, [...rng.permutation(t.rank)]);
    return { t: turn(turn(a.t)), bound: a.bound };
  },
  (a, b, n) => {
    const turn = (t: T) => g.transpose(t, [...new Rng(n).permutation(t.rank)]);
    const flags = { transA: n % 2 === 1, transB: n % 4 > 1 };
    return { t: g.matmul(turn(a.t), turn(b.t), flags), bound: a.bound * b.bound * Math.max(...a.t.shape) };
  },
  (a, b, n) => {
    const y = g.matmul(a.t, a.t, { transA: n % 2 === 1, transB: n % 2 === 0 });
    return { t: n % 4 > 1 ? g.add(y, b.t) : g.add(b.t, y), bound: a.bound ** 2 * a.t.size + b.bound };
  },
];
const all: readonly Op[] = [...operations, ...idioms, ...idioms];

const instruction = fc.tuple(fc.nat(all.length - 1), fc.nat(), fc.nat(), fc.nat(100));

/** Runs a program of instructions on a growing list of tensors; what does not fit is skipped. */
function build(program: readonly [number, number, number, number][], inputs: readonly T[]): T[] {
  const entries: Entry[] = inputs.map((t) => ({ t, bound: 3 }));
  for (const [op, a, b, n] of program) {
    try {
      // Recent tensors are picked as often as all others together: programs get deep.
      const pick = (k: number) =>
        entries[k % 2 ? entries.length - 1 - (k % Math.min(4, entries.length)) : k % entries.length]!;
      const made = all[op]!(pick(a), pick(b), n);
      if (made.bound <= LIMIT && made.t.size <= 200 && made.t.size > 0 && made.t.rank <= 5) entries.push(made);
    } catch (error) {
      if (!(error instanceof g.ShapeError)) throw error;
    }
  }
  return entries.slice(-3).map(({ t }) => t);
}

describe("values are preserved", () => {
  test("whole numbers through random graphs, to the last bit", async () => {
    let [before, after] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(instruction, { minLength: 5, maxLength: 40 }), fc.nat(), async (program, seed) => {
        const rng = new Rng(seed);
        const whole = (n: number) => Array.from({ length: n }, () => rng.below(7) - 3);
        const values = [array(whole(6), [2, 3]), array(whole(3)), array(whole(1), []), array(whole(9), [3, 3])];
        values.push(array(whole(18), [2, 3, 3]), array(whole(3), [3, 1]), array(whole(12), [3, 2, 2]));
        values.push(integers(whole(6), [2, 3]), integers(whole(1), []));
        const inputs = new Map(values.map((v, i) => [g.input(`x${i}`, v), v] as const));
        const roots = build(program, [...inputs.keys()]);
        const simple = simplify(roots);
        expect(simple.map((t) => [t.dtype, t.shape])).toEqual(roots.map((t) => [t.dtype, t.shape]));
        const [plain, simplified] = [await evaluate(roots, inputs), await evaluate(simple, inputs)];
        plain.forEach((x, i) => {
          // + 0: the simplifier may turn -0 to 0.
          expect(Array.from(simplified[i]!.data, (v) => v + 0)).toEqual(Array.from(x.data, (v) => v + 0));
        });
        before += g.topologicalOrder(roots).length;
        after += g.topologicalOrder(simple).length;
      }),
      { numRuns: 400, seed: 1 },
    );
    expect(after).toBeLessThan(before);
  });

  test("simplifying again changes nothing", () => {
    fc.assert(
      fc.property(fc.array(instruction, { minLength: 5, maxLength: 40 }), (program) => {
        const inputs = [g.input("x", { shape: [2, 3], dtype: "f32" }), g.input("y", { shape: [3], dtype: "f32" })];
        const once = simplify(build(program, inputs));
        expect(simplify(once)).toEqual(once);
      }),
      { numRuns: 400, seed: 1 },
    );
  });

  // Sums in another order: float32 rounds differently, by about 1e-7 of the terms for each of some tens of operations.
  const losses: Record<string, (w: T, x: T) => T> = {
    mlp: (w, x) => g.mean(g.square(g.softplus(g.matmul(g.tanh(g.add(g.matmul(x, w), 0.5)), w)))),
    classifier: (w, x) => g.neg(g.mean(g.slice(g.logSoftmax(g.matmul(x, w)), null, 0))),
    normalised: (w, x) => {
      const h = g.matmul(x, w);
      const c = g.sub(h, g.mean(h, 0, true));
      return g.sum(g.mul(g.div(c, g.sqrt(g.add(g.mean(g.square(c), 0, true), 0.1))), w));
    },
    convolution: (w, x) => {
      const y = g.conv2d(g.reshape(x, [1, 1, 4, 4]), g.reshape(w, [1, 1, 4, 4]), { padding: 2, stride: 2 });
      return g.logsumexp(g.leakyRelu(y, 0.2));
    },
  };
  test.each(Object.entries(losses))("a gradient and a gradient of its norm: %s", async (_, loss) => {
    const rng = new Rng(3);
    const values = [rng.normal([4, 4]), rng.normal([4, 4])];
    const inputs = new Map(values.map((v, i) => [g.input(`x${i}`, v), v] as const));
    const [w, x] = [...inputs.keys()] as [T, T];
    const penalty = (p: T) => g.sum(g.square(g.grad((y: T) => loss(p, y))(x)));
    const roots = [loss(w, x), g.grad((p: T) => loss(p, x))(w), g.grad(penalty)(w)];
    const simple = simplify(roots);
    const [plain, simplified] = [await evaluate(roots, inputs), await evaluate(simple, inputs)];
    plain.forEach((a, i) => {
      const scale = Math.max(...Array.from(a.data, Math.abs));
      const difference = Math.max(...Array.from(a.data, (v, j) => Math.abs(v - simplified[i]!.data[j]!)));
      expect(difference).toBeLessThanOrEqual(2e-5 * scale);
    });
    expect(g.topologicalOrder(simple).length).toBeLessThan(0.85 * g.topologicalOrder(roots).length);
  });
});

describe("what goes away", () => {
  const x = g.input("x", { shape: [2, 3], dtype: "f32" });
  const y = g.input("y", { shape: [2, 3], dtype: "f32" });
  const i = g.input("i", { shape: [3], dtype: "i32" });
  /** The names of the operations left, inputs and constants apart. */
  const left = (...roots: T[]): string[] =>
    g
      .topologicalOrder(simplify(roots))
      .map((t) => t.primitive.name)
      .filter((name) => name !== "input" && name !== "constant")
      .sort();

  const cases: [what: string, roots: T[], operations: string[]][] = [
    ["common subexpressions", [g.add(g.exp(x), g.exp(x))], ["exp", "mul"]],
    ["the same across roots", [g.exp(g.add(x, 1)), g.sin(g.add(x, 1))], ["add", "exp", "sin"]],
    ["equal constants", [g.mul(x, g.constant([1, 2, 3])), g.add(x, g.constant([1, 2, 3]))], ["add", "mul"]],
    ["derivatives that no root needs", g.vjp((t: T) => g.exp(t), x).slice(0, 1) as T[], ["exp"]],
    ["identities", [g.sin(g.identity(g.stopGradient(x)))], ["sin"]],
    ["x + 0, x - 0, x · 1, x / 1", [g.sin(g.div(g.mul(g.sub(g.add(x, 0), 0), 1), 1))], ["sin"]],
    ["0 + x, 1 · x", [g.sin(g.mul(1, g.add(0, x)))], ["sin"]],
    ["a negation of a negation", [g.sin(g.neg(g.neg(x)))], ["sin"]],
    ["-x · -y", [g.mul(g.neg(x), g.neg(y))], ["mul"]],
    ["x + -y, -x + y, x - -y", [g.add(x, g.neg(y)), g.add(g.neg(x), y), g.sub(x, g.neg(y))], ["add", "sub", "sub"]],
    ["-(x - y)", [g.neg(g.sub(x, y))], ["sub"]],
    ["x · -1", [g.mul(x, -1)], ["neg"]],
    ["(x · 2) · 3", [g.mul(g.mul(x, 2), 3)], ["mul"]],
    ["2 · (x · 3) and x · 6", [g.mul(2, g.mul(x, 3)), g.mul(x, 6)], ["mul"]],
    ["-x · 2 and x · -2", [g.mul(g.neg(x), 2), g.mul(x, -2)], ["mul"]],
    ["integers: i · 1", [g.add(g.mul(i, 1), i)], ["add"]],
    ["arithmetic of constants", [g.mul(x, g.sqrt(g.div(g.exp(g.constant(2)), g.add(g.constant(1), 3))))], ["mul"]],
    [
      "a broadcast where the operation does it",
      [g.mul(x, g.broadcastTo(g.exp(g.constant([1, 2, 3])), [2, 3]))],
      ["exp", "mul"],
    ],
    ["a broadcast of a broadcast", [g.broadcastTo(g.broadcastTo(x, [2, 2, 3]), [4, 2, 2, 3])], ["broadcastTo"]],
    ["a reshape to the same shape", [g.reshape(g.reshape(x, [6]), [2, 3]), g.exp(x)], ["exp"]],
    ["a reshape of a reshape", [g.reshape(g.reshape(x, [6]), [3, 2])], ["reshape"]],
    ["a transpose undone", [g.sin(g.transpose(g.transpose(x)))], ["sin"]],
    [
      "two transposes in one",
      [g.transpose(g.transpose(g.reshape(x, [1, 2, 3]), [1, 2, 0]), [1, 0, 2])],
      ["reshape", "transpose"],
    ],
    ["a transpose before a product", [g.matmul(g.transpose(x), y)], ["matmul"]],
    ["Σ 2x", [g.sum(g.mul(x, 2))], ["mul", "sum"]],
    ["-Σ -x", [g.neg(g.sum(g.neg(x)))], ["sum"]],
  ];
  test.each(cases)("%s", (_, roots, operations) => {
    expect(left(...roots)).toEqual(operations);
  });

  test("the sum of a scaled tensor is scaled after the sum", () => {
    const [root] = simplify([g.sum(g.mul(x, 2))]) as [T];
    expect([root.primitive.name, root.size]).toEqual(["mul", 1]);
  });

  test("the forward pass is shared by a value and its gradient", () => {
    const names = left(...g.valueAndGrad((t: T) => g.sum(g.softmax(g.tanh(t))))(x));
    expect(names.filter((n) => n === "tanh" || n === "softmax")).toEqual(["softmax", "tanh"]);
  });
});

describe("what must stay", () => {
  const x = g.input("x", { shape: [3], dtype: "f32" });
  const distinct = (a: T, b: T) => {
    const [p, q] = simplify([a, b]);
    expect(p).not.toBe(q);
  };

  test("inputs of one type", () => distinct(g.input("x", x), g.input("x", x)));
  test("operands in another order", () => distinct(g.sub(x, g.exp(x)), g.sub(g.exp(x), x)));
  test("constants of another type or shape, or sign of zero", () => {
    distinct(g.constant(1), g.constant(1, [], "i32"));
    distinct(g.constant(1), g.constant([1]));
    distinct(g.constant(0), g.constant(-0));
  });
  test("attributes that JSON cannot tell apart", () => {
    distinct(
      g.clamp(x, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY),
      g.clamp(x, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
    );
  });
  test("an identity that broadcasts", () => {
    const [root] = simplify([g.add(x, g.constant(new Float32Array(1), [1, 1]))]) as [T];
    expect(root.shape).toEqual([1, 3]);
  });
  test("integer products with -1 and with two constants", async () => {
    const i = g.input("i", { shape: [2], dtype: "i32" });
    const roots = simplify([g.mul(i, -1), g.mul(g.mul(i, 3), 5)]);
    const values = await evaluate(roots, new Map([[i, integers([2, -7])]]));
    expect(values.map((v) => [...v.data])).toEqual([
      [-2, 7],
      [30, -105],
    ]);
  });
});
