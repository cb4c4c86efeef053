/** Scales and shifts folded into weights: the operations left, and the values, against the graph as written. */
import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { simplify } from "../../src/graph/simplify.js";
import { compile, defaultEngine, type NdArray, Rng } from "../../src/runtime/index.js";
import { lower } from "../../src/runtime/lower/index.js";
import { encodeModel } from "../../src/runtime/onnx.js";

type T = g.Tensor;
const rng = new Rng(3);

/** The function's value without any simplification, by standard operators. */
async function asWritten(fn: (...args: T[]) => T, args: readonly NdArray[]): Promise<NdArray> {
  const inputs = args.map((x, i) => g.input(`arg${i}`, x));
  const model = lower({ name: "plain", inputs, outputs: [["out", fn(...inputs)]] }, { standardOnly: true });
  const session = await defaultEngine().load(encodeModel(model));
  const { out } = await session.run(Object.fromEntries(args.map((x, i) => [`arg${i}`, x])));
  await session.release();
  return out!;
}

/** Sums of up to a few hundred products near 1 in another order: 1e-4 is some tens of roundings. */
async function expectSame(fn: (...args: T[]) => T, args: readonly NdArray[]): Promise<void> {
  const [y, expected] = [await compile(fn)(...(args as NdArray[])), await asWritten(fn, args)];
  expect(y.shape).toEqual(expected.shape);
  expected.data.forEach((v, i) => {
    expect(Math.abs(y.data[i]! - v)).toBeLessThan(1e-4 * (1 + Math.abs(v)));
  });
}

/** How many nodes of each kind are as large as the result. */
function passes(fn: (...args: T[]) => T, args: readonly NdArray[]): string[] {
  const [root] = simplify([fn(...args.map((x, i) => g.input(`arg${i}`, x)))]) as [T];
  const names: string[] = [];
  const visit = (x: T, seen = new Set<T>()) => {
    if (seen.has(x)) return;
    seen.add(x);
    for (const y of x.inputs) visit(y, seen);
    if (x.size === root.size && x.rank === root.rank && x.inputs.length > 0) names.push(x.primitive.name);
  };
  visit(root);
  return names;
}

const channel = (t: T) => g.reshape(t, [-1, 1, 1]);
const affine = (y: T, s: T, b: T) => g.add(g.mul(y, channel(s)), channel(b));

describe("a scale and a shift per channel", () => {
  const x = rng.normal([3, 4, 6, 6]);
  const w = rng.normal([5, 4, 3, 3]);
  const [s, b, c] = [rng.normal([5]), rng.normal([5]), rng.normal([5])];

  test("of a convolution", async () => {
    const fn = (x: T, w: T, s: T, b: T) => affine(g.conv2d(x, w, { padding: 1 }), s, b);
    expect(passes(fn, [x, w, s, b])).toEqual(["conv2d"]);
    await expectSame(fn, [x, w, s, b]);
  });

  test("of a convolution with a bias", async () => {
    const fn = (x: T, w: T, s: T, b: T, c: T) => affine(g.conv2d(x, w, { padding: 1, bias: c }), s, b);
    expect(passes(fn, [x, w, s, b, c])).toEqual(["conv2d"]);
    await expectSame(fn, [x, w, s, b, c]);
  });

  test("of a transposed convolution", async () => {
    const v = rng.normal([4, 5, 4, 4]);
    const fn = (x: T, w: T, s: T, b: T) => affine(g.convTranspose2d(x, w, { stride: 2, padding: 1 }), s, b);
    expect(passes(fn, [x, v, s, b])).toEqual(["convInput"]);
    await expectSame(fn, [x, v, s, b]);
  });

  test.each([true, false])("of a matrix product (transB %j)", async (transB) => {
    const rows = rng.normal([20, 7]);
    const v = rng.normal(transB ? [5, 7] : [7, 5]);
    const fn = (x: T, w: T, s: T, b: T) => g.add(g.mul(g.matmul(x, w, { transB }), s), b);
    expect(passes(fn, [rows, v, s, b])).toEqual(["matmul", "add"]); // one operator when lowered
    await expectSame(fn, [rows, v, s, b]);
  });

  test("stays where the convolution is used elsewhere", async () => {
    const fn = (x: T, w: T, s: T) => {
      const y = g.conv2d(x, w, { padding: 1 });
      return g.add(g.mul(y, channel(s)), g.exp(y));
    };
    expect(passes(fn, [x, w, s]).filter((name) => name === "conv2d")).toHaveLength(1);
    await expectSame(fn, [x, w, s]);
  });

  test("stays where the weights are larger than the result", () => {
    const fn = (x: T, w: T, s: T) => g.mul(g.matmul(x, w), s);
    expect(passes(fn, [rng.normal([2, 9]), rng.normal([9, 5]), s])).toEqual(["matmul", "mul"]);
  });

  // As many values as there are channels, but along another axis.
  test("along another axis is none", async () => {
    const fn = (x: T, w: T, s: T) => g.mul(g.conv2d(x, w), g.reshape(s, [1, 1, 1, 5]));
    const args = [rng.normal([2, 3, 5, 5]), rng.normal([5, 3, 1, 1]), s];
    expect(passes(fn, args)).toEqual(["conv2d", "mul"]);
    await expectSame(fn, args);
  });
});

describe("the convolution of an enlarged image", () => {
  test.each([
    [3, 1, 2],
    [3, 0, 2],
    [1, 0, 2],
    [5, 2, 2],
    [3, 1, 3],
    [2, 1, 2],
  ])("kernel %i, padding %i, enlarged by %i", async (kernel, padding, factor) => {
    const fn = (x: T, w: T) => g.conv2d(g.upsampleNearest2d(x, factor), w, { padding });
    const args = [rng.normal([2, 3, 4, 5]), rng.normal([4, 3, kernel, kernel])];
    expect(passes(fn, args)).toEqual(["convInput"]);
    await expectSame(fn, args);
  });

  test("with a stride stays", async () => {
    const fn = (x: T, w: T) => g.conv2d(g.upsampleNearest2d(x, 2), w, { padding: 1, stride: 2 });
    const args = [rng.normal([2, 3, 4, 4]), rng.normal([4, 3, 3, 3])];
    expect(passes(fn, args)).toContain("conv2d");
    await expectSame(fn, args);
  });
});

describe("how convolutions are lowered does not change them", () => {
  const options = [
    { kernel: 4, stride: 2, padding: 1 },
    { kernel: 3, stride: 2, padding: 1 },
    { kernel: 3, stride: 1, padding: 1 },
    { kernel: 2, stride: 3, padding: 0 },
  ];
  const sizes = [2, 4, 8, 16];
  const each = options.flatMap((o) => sizes.filter((n) => n >= o.kernel).map((size) => ({ ...o, size })));

  test.each(each)("kernel $kernel, stride $stride, padding $padding, $size pixels", async (o) => {
    const weights = rng.normal([64, 64, o.kernel, o.kernel], 0, 0.1);
    const [x, w, b] = [rng.normal([2, 64, o.size, o.size]), weights, rng.normal([64])];
    const conv = (x: T, w: T, b: T) => g.leakyRelu(g.conv2d(x, w, { ...o, bias: b }), 0.2);
    await expectSame(conv, [x, w, b]);
    // Two in a row, and what lies between used again: values stay in blocks, and come out of them.
    const v = rng.normal([64, 64, 3, 3], 0, 0.1);
    const chain = (x: T, w: T, b: T, v: T) => {
      const y = g.mul(g.tanh(conv(x, w, b)), 0.5);
      return g.add(g.add(g.conv2d(y, v, { padding: 1 }), y), g.mean(y, [0, 2, 3], true));
    };
    await expectSame(chain, [x, w, b, v]);
  });

  test.each(options.flatMap((o) => [2, 4, 8].map((size) => ({ ...o, size }))))(
    "transposed: kernel $kernel, stride $stride, padding $padding, $size pixels",
    async ({ size, kernel, ...o }) => {
      const weights = rng.normal([64, 64, kernel, kernel], 0, 0.1);
      const [y, w, b] = [rng.normal([2, 64, size, size]), weights, rng.normal([64])];
      const outputPadding = o.stride === 2 && kernel === 3 ? 1 : 0;
      const fn = (y: T, w: T, b: T) => g.relu(g.add(g.convTranspose2d(y, w, { ...o, outputPadding }), channel(b)));
      await expectSame(fn, [y, w, b]);
    },
  );
});
