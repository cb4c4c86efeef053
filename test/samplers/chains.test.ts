import { expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { array, compile, NdArray, Rng } from "../../src/runtime/index.js";
import {
  compileChains,
  evaluate,
  hmc,
  type MetropolisNoise,
  mala,
  pack,
  runChains,
  unpack,
  unroll,
} from "../../src/samplers/index.js";
import { drawExact, mixture, rosenbrock } from "./targets.js";

test("unrolled with burn-in, and driven from the host: the same chains and step size", async () => {
  const [sampler, burnIn, kept] = [hmc({ stepSize: 0.2, adaptationRate: 0.5 }), 3, 4];
  const init = drawExact(rosenbrock, 30, new Rng(1));
  const chain = compile((x: g.Tensor, noise: MetropolisNoise) => {
    const start = sampler.init(rosenbrock.logDensity, x);
    const { state, draws, info } = unroll(sampler, rosenbrock.logDensity, start, noise, { burnIn });
    return { state, draws, info };
  });
  const unrolled = await chain(init, sampler.noise(new Rng(2), init.shape, burnIn + kept));
  const logDensity = (_: unknown, x: g.Tensor) => rosenbrock.logDensity(x);
  const driven = await runChains({ sampler, logDensity, constants: {}, init, steps: kept, burnIn, rng: new Rng(2) });
  expect(unrolled.draws.shape).toEqual([kept, 30, 2]);
  expect(unrolled.info.accepted.shape).toEqual([burnIn + kept, 30]);
  expect(unrolled.state.stepSize.item()).not.toBe(Math.fround(0.2));
  // The engine may fuse the two graphs differently; chains that agree to rounding take the same decisions here.
  expect(unrolled.info.accepted).toEqual(driven.info.accepted);
  expect(unrolled.state.stepSize.item()).toBeCloseTo(driven.state.stepSize.item(), 5);
  unrolled.draws.data.forEach((v: number, i: number) => {
    expect(Math.abs(v - driven.draws.data[i]!)).toBeLessThan(1e-3);
  });
});

test("posterior of a linear generator, inside a graph: burn-in 2, 2 kept, started at the z that made x", async () => {
  // x = 2 z + σ ε: z | x ~ N(2x / (4 + σ²), σ² / (4 + σ²)). Chains start at exact draws and have to stay there.
  const [sigma, chains, rng] = [0.5, 20_000, new Rng(3)];
  const sampler = hmc({ stepSize: 0.1 });
  const posterior = compile((z: g.Tensor, x: g.Tensor, stepSize: g.Tensor, noise: MetropolisNoise) => {
    const logJoint = (at: g.Tensor) => {
      const residual = g.div(g.sub(x, g.mul(at, 2)), sigma);
      return g.mul(g.sum(g.add(g.square(at), g.square(residual)), 1), -0.5);
    };
    const start = sampler.init(logJoint, z, stepSize);
    const { draws, state } = unroll(sampler, logJoint, start, noise, { burnIn: 2 });
    return { draws, stepSize: state.stepSize };
  });
  const z = rng.normal([chains, 1]);
  const x = new NdArray(
    (z.data as Float32Array).map((v) => 2 * v + sigma * rng.gaussian()),
    [chains, 1],
  );
  const { draws, stepSize } = await posterior(z, x, 0.2, sampler.noise(rng, [chains, 1], 4));
  expect(draws.shape).toEqual([2, chains, 1]);
  expect(stepSize.item()).not.toBe(Math.fround(0.2));
  const [mean, variance] = [2 / (4 + sigma ** 2), sigma ** 2 / (4 + sigma ** 2)];
  for (const k of [0, 1]) {
    const standard = Array.from({ length: chains }, (_, i) => {
      return (draws.data[k * chains + i]! - mean * x.data[i]!) / Math.sqrt(variance);
    });
    const average = (of: (v: number, i: number) => number) => standard.reduce((s, v, i) => s + of(v, i), 0) / chains;
    const se = 1 / Math.sqrt(chains);
    expect(Math.abs(average((v) => v))).toBeLessThan(4.5 * se);
    expect(Math.abs(average((v, i) => v * x.data[i]!))).toBeLessThan(4.5 * se * Math.sqrt(4 + sigma ** 2));
    expect(Math.abs(average((v) => v * v) - 1)).toBeLessThan(4.5 * se * Math.sqrt(2));
    // And have moved: the kept draws hardly remember where they started.
    const start = (i: number) => (z.data[i]! - mean * x.data[i]!) / Math.sqrt(variance);
    expect(Math.abs(average((v, i) => v * start(i)))).toBeLessThan(0.9);
  }
});

test("each chain is on its own: other chains do not change it", async () => {
  for (const sampler of [mala({ stepSize: 0.02 }), hmc({ stepSize: 0.1 })]) {
    const step = compile((x: g.Tensor, noise: MetropolisNoise) => {
      return sampler.step(rosenbrock.logDensity, sampler.init(rosenbrock.logDensity, x), noise)[0].position;
    });
    const [x, noise] = [new Rng(1).normal([3, 2]), sampler.noise(new Rng(2), [3, 2])];
    const y = new NdArray(
      Float32Array.from(x.data, (v: number, i: number) => (i < 2 ? v : v + 1)),
      [3, 2],
    );
    const [a, b] = [await step(x, noise), await step(y, noise)];
    expect(a.data.subarray(0, 2)).toEqual(b.data.subarray(0, 2));
    expect(a.data.subarray(2)).not.toEqual(b.data.subarray(2));
  }
});

test("positions of any rank", async () => {
  for (const event of [[], [3], [2, 3, 3]]) {
    const axes = event.map((_, i) => i + 1);
    const logDensity = (_: unknown, x: g.Tensor) => g.mul(g.sum(g.square(x), axes), -0.5);
    const init = new Rng(1).normal([4, ...event]);
    const sampler = mala({ stepSize: 0.1 });
    const run = await runChains({ sampler, logDensity, constants: {}, init, steps: 5, keepEvery: 2, rng: new Rng(2) });
    expect(run.draws.shape).toEqual([2, 4, ...event]);
    expect(run.state.gradient.shape).toEqual(init.shape);
    expect(run.info.accepted.shape).toEqual([5, 4]);
  }
});

test("a compiled runner follows its constants and continues with a given step size", async () => {
  const sampler = hmc({ stepSize: 0.5 });
  const runner = compileChains(sampler, ({ mean }: { mean: g.Tensor }, x) =>
    g.mul(g.square(g.sub(g.slice(x, null, 0), mean)), -0.5),
  );
  const init = new Rng(1).normal([2000, 1]);
  for (const mean of [-3, 5]) {
    const { state } = await runner.run({ constants: { mean }, init, steps: 20, rng: new Rng(2), stepSize: 0.3 });
    const average = (state.position.data as Float32Array).reduce((a, b) => a + b) / 2000;
    expect(Math.abs(average - mean)).toBeLessThan(4.5 / Math.sqrt(2000));
    expect(state.stepSize.item()).toBe(Math.fround(0.3));
  }
  await runner.release();
});

test("a run in several calls is the run in one", async () => {
  // Large positions take a few calls: 2²² elements each. The chains' first coordinate moves on its own.
  const width = 600_000;
  const logDensity = (_: unknown, x: g.Tensor) => g.mul(g.square(g.slice(x, null, 0)), -0.5);
  const sampler = { ...mala({ stepSize: 0.4 }) };
  const drawn = mala({ stepSize: 0.4 }).noise(new Rng(1), [1, 1], 10);
  let used = 0;
  const calls: number[] = [];
  const wide = {
    ...sampler,
    noise: (_: Rng, shape: readonly number[], steps = 1) => {
      calls.push(steps);
      const normal = new Float32Array(steps * shape[1]!);
      for (let i = 0; i < steps; i++) normal[i * shape[1]!] = drawn.normal.data[used + i]!;
      const uniform = drawn.uniform.data.slice(used, used + steps);
      used += steps;
      return { normal: new NdArray(normal, [steps, ...shape]), uniform: new NdArray(uniform, [steps, 1]) };
    },
  };
  const init = new NdArray(new Float32Array(width), [1, width]);
  const many = await runChains({
    sampler: wide,
    logDensity,
    constants: {},
    init,
    steps: 8,
    burnIn: 2,
    rng: new Rng(0),
    keepEvery: 3,
  });
  expect(calls).toEqual([5, 5]);
  const narrow = { ...sampler, noise: () => drawn };
  const one = await runChains({
    sampler: narrow,
    logDensity,
    constants: {},
    init: array([[0]]),
    steps: 8,
    burnIn: 2,
    rng: new Rng(0),
    keepEvery: 3,
  });
  expect([0, width].map((i) => many.draws.data[i])).toEqual([...one.draws.data]);
  expect(many.info).toEqual(one.info);
});

test("a joint space of two tensors", async () => {
  const round = compile((z: g.Tensor, epsilon: g.Tensor) => {
    const joint = pack([z, epsilon]);
    return { joint, parts: unpack(joint, [[2], [3, 2]]) };
  });
  const [z, epsilon] = [new Rng(1).normal([4, 2]), new Rng(2).normal([4, 3, 2])];
  const { joint, parts } = await round(z, epsilon);
  expect(joint.shape).toEqual([4, 8]);
  expect(parts).toEqual([z, epsilon]);
  const row = g.input("x", { shape: [4, 8], dtype: "f32" });
  expect(() => unpack(row, [[2], [3]])).toThrow(/rows of 5 elements/);
});

test("what is refused", async () => {
  const sampler = mala({ stepSize: 0.1 });
  const x = g.input("x", { shape: [4, 1], dtype: "f32" });
  expect(() => evaluate((t) => g.sum(t), x)).toThrow(/one value per row of .*\[4, 1\].*, got .*\[\]/);
  expect(() => evaluate((t) => t, x)).toThrow(g.ShapeError);
  const noise = (steps: number) => ({
    normal: g.input("n", { shape: [steps, 4, 1], dtype: "f32" }),
    uniform: g.input("u", { shape: [steps, 4], dtype: "f32" }),
  });
  const start = sampler.init(mixture.logDensity, x);
  expect(() => unroll(sampler, mixture.logDensity, start, noise(2), { burnIn: 2 })).toThrow(/2 steps of which 2/);
  const uneven = { ...noise(2), uniform: noise(3).uniform };
  expect(() => unroll(sampler, mixture.logDensity, start, uneven)).toThrow(/2, 3 steps/);
  const logDensity = (_: unknown, t: g.Tensor) => mixture.logDensity(t);
  const run = (counts: { steps: number; burnIn?: number; keepEvery?: number }) =>
    runChains({ sampler, logDensity, constants: {}, init: array([[0]]), rng: new Rng(1), ...counts });
  for (const counts of [{ steps: 0 }, { steps: -1, burnIn: 2 }, { steps: 1.5 }, { steps: 2, keepEvery: 0 }]) {
    await expect(run(counts)).rejects.toThrow(RangeError);
  }
  expect((await run({ steps: 0, burnIn: 1 })).draws.shape).toEqual([0, 1, 1]);
});
