/** What the lowering does beyond one operator per primitive, whose values are tested with the primitives. */
import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { array, compile, defaultEngine, integers, type NdArray, Rng } from "../../src/runtime/index.js";
import { lower } from "../../src/runtime/lower/index.js";
import { encodeModel } from "../../src/runtime/onnx.js";

type T = g.Tensor;
const operators = (fn: (...args: T[]) => T, ...args: NdArray[]) =>
  compile(fn)
    .model(args)
    .nodes.map((n) => n.op);

describe("a product with something added", () => {
  const rng = new Rng(1);
  const [a, b] = [rng.normal([2, 3]), rng.normal([3, 4])];
  const plain = (x: NdArray, y: NdArray, i: number, j: number) => {
    const [inner, columns] = y.shape as [number, number];
    return Array.from({ length: inner }, (_, k) => x.data[i * inner + k]! * y.data[k * columns + j]!).reduce(
      (s, v) => s + v,
    );
  };
  const layer = (x: T, w: T, c: T) => g.add(g.matmul(x, w), c);

  test("a row: one operator", () => {
    expect(operators(layer, a, b, rng.normal([4]))).toEqual(["Gemm"]);
    expect(operators(layer, a, b, rng.normal([1, 4]))).toEqual(["Gemm"]);
  });

  test("the product used elsewhere, too", async () => {
    const f = compile((x: T, w: T, c: T) => {
      const y = g.matmul(x, w);
      return { y, z: g.add(y, c) };
    });
    const c = rng.normal([4]);
    const { y, z } = await f(a, b, c);
    y.data.forEach((v, k) => {
      expect(z.data[k]).toBeCloseTo(v + c.data[k % 4]!, 5);
    });
  });

  // Everything that could be taken for a row.
  const others: g.Shape[] = [[], [1], [4], [1, 1], [1, 4], [2, 1], [2, 4], [1, 1, 4], [3, 2, 4]];
  test.each(others.map((shape) => [shape]))("of shape %j", async (shape) => {
    const c = rng.normal(shape);
    const y = await compile(layer)(a, b, c);
    const [rows, columns] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
    expect(y.shape).toEqual(shape.length === 3 ? [shape[0], 2, 4] : [2, 4]);
    y.data.forEach((v, k) => {
      const [batch, i, j] = [Math.floor(k / 8), Math.floor(k / 4) % 2, k % 4];
      const at = ((batch % (shape.length === 3 ? shape[0]! : 1)) * rows + (i % rows)) * columns + (j % columns);
      expect(v).toBeCloseTo(plain(a, b, i, j) + c.data[at]!, 5);
    });
  });

  test.each([
    [[2, 3], [3, 1], [4]],
    [
      [2, 3],
      [3, 1],
      [1, 4],
    ],
    [
      [1, 3],
      [3, 4],
      [2, 1],
    ],
    [[1, 3], [3, 1], [5]],
    [[1, 3], [3, 4], [4]],
  ])("a product %j · %j that the sum with %j broadcasts", async (x, w, c) => {
    const args = [rng.normal(x), rng.normal(w), rng.normal(c)] as const;
    const y = await compile(layer)(...args);
    const rows = Math.max(x[0]!, c.at(-2) ?? 1);
    const columns = Math.max(w[1]!, c.at(-1)!);
    expect(y.shape).toEqual([rows, columns]);
    y.data.forEach((v, k) => {
      const [i, j] = [Math.floor(k / columns), k % columns];
      const at = (i % (c.at(-2) ?? 1)) * c.at(-1)! + (j % c.at(-1)!);
      expect(v).toBeCloseTo(plain(args[0], args[1], i % x[0]!, j % w[1]!) + args[2].data[at]!, 5);
    });
  });
});

describe("extremes", () => {
  test("softplus and its derivative neither overflow nor vanish", async () => {
    const f = compile((x: T) => ({ y: g.softplus(x), d: g.grad((t: T) => g.sum(g.softplus(t)))(x) }));
    const { y, d } = await f(array([-100, -30, 0, 30, 1e4]));
    expect([...y.data].slice(2)).toEqual([Math.fround(Math.log(2)), 30, 1e4]);
    expect([...d.data]).toEqual([...d.data].map((v) => Math.min(1, Math.max(0, v))));
    expect([d.data[2], d.data[4]]).toEqual([0.5, 1]);
  });

  test("sign and step of the smallest normal numbers, of infinities and of zeros", async () => {
    const x = array([1.2e-38, -1.2e-38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0]);
    const f = compile((t: T) => ({
      sign: g.sign(t),
      step: g.grad((s: T) => g.sum(g.leakyRelu(s, 0.25)))(t),
    }));
    const { sign, step } = await f(x);
    expect(Array.from(sign.data, (v) => v + 0)).toEqual([1, -1, 1, -1, 0, 0]);
    expect([...step.data]).toEqual([1, 0.25, 1, 0.25, 0.25, 0.25]);
  });

  test("empty tensors", async () => {
    const f = compile((x: T) => ({
      sum: g.sum(x),
      part: g.slice(x, null, { start: 1, end: 1, stride: 2 }),
      joined: g.concat([x, g.constant([1, 2, 3], [1, 3])]),
    }));
    const { sum, part, joined } = await f(array([], [0, 3]));
    expect(sum.item()).toBe(0);
    expect(part.shape).toEqual([0, 0]);
    expect([...joined.data]).toEqual([1, 2, 3]);
    const nothing = compile((x: T) => g.slice(x, { start: 2, end: 2, stride: 3 }));
    expect((await nothing(array([1, 2, 3, 4]))).shape).toEqual([0]);
  });
});

describe("names", () => {
  test("inputs that look like operators, stored tensors and outputs inside", async () => {
    const f = compile(
      (Add: T, Add_1: T, scalar_2: T, ints_0: T) => g.mul(g.add(g.add(Add, Add_1), 2), g.sum(g.add(scalar_2, ints_0))),
      {
        argNames: ["Add", "Add_1", "scalar_2", "ints_0"],
      },
    );
    expect((await f(1, 2, 3, 4)).item()).toBe(35);
  });

  test("scopes name the nodes, derivatives apart", () => {
    const f = compile((x: T) =>
      g.grad((t: T) => g.sum(g.scope("critic", () => g.scope("out", () => g.square(g.tanh(t))))))(x),
    );
    const names = f.model([array([1])]).nodes.map((n) => n.name);
    expect(names).toContain("critic/out/Tanh");
    expect(names.some((n) => n.startsWith("grad/critic/out/"))).toBe(true);
  });

  test("two values of one name are refused", () => {
    const twice = compile((x: T, y: T) => g.add(x, y), { argNames: ["x", "x"] });
    expect(() => twice.model([1, 2])).toThrow(/"x"/);
    const dotted = compile((p: Record<string, T | Record<string, T>>) =>
      g.add(p["a.b"] as T, (p.a as Record<string, T>).b!),
    );
    expect(() => dotted.model([{ "a.b": 1, a: { b: 2 } }])).toThrow(/"arg0.a.b"/);
    const out = compile((x: T) => g.exp(x), { argNames: ["out"] });
    expect(() => out.model([1])).toThrow(/"out"/);
  });

  test("an input that the graph does not declare is an error", () => {
    const stray = g.input("stray", { shape: [], dtype: "f32" });
    expect(() => lower({ name: "f", inputs: [], outputs: [["y", g.exp(stray)]] })).toThrow(/"stray"/);
  });
});

test("a model is a function of its graph: the same bytes each time", () => {
  const f = () =>
    compile((x: T) => g.valueAndGrad((t: T) => g.mean(g.square(g.softmax(t))))(x)).onnx([array([[1, 2, 3]])]);
  expect(f()).toEqual(f());
});

test("large and small stored constants of every type", async () => {
  const big = Float32Array.from({ length: 1000 }, (_, i) => i / 7);
  const outputs = [
    ["f", g.constant(big, [10, 100])],
    ["i", g.constant(Int32Array.of(-5, 2 ** 31 - 1))],
    ["b", g.constant([1, 0], [2], "bool")],
    ["s", g.constant(true)],
  ] as const;
  const session = await defaultEngine().load(encodeModel(lower({ name: "constants", inputs: [], outputs })));
  const { f, i, b, s } = await session.run({});
  expect(f).toEqual(array(big, [10, 100]));
  expect(i).toEqual(integers([-5, 2 ** 31 - 1]));
  expect([b!.dtype, ...b!.data, ...s!.data]).toEqual(["bool", 1, 0, 1]);
});
