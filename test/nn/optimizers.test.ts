/** Optimisers against torch.optim over five steps, for each option; schedules against torch.optim.lr_scheduler. */
import { describe, expect, test } from "vitest";
import type * as g from "../../src/graph/index.js";
import * as nn from "../../src/nn/index.js";
import { array, compile, isArray, type NdArray } from "../../src/runtime/index.js";
import { readJson } from "./golden.js";

type Flat = Record<string, number[]>;
interface Golden {
  shapes: Record<string, number[]>;
  start: Flat;
  grads: Flat[];
  rates: number[];
  trajectories: Record<string, Flat[]>;
}
const golden = readJson<Golden>("optimizers.json");
const tree = (values: Flat): Record<string, NdArray> =>
  Object.fromEntries(Object.entries(values).map(([name, v]) => [name, array(v, golden.shapes[name]!)]));

const optimizers: Record<string, nn.Optimizer> = {
  adam: nn.adam(),
  "adam beta1=0": nn.adam({ beta1: 0, beta2: 0.9 }),
  "adam eps": nn.adam({ beta1: 0.5, beta2: 0.99, eps: 0.1 }),
  "adam weightDecay": nn.adam({ beta1: 0, beta2: 0.9, weightDecay: 0.3 }),
  sgd: nn.sgd(),
  "sgd momentum": nn.sgd({ momentum: 0.9 }),
  "sgd nesterov weightDecay": nn.sgd({ momentum: 0.8, nesterov: true, weightDecay: 0.1 }),
  adadelta: nn.adadelta(),
  "adadelta rho eps weightDecay": nn.adadelta({ rho: 0.5, eps: 1e-3, weightDecay: 0.2 }),
};

type Params = Record<string, g.Tensor>;

test("every trajectory of the fixture has its optimiser", () => {
  expect(Object.keys(golden.trajectories)).toEqual(Object.keys(optimizers));
});

// The reference is in double precision; values are of order 1, so five 32-bit steps stay within a few 1e-7.
test.each(Object.entries(optimizers))("%s follows PyTorch", async (name, optimizer) => {
  const step = compile((params: Params, grads: Params, state: nn.OptimizerState<g.Tensor>, lr: g.Tensor) =>
    optimizer.update(params, grads, state, lr),
  );
  let params = tree(golden.start);
  let state = optimizer.init(params);
  for (const [i, grads] of golden.grads.entries()) {
    const next = await step(params, tree(grads), state, golden.rates[i]!);
    params = next.params;
    state = next.state;
    for (const [key, expected] of Object.entries(golden.trajectories[name]![i]!)) {
      const difference = Math.max(...expected.map((v, j) => Math.abs(v - params[key]!.data[j]!)));
      expect(difference, `${key} after step ${i + 1}`).toBeLessThan(2e-6);
    }
  }
  await step.release();
});

test("the bias correction of the first Adam steps is exact", async () => {
  // With a constant gradient m̂ = g and v̂ = g², so every step is lr · sign(g), whatever the betas.
  const optimizer = nn.adam({ beta1: 0.999, beta2: 0.99999, eps: 0 });
  const step = compile((p: Params, grads: Params, state: nn.OptimizerState<g.Tensor>) =>
    optimizer.update(p, grads, state, 1),
  );
  let params: Record<string, NdArray> = { w: array([0, 0]) };
  let state = optimizer.init(params);
  for (let t = 1; t <= 20; t++) {
    const next = await step(params, { w: array([3e-3, -2]) }, state);
    params = next.params;
    state = next.state;
    expect(Math.abs(params.w!.data[0]! + t) / t).toBeLessThan(3e-6);
    expect(Math.abs(params.w!.data[1]! - t) / t).toBeLessThan(3e-6);
  }
  expect((state.step as NdArray).item()).toBe(20);
  await step.release();
});

test("Adam without first moment keeps none", () => {
  const state = nn.adam({ beta1: 0 }).init({ w: array([1, 2]) });
  expect(state.m).toEqual({});
  expect((state.v as Record<string, NdArray>).w!.shape).toEqual([2]);
});

test("gradients of another structure are refused", async () => {
  const step = compile((p: Params, grads: Params) => nn.sgd().update(p, grads, {}, 0.1).params);
  await expect(step({ a: array([1]) }, { b: array([1]) })).rejects.toThrow(/trees differ/);
  expect(() => nn.sgd({ nesterov: true })).toThrow(RangeError);
});

test("the moving average of parameters", async () => {
  const step = compile((average: Params, p: Params) => nn.ema(average, p, 0.9));
  const { w } = await step({ w: array([1, 2]) }, { w: array([3, -2]) });
  expect([...w!.data].map((v) => v.toFixed(5))).toEqual(["1.20000", "1.60000"]);
  expect(isArray(w)).toBe(true);
  await step.release();
});

describe("schedules follow PyTorch", () => {
  const values = readJson<Record<string, number[]>>("schedules.json");
  const schedules: Record<string, nn.Schedule> = {
    multiStep: nn.multiStep([3, 7], 0.3),
    stepDecay: nn.stepDecay(3, 0.7),
    linearWarmup: nn.linearWarmup(4),
    "warmup then multiStep": nn.product(nn.linearWarmup(4), nn.multiStep([5, 8], 0.3)),
  };
  test.each(Object.keys(values))("%s", (name) => {
    const factors = values[name]!.map((_, step) => schedules[name]!(step));
    factors.forEach((factor, step) => {
      expect(0.5 * factor, `step ${step}`).toBeCloseTo(values[name]![step]!, 12);
    });
  });
  test("no warm-up, no factors, epochs", () => {
    expect(nn.linearWarmup(0)(0)).toBe(1);
    expect(nn.product()(17)).toBe(1);
    const schedule = nn.perEpoch(10, nn.multiStep([2], 0.5));
    expect([0, 19, 20].map(schedule)).toEqual([1, 1, 0.5]);
  });
});

describe("AdamW", () => {
  test("shrinks what decays, and then moves like Adam", async () => {
    const grads = { a: array([1, -2]), b: array([0.5]) };
    const params = { a: array([3, 4]), b: array([5]) };
    const run = async (optimizer: nn.Optimizer) => {
      const step = compile((p: Params, d: Params, state: nn.OptimizerState<g.Tensor>) =>
        optimizer.update(p, d, state, 0.1),
      );
      const { params: next } = await step(params, grads, optimizer.init(params));
      await step.release();
      return next;
    };
    const plain = await run(nn.adam());
    const decayed = await run(nn.adamW({ weightDecay: 0.5, decays: (path) => path === "a" }));
    // 3 and 4 lose a twentieth (0.1 · 0.5) before the step; 5 does not.
    const lost = Array.from(decayed.a!.data, (v, i) => plain.a!.data[i]! - v);
    expect(lost[0]).toBeCloseTo(0.15, 5);
    expect(lost[1]).toBeCloseTo(0.2, 5);
    expect(decayed.b!.data).toEqual(plain.b!.data);
  });
});

test("half a cosine falls from 1 over 1/2 to 0, and stays there", () => {
  const schedule = nn.cosine(10);
  for (const [step, value] of [
    [0, 1],
    [5, 0.5],
    [10, 0],
    [12, 0],
  ] as const)
    expect(schedule(step)).toBeCloseTo(value, 12);
});

test("an average's decay may change from step to step", async () => {
  const step = compile((old: Params, next: Params, decay: g.Tensor) => nn.ema(old, next, decay));
  const average = await step({ a: array([1]) }, { a: array([3]) }, 0.75);
  expect(average.a!.item()).toBeCloseTo(1.5, 6);
  await step.release();
});

test("an average forgets where it started at the first step, and ends with its full decay", () => {
  expect(nn.emaDecay(0.99, 0)).toBe(0);
  expect(nn.emaDecay(0.99, 10)).toBe(0.5);
  expect(nn.emaDecay(0.99, 1e6)).toBe(0.99);
  // Early on the iterations weigh as in a mean of the last tenth or so: half of the weight is on the last 7 %.
  const weights = Array.from({ length: 200 }, (_, t) => t).reduce<number[]>((all, t) => {
    const decay = nn.emaDecay(0.999, t);
    return [...all.map((w) => w * decay), 1 - decay];
  }, []);
  expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  expect(weights.slice(-14).reduce((a, b) => a + b, 0)).toBeGreaterThan(0.45);
  expect(weights.slice(0, 100).reduce((a, b) => a + b, 0)).toBeLessThan(0.01);
});

describe("running statistics", () => {
  const norm = (mean: number) => ({
    running_mean: array([mean]),
    running_var: array([2]),
    num_batches_tracked: array([7]),
  });
  const fitted = { base: { of: { mean: array([1]) } } };
  const state = { "0": norm(1), block: { bn: norm(3) }, ...fitted };

  test("are found among counters and what was fitted, and put in place of others", () => {
    const statistics = nn.runningStatistics(state);
    expect(Object.keys(statistics)).toEqual(["0", "block"]);
    expect(Object.keys(statistics["0"]!)).toEqual(["running_mean", "running_var"]);
    const other = nn.withStatistics({ "0": norm(5), block: { bn: norm(6) }, ...fitted }, statistics);
    expect(other).toEqual(state);
    expect(nn.runningStatistics({ ...fitted })).toEqual({});
    expect(nn.withStatistics(state, {})).toEqual(state);
  });
});
