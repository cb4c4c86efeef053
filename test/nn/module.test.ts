/** What modules promise apart from their numbers: names, errors, initial values, masks, names of graph nodes. */
import { expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import * as nn from "../../src/nn/index.js";
import { array, compile, type NdArray, Rng, zeros } from "../../src/runtime/index.js";

const moments = (x: NdArray) => {
  const values = [...x.data];
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const square = values.reduce((a, b) => a + b * b, 0) / values.length;
  return { mean, std: Math.sqrt(square - mean ** 2), max: values.reduce((a, b) => Math.max(a, b)) };
};

test("initial values have PyTorch's distributions", () => {
  const rng = new Rng(5);
  // U(-b, b) has standard deviation b / √3; 20 000 draws estimate it to about 0.5 %: 3 % is six standard errors.
  const check = (x: NdArray, bound: number) => {
    const { mean, std, max } = moments(x);
    expect(Math.abs(std / (bound / Math.sqrt(3)) - 1)).toBeLessThan(0.03);
    expect(Math.abs(mean)).toBeLessThan(0.03 * bound);
    expect(max).toBeLessThanOrEqual(bound);
    expect(max).toBeGreaterThan(0.99 * bound);
  };
  const linear = nn.linear(100, 20000).init(rng).params as Record<string, NdArray>;
  check(linear.weight!, 0.1);
  check(linear.bias!, 0.1);
  const conv = nn.conv2d(16, 200, 3).init(rng).params as Record<string, NdArray>;
  check(conv.weight!, 1 / Math.sqrt(16 * 9));
  const transposed = nn.convTranspose2d(200, 16, 3).init(rng).params as Record<string, NdArray>;
  check(transposed.weight!, 1 / Math.sqrt(16 * 9));
  const resnet = nn.resNetGenerator({ noiseDim: 64, features: 40 }).init(rng).params;
  const { input_linear, block1 } = resnet as { input_linear: Record<string, NdArray>; block1: nn.Dict<NdArray> };
  check(input_linear.weight!, Math.sqrt(6 / (64 + 640)));
  const { weight, bias } = block1.conv1 as Record<string, NdArray>;
  check(weight!, Math.sqrt(2) * Math.sqrt(6 / (2 * 40 * 9)));
  expect([...bias!.data].every((v) => v === 0)).toBe(true);
});

test("equal seeds give equal variables", () => {
  const values = (seed: number) => [...nn.stateDict(nn.toyGenerator().init(new Rng(seed))).values()].map((x) => x.data);
  expect(values(3)).toEqual(values(3));
  expect(values(3)).not.toEqual(values(4));
});

test("weight norm starts as the layer that it wraps", async () => {
  const [plain, normed] = [nn.linear(3, 4), nn.weightNorm(nn.linear(3, 4))];
  const forward = (m: nn.Module) =>
    compile((v: nn.Variables<g.Tensor>, x: g.Tensor) => m.apply(v, x, { mode: "eval" }).y);
  const x = new Rng(1).normal([5, 3]);
  const a = await forward(plain)(plain.init(new Rng(2)), x);
  const b = await forward(normed)(normed.init(new Rng(2)), x);
  a.data.forEach((v, i) => {
    expect(b.data[i]).toBeCloseTo(v, 5);
  });
});

test("dropout masks keep the expectation, and are asked for by name", async () => {
  const model = nn.compose({ drop: nn.dropout(0.25, [50, 1, 1]) }, ({ drop }, x) => drop(x));
  const { drop } = model.masks(400, new Rng(1)) as { drop: { mask: NdArray } };
  expect(drop.mask.shape).toEqual([400, 50, 1, 1]);
  expect([...new Set(drop.mask.data)].sort()).toEqual([0, Math.fround(4 / 3)]);
  expect(moments(drop.mask).mean).toBeCloseTo(1, 1.5); // standard error 0.004
  const run = (mode: nn.Mode) =>
    compile((x: g.Tensor) => model.apply({ params: {}, state: {} }, x, mode).y)(zeros([1, 50, 1, 1]));
  await expect(run({ mode: "train" })).rejects.toThrow(/no tensor "mask" for the layer at "drop"/);
  expect((await run({ mode: "eval" })).shape).toEqual([1, 50, 1, 1]);
  expect(nn.toyEbm().masks(10, new Rng(1))).toEqual({});
  expect(() => nn.dropout(1, [2])).toThrow(RangeError);
});

test("missing parameters are reported with their place", async () => {
  const model = nn.sequential([nn.linear(2, 3), g.tanh, nn.linear(3, 1)]);
  const run = compile(
    (params: nn.Dict<g.Tensor>, x: g.Tensor) => model.apply({ params, state: {} }, x, { mode: "eval" }).y,
  );
  const params = model.init(new Rng(1)).params;
  await expect(run({ 0: params["0"]! } as nn.Dict<NdArray>, zeros([4, 2]))).rejects.toThrow(
    /no tensor "weight" for the layer at "2"/,
  );
});

test("a layer cannot be called twice: its statistics would be lost", async () => {
  const model = nn.compose({ norm: nn.batchNorm(2) }, ({ norm }, x) => norm(norm(x)));
  const run = compile((v: nn.Variables<g.Tensor>, x: g.Tensor) => model.apply(v, x, { mode: "train" }).y);
  await expect(run(model.init(new Rng(1)), zeros([4, 2]))).rejects.toThrow(/"norm" is called twice/);
});

test("batch norm refuses a single value per channel and other channels", async () => {
  const model = nn.batchNorm(2);
  const run = compile((v: nn.Variables<g.Tensor>, x: g.Tensor) => model.apply(v, x, { mode: "train" }).y);
  const variables = model.init(new Rng(1));
  await expect(run(variables, zeros([1, 2]))).rejects.toThrow(g.ShapeError);
  await expect(run(variables, zeros([4, 3]))).rejects.toThrow(g.ShapeError);
});

test("state_dict round trip, and what it refuses", () => {
  const model = nn.toyGenerator({ hidden: 3 });
  const [a, b] = [model.init(new Rng(1)), model.init(new Rng(2))];
  const entries = nn.stateDict(a);
  expect(nn.stateDict(nn.loadStateDict(b, entries))).toEqual(entries);
  const changed = (change: (map: Map<string, NdArray>) => void) => {
    const map = new Map(entries);
    change(map);
    return () => nn.loadStateDict(b, map);
  };
  expect(changed((m) => m.delete("1.running_var"))).toThrow(/no array "1.running_var"/);
  expect(changed((m) => m.set("0.weight", zeros([3, 3])))).toThrow(
    /"0.weight" is f32\[3,3\], the module has f32\[3,2\]/,
  );
  expect(changed((m) => m.set("0.bias", zeros([3])))).toThrow(/no place for 0.bias/);
});

test("summary", () => {
  const text = nn.modelSummary(nn.toyEbm({ hidden: 10 }).init(new Rng(1)));
  expect(text.split("\n")).toEqual([
    "layer  parameters                  count",
    "0      weight [10, 2], bias [10]      30",
    "2      weight [10, 10], bias [10]    110",
    "4      weight [1, 10], bias [1]       11",
    "total                                151",
  ]);
});

test("graph nodes are named by layer", () => {
  const model = nn.resNetDiscriminator({ features: 2 });
  const run = compile((v: nn.Variables<g.Tensor>, x: g.Tensor) => model.apply(v, x, { mode: "eval" }).y);
  const names = run.model([model.init(new Rng(1)), zeros([1, 3, 8, 8])]).nodes.map((node) => node.name);
  expect(names.some((name) => name.startsWith("block1/conv2"))).toBe(true);
  expect(names.some((name) => name.startsWith("output_linear"))).toBe(true);
});

test("frozen batch norm costs one product and one sum over the batch", () => {
  const model = nn.batchNorm(8);
  const run = compile(
    (v: nn.Variables<g.Tensor>, statistics: nn.Dict<g.Tensor>, x: g.Tensor) =>
      model.apply(v, x, { mode: "frozen", statistics }).y,
  );
  const x = zeros([16, 8, 4, 4]);
  const statistics = { mean: zeros([8]), var: array(Array(8).fill(1)) };
  const { nodes } = run.model([model.init(new Rng(1)), statistics, x]);
  const touching = new Set(["arg2"]);
  const large = nodes.filter((node) => {
    const hit = node.inputs.some((name) => touching.has(name));
    if (hit) for (const name of node.outputs) touching.add(name);
    return hit;
  });
  expect(large.map((node) => node.op)).toEqual(["Mul", "Add"]);
});

test("depths that no wide residual network has are refused", () => {
  expect(() => nn.wideResNet({ depth: 27 })).toThrow(RangeError);
});
