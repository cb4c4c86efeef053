/** One model for every batch, or an error that names what stands against it. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { DynamicBatchError, dynamicBatch } from "../../src/export/dynamic-batch.js";
import * as g from "../../src/graph/index.js";
import { trace } from "../../src/runtime/compile.js";
import { compile, type NdArray, Rng, zeros } from "../../src/runtime/index.js";
import { lower } from "../../src/runtime/lower/index.js";
import { encodeModel } from "../../src/runtime/onnx.js";

type Fn = (x: g.Tensor) => g.Tensor;

const WIDTH = 6;
const build = (fn: Fn) =>
  dynamicBatch((batch) => {
    const { graph } = trace("f", fn as (...args: never[]) => g.Tensor, [["x", zeros([batch, WIDTH])]], "y");
    return lower(graph, { standardOnly: true });
  }, "x");

const cases: Readonly<Record<string, Fn>> = {
  "reshape with the batch inside": (x) => g.transpose(g.reshape(g.transpose(x), [2, 3, x.shape[0]!]), [2, 0, 1]),
  "reshape that merges the batch": (x) => {
    const rows = g.softmax(g.reshape(x, [x.shape[0]! * 2, 3]), 1);
    return g.reshape(rows, x.shape);
  },
  "broadcast to the batch": (x) => g.concat([g.broadcastTo(g.constant([1, 2]), [x.shape[0]!, 2]), x], 1),
  "broadcast to multiples of the batch": (x) => {
    const halves = g.reshape(x, [2 * x.shape[0]!, 3]);
    const table = g.broadcastTo(g.constant([3, 1, 2]), [2 * x.shape[0]!, 3]);
    return g.reshape(g.concat([halves, table], 1), [x.shape[0]!, 12]);
  },
  "second derivatives": (x) => {
    const f = (t: g.Tensor) => g.sum(g.pow(g.sum(g.square(t), 1), 1.5));
    return g.grad((t: g.Tensor) => g.sum(g.square(g.grad(f)(t))))(x);
  },
  "maxima and their gradient": (x) => {
    const images = (t: g.Tensor) => g.reshape(t, [t.shape[0]!, 1, 2, 3]);
    return g.grad((t: g.Tensor) => g.sum(g.square(g.maxPool2d(images(t), 2, { stride: 1 }))))(x);
  },
};

describe.each(Object.entries(cases))("%s", (_, fn) => {
  test.each([1, 2, 5, 7])("batch of %i", async (batch) => {
    const session = await InferenceSession.create(encodeModel(build(fn)), { logSeverityLevel: 3 });
    const x = new Rng(batch).normal([batch, WIDTH]);
    const { y } = await session.run({ x: new Tensor("float32", x.data as Float32Array, x.shape) });
    const expected = (await (compile(fn) as unknown as (x: NdArray) => Promise<NdArray>)(x)).data;
    expect(y!.dims[0]).toBe(batch);
    const actual = y!.data as Float32Array;
    expect(actual.length).toBe(expected.length);
    // The same few operations on 32-bit floats; the second derivatives are up to some hundred.
    for (const [i, v] of actual.entries()) expect(v).toBeCloseTo(expected[i]!, 3);
  });
});

test("input and output have a symbolic first dimension", () => {
  const { inputs, outputs } = build(cases["second derivatives"]!);
  expect([...inputs, ...outputs].map((v) => v.shape)).toEqual([
    ["batch", WIDTH],
    ["batch", WIDTH],
  ]);
});

test("both dimensions of an output may be the batch", () => {
  expect(build((x) => g.matmul(x, x, { transB: true })).outputs[0]!.shape).toEqual(["batch", "batch"]);
});

test.each<readonly [string, Fn, string]>([
  ["a mean over the batch", (x) => g.mul(x, g.mean(x)), 'the stored input 1 of Mul "Mul" depends on the batch'],
  ["a table with a row for each example", (x) => g.add(x, rowNumbers(x)), "the stored input 1 of Add"],
  ["an output of one row less", (x) => g.slice(x, { start: 1 }), 'dimension 0 of "y" is 100002 for a batch of 100003'],
  ["a kernel as high as the batch", (x) => g.conv2d(image(x), image(x), { padding: 1 }), "the attributes of Conv"],
  [
    "what is done to large batches only",
    (x) => (x.shape[0]! > 100_010 ? g.exp(g.sin(x)) : g.exp(x)),
    "the number of nodes depends on the batch",
  ],
])("%s is refused", (_, fn, why) => {
  expect(() => build(fn)).toThrow(DynamicBatchError);
  expect(() => build(fn)).toThrow(why);
});

const rowNumbers = (x: g.Tensor) => g.constant(Float32Array.from(Array(x.shape[0]!).keys()), [x.shape[0]!, 1]);
const image = (x: g.Tensor) => g.reshape(x, [1, 1, x.shape[0]!, WIDTH]);
