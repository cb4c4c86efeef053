/** Every primitive's value and gradient against PyTorch: the fixture is written by test/golden/primitives.py. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/internal.js";
import * as broadcast from "../../src/graph/primitives/broadcast.js";
import * as conv from "../../src/graph/primitives/conv.js";
import * as elementwise from "../../src/graph/primitives/elementwise.js";
import * as indexing from "../../src/graph/primitives/indexing.js";
import * as product from "../../src/graph/primitives/matmul.js";
import * as movement from "../../src/graph/primitives/movement.js";
import * as padding from "../../src/graph/primitives/pad.js";
import * as pool from "../../src/graph/primitives/pool.js";
import * as reduce from "../../src/graph/primitives/reduce.js";
import { compile, defaultEngine, type NdArray } from "../../src/runtime/index.js";
import { readSafetensors } from "../../src/runtime/safetensors.js";

type Case = (...inputs: g.Tensor[]) => g.Tensor;
type T = g.Tensor;

const table: Record<string, Case> = {
  neg: (x) => g.neg(x),
  exp: (x) => g.exp(x),
  log: (x) => g.log(x),
  sqrt: (x) => g.sqrt(x),
  sin: (x) => g.sin(x),
  cos: (x) => g.cos(x),
  tanh: (x) => g.tanh(x),
  sigmoid: (x) => g.sigmoid(x),
  softplus: (x) => g.softplus(x),
  abs: (x) => g.abs(x),
  sign: (x) => g.sign(x),
  leakyRelu: (x) => g.leakyRelu(x, 0.2),
  relu: (x) => g.relu(x),
  step: (x) => g.apply(g.stepPrimitive, [x], { low: 0.25 }),
  clamp: (x) => g.clamp(x, -0.5, 1.25),
  "clamp below": (x) => g.clamp(x, 0.5, Number.POSITIVE_INFINITY),
  "pow 3": (x) => g.pow(x, 3),
  "pow -1.5": (x) => g.pow(x, -1.5),
  "pow 2": (x) => g.pow(x, 2),
  "pow 1": (x) => g.pow(x, 1),
  "pow 0": (x) => g.pow(x, 0),
  square: (x) => g.square(x),
  identity: (x) => g.identity(x),
  stopGradient: (x) => g.mul(x, g.stopGradient(x)),
  "number left": (x) => g.sub(1, g.div(2, x)),

  less: g.less,
  lessEqual: g.lessEqual,
  equal: g.equal,
  greater: g.greater,
  greaterEqual: g.greaterEqual,
  "equal bool": g.equal,
  and: g.logicalAnd,
  or: g.logicalOr,
  not: g.logicalNot,
  where: g.where as Case,
  "where broadcast": g.where as Case,
  "where i32": g.where as Case,
  "cast f32 to i32": (x) => g.cast(x, "i32"),
  "cast i32 to f32": (x) => g.cast(x, "f32"),
  "cast f32 to bool": (x) => g.cast(x, "bool"),
  "cast bool to f32": (x) => g.cast(x, "f32"),
  "cast bool to i32": (x) => g.cast(x, "i32"),
  "cast i32 to bool": (x) => g.cast(x, "bool"),

  "sum keep": (x) => g.sum(x, [0, 2], true),
  "mean keep": (x) => g.mean(x, 1, true),
  "max keep": (x) => g.max(x, 1, true),
  "logsumexp keep": (x) => g.logsumexp(x, 1, true),
  "sum scalar": (x) => g.sum(x),
  "sum i32": (x) => g.sum(x, 1),
  "max tie": (x) => g.max(x, 1),
  "logsumexp large": (x) => g.logsumexp(x, 1),
  "softmax large": (x) => g.softmax(x),
  "logSoftmax large": (x) => g.logSoftmax(x),
  "argmax -1": (x) => g.argmax(x),
  "argmax 0": (x) => g.argmax(x, 0),
  broadcastTo: (x) => g.broadcastTo(x, [2, 3, 4]),
  sumTo: (x) => g.sumTo(x, [3, 1]),

  reshape: (x) => g.reshape(x, [3, 4]),
  "reshape -1": (x) => g.reshape(x, [2, -1, 1]),
  flatten: (x) => g.flatten(x),
  expandDims: (x) => g.expandDims(x, -1),
  squeeze: (x) => g.squeeze(x, 1),
  transpose: (x) => g.transpose(x),
  "transpose 1,2,0": (x) => g.transpose(x, [1, 2, 0]),
  matrixTranspose: (x) => g.matrixTranspose(x),
  slice: (x) => g.slice(x, { start: 1, end: 3 }),
  "slice index": (x) => g.slice(x, null, 1),
  "slice negative": (x) => g.slice(x, -1, { start: -3, end: -1 }),
  "slice stride": (x) => g.slice(x, null, { start: 1, stride: 2 }, { stride: 3 }),
  "slice stride inside": (x) => g.slice(x, { start: 0, end: 4, stride: 2 }, { start: 1, end: 6, stride: 3 }),
  "slice i32": (x) => g.slice(x, { start: 1, stride: 2 }),
  place: (x) => g.place(x, [4, 5], [1, 2]),
  "place stride": (x) => g.place(x, [7, 6], [1, 0], [2, 3]),
  "place stride to the end": (x) => g.place(x, [5, 6], [0, 0], [2, 2]),
  pad: (x) => g.pad(x, [[0, 3], [1, 2]]), // biome-ignore format: reads as a matrix
  "pad value": (x) => g.pad(x, [[0, 3], [1, 2]], -1.5), // biome-ignore format: reads as a matrix
  "pad reflect": (x) => g.pad(x, [[0, 0], [0, 0], [1, 3], [2, 1]], "reflect"), // biome-ignore format: reads as a matrix
  flip: (x) => g.flip(x, 1),
  "flip 0,2": (x) => g.flip(x, [0, 2]),
  concat: (...parts) => g.concat(parts, 1),
  "concat i32": (...parts) => g.concat(parts),
  "stack 0": (...parts) => g.stack(parts),
  "stack -1": (...parts) => g.stack(parts, -1),

  "conv2d plain": (x, w) => g.conv2d(x, w),
  "conv2d pad": (x, w) => g.conv2d(x, w, { padding: 1 }),
  "conv2d stride 2": (x, w) => g.conv2d(x, w, { stride: 2, padding: 1 }),
  "conv2d stride 2 even": (x, w) => g.conv2d(x, w, { stride: 2, padding: 1 }),
  "conv2d stride 3": (x, w) => g.conv2d(x, w, { stride: 3 }),
  "conv2d stride over kernel": (x, w) => g.conv2d(x, w, { stride: 3, padding: 2 }),
  "conv2d mixed": (x, w) => g.conv2d(x, w, { stride: [2, 3], padding: [0, 2] }),
  "conv2d 1x1": (x, w) => g.conv2d(x, w),
  "conv2d 1x1 stride 2": (x, w) => g.conv2d(x, w, { stride: 2 }),
  "conv2d covering": (x, w) => g.conv2d(x, w),
  "conv2d covering padded": (x, w) => g.conv2d(x, w, { padding: 1 }),
  "conv2d blocked": (x, w) => g.conv2d(x, w, { padding: [1, 0] }),
  "conv2d blocked stride 2": (x, w) => g.conv2d(x, w, { stride: 2 }),
  "conv2d bias": (x, w, bias) => g.conv2d(x, w, { stride: 2, padding: 1, bias }),
  "conv2d covering bias": (x, w, bias) => g.conv2d(x, w, { bias }),
  "convTranspose2d plain": (y, w) => g.convTranspose2d(y, w),
  "convTranspose2d pad": (y, w) => g.convTranspose2d(y, w, { padding: 1 }),
  "convTranspose2d stride 2": (y, w) => g.convTranspose2d(y, w, { stride: 2, padding: 1 }),
  "convTranspose2d output padding": (y, w) => g.convTranspose2d(y, w, { stride: 2, padding: 1, outputPadding: 1 }),
  "convTranspose2d stride 3": (y, w) => g.convTranspose2d(y, w, { stride: 3, outputPadding: [2, 0] }),
  "convTranspose2d mixed": (y, w) =>
    g.convTranspose2d(y, w, { stride: [2, 1], padding: [0, 1], outputPadding: [1, 0] }),
  "convTranspose2d blocked": (y, w) => g.convTranspose2d(y, w, { padding: [0, 1] }),
  "convTranspose2d one pixel": (y, w) => g.convTranspose2d(y, w),
  "convTranspose2d one pixel padded": (y, w) => g.convTranspose2d(y, w, { stride: 2, padding: 1, outputPadding: 1 }),
  convFilter: (x, y) => g.apply(g.convFilterPrimitive, [x, y], { stride: [1, 1], padding: [1, 1], kernel: [3, 2] }),
  "convFilter stride 2": (x, y) =>
    g.apply(g.convFilterPrimitive, [x, y], { stride: [2, 2], padding: [1, 1], kernel: [3, 3] }),

  maxPool2d: (x) => g.maxPool2d(x, 2),
  "maxPool2d remainder": (x) => g.maxPool2d(x, 2),
  "maxPool2d overlap": (x) => g.maxPool2d(x, 3, { stride: 2 }),
  "maxPool2d mixed": (x) => g.maxPool2d(x, [2, 3], { stride: [3, 1] }),
  "maxPool2d tie": (x) => g.maxPool2d(x, 2, { stride: 1 }),
  avgPool2d: (x) => g.avgPool2d(x, 2),
  "avgPool2d mixed": (x) => g.avgPool2d(x, [2, 3]),
  "avgPool2d remainder": (x) => g.avgPool2d(x, 2),
  "avgPool2d overlap": (x) => g.avgPool2d(x, 3, { stride: 2 }),
  "avgPool2d padding": (x) => g.avgPool2d(x, 3, { stride: 2, padding: 1 }),
  upsampleNearest2d: (x) => g.upsampleNearest2d(x, 2),
  "upsampleNearest2d mixed": (x) => g.upsampleNearest2d(x, [2, 3]),

  gather: (x, i) => g.gather(x, i!),
  "gather 1": (x, i) => g.gather(x, i!, 1),
  "gather matrix": (x, i) => g.gather(x, i!, 1),
  "gather one": (x, i) => g.gather(x, i!),
  "gather i32": (x, i) => g.gather(x, i!),
  scatterAdd: (v, i) => g.scatterAdd(v, i!, 4),
  "scatterAdd matrix": (v, i) => g.scatterAdd(v, i!, 4),
  "scatterAdd i32": (v, i) => g.scatterAdd(v, i!, 4),
  oneHot: (i) => g.oneHot(i, 4),
};

const binary: Record<string, (a: T, b: T) => T> = {
  add: g.add,
  sub: g.sub,
  mul: g.mul,
  div: g.div,
  maximum: g.maximum,
  minimum: g.minimum,
};
for (const [op, fn] of Object.entries(binary)) {
  for (const suffix of ["", " scalar", " row", " outer", " i32"]) table[op + suffix] = fn as Case;
}
table["maximum tie"] = g.maximum;
table["minimum tie"] = g.minimum;
for (const op of ["less", "lessEqual", "equal", "greater", "greaterEqual"]) table[`${op} i32`] = table[op]!;

const reductions = { sum: g.sum, mean: g.mean, max: g.max, min: g.min, logsumexp: g.logsumexp };
for (const [op, fn] of Object.entries(reductions)) {
  table[op] = (x) => fn(x);
  table[`${op} 0`] = (x) => fn(x, 0);
  table[`${op} -1`] = (x) => fn(x, -1);
  table[`${op} 0,2`] = (x) => fn(x, [0, 2]);
}
for (const axis of [-1, 0, 1]) {
  table[`softmax ${axis}`] = (x) => g.softmax(x, axis);
  table[`logSoftmax ${axis}`] = (x) => g.logSoftmax(x, axis);
}
for (const shapes of ["2,3 x 3,4", "5,2,3 x 3,4", "2,3 x 5,3,4", "5,2,3 x 5,3,4", "2,1,2,3 x 5,3,4"]) {
  for (const transA of [false, true]) {
    for (const transB of [false, true]) {
      const flags = transA || transB ? ` ${transA ? "A" : ""}${transB ? "B" : ""}` : "";
      table[`matmul ${shapes}${flags}`] = (a, b) => g.matmul(a, b, { transA, transB });
    }
  }
}

const fixture = new Map<string, Map<string, NdArray>>();
for (const [key, value] of readSafetensors(readFileSync("test/golden/primitives.safetensors")).tensors) {
  const [name, role] = key.split("/") as [string, string];
  if (!fixture.has(name)) fixture.set(name, new Map());
  fixture.get(name)!.set(role, value);
}

/** A case's inputs, in order. */
const inputsOf = (parts: Map<string, NdArray>): NdArray[] => {
  const out: NdArray[] = [];
  for (let x = parts.get("0"), i = 0; x !== undefined; x = parts.get(`${++i}`)) out.push(x);
  return out;
};

/**
 * The fixture is exact to one rounding (6e-8); float32 kernels add a few roundings for each term of a sum, relative to the
 * largest terms: 1e-5 of the array's largest magnitude covers sums of up to about a hundred terms. Integers and
 * booleans are equal.
 */
function expectClose(actual: NdArray, expected: NdArray, what: string): void {
  expect([actual.dtype, ...actual.shape], `${what}: type and shape`).toEqual([expected.dtype, ...expected.shape]);
  const scale = Math.max(0, ...Array.from(expected.data, Math.abs));
  const tolerance = expected.dtype === "f32" ? 1e-5 * scale : 0;
  expected.data.forEach((v: number, i: number) => {
    // Written so that NaN fails.
    if (!(Math.abs(actual.data[i]! - v) <= tolerance)) {
      expect.fail(`${what}: element ${i} is ${actual.data[i]}, expected ${v}`);
    }
  });
}

/** Value and gradients of Σ y · ct by the real inputs. */
const differentiated = (fn: Case, withGradients: boolean) => (inputs: readonly T[], ct: T) => {
  const real = inputs.filter((x) => x.dtype === "f32");
  const place = (own: readonly T[]) => {
    let i = 0;
    return inputs.map((x) => (x.dtype === "f32" ? own[i++]! : x));
  };
  if (!withGradients) return { y: fn(...inputs), d: [] as T[] };
  const [y, pullback] = g.vjp((own: readonly T[]) => fn(...place(own)), real);
  return { y, d: pullback(ct)[0] };
};

describe("value and gradients are PyTorch's", () => {
  test.each([...fixture])("%s", async (name, parts) => {
    const fn = table[name];
    if (fn === undefined) return expect.fail(`no function for the fixture's case "${name}"`);
    const inputs = inputsOf(parts);
    const expected = [...parts].filter(([role]) => role.startsWith("d"));
    const feed = parts.get("ct") ?? parts.get("y")!;
    const compiled = compile(differentiated(fn, expected.length > 0), { name });
    const check = (y: NdArray, d: readonly NdArray[]) => {
      expectClose(y, parts.get("y")!, "value");
      expect(d.length).toBe(expected.length);
      expected.forEach(([role, value], i) => {
        expectClose(d[i]!, value, role);
      });
    };
    const { y, d } = await compiled(inputs, feed);
    check(y, d);

    await compiled.release();

    // The same from a model of standard operators only.
    const options = { standardOnly: true };
    expect(Object.keys(compiled.model([inputs, feed], options).opsets)).toEqual([""]);
    const session = await defaultEngine().load(compiled.onnx([inputs, feed], options));
    const feeds = Object.fromEntries(inputs.map((x, i) => [`arg0.${i}`, x]));
    const out = await session.run({ ...feeds, arg1: feed });
    check(
      out["out.y"]!,
      expected.map((_, i) => out[`out.d.${i}`]!),
    );
    await session.release();
  });
});

test("every function of the table has a case in the fixture", () => {
  expect(Object.keys(table).filter((name) => !fixture.has(name))).toEqual([]);
});

test("every primitive is part of some case", () => {
  const isPrimitive = (value: unknown): value is g.Primitive =>
    typeof value === "object" && value !== null && "name" in value && "infer" in value;
  const modules = [broadcast, conv, elementwise, indexing, product, movement, padding, pool, reduce];
  const primitives = modules.flatMap((m) => Object.values<unknown>({ ...m })).filter(isPrimitive);
  expect(primitives.length).toBeGreaterThan(40);

  const seen = new Set<g.Primitive>();
  for (const [name, parts] of fixture) {
    const y = table[name]!(...inputsOf(parts).map((x, i) => g.input(`${i}`, x)));
    for (const node of g.topologicalOrder([y])) seen.add(node.primitive);
  }
  expect(primitives.filter((p) => !seen.has(p)).map((p) => p.name)).toEqual([]);
});
