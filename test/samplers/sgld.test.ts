import { expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { array, compile, Rng } from "../../src/runtime/index.js";
import { runChains, type SgldNoise, sgld, unroll } from "../../src/samplers/index.js";

/** A normal density of variance 4, up to a constant. */
const logDensity = (x: g.Tensor) => g.mul(g.square(g.slice(x, null, 0)), -1 / 8);

test("one step by hand, and the default step size std² / 2", async () => {
  const step = (sampler: ReturnType<typeof sgld>) =>
    compile((x: g.Tensor, noise: SgldNoise) => {
      const [state, info] = sampler.step(logDensity, sampler.init(logDensity, x), noise);
      return { x: state.position, info };
    });
  const [x, noise] = [array([[2], [-4]]), { normal: array([[1], [0.5]]) }];
  const given = await step(sgld({ stepSize: 0.5, std: 0.1 }))(x, noise);
  expect([...given.x.data]).toEqual([2 - 0.5 * 0.5 + 0.1, -4 + 0.5 * 1 + 0.05].map(Math.fround));
  expect([...given.info.logDensity.data]).toEqual([-0.5, -2]);
  expect([...given.info.gradientNorm.data]).toEqual([0.5, 1]);
  const std = 0.8;
  const implied = await step(sgld({ std }))(x, noise);
  expect(implied.x.data[0]).toBeCloseTo(2 - (std ** 2 / 2) * 0.5 + std, 6);
  const scalar = compile((s: g.Tensor, at: g.Tensor, n: SgldNoise) => {
    const sampler = sgld({ std: s });
    return sampler.step(logDensity, sampler.init(logDensity, at), n)[0];
  });
  expect((await scalar(std, x, noise)).position.data[0]).toBeCloseTo(implied.x.data[0]!, 6);
});

test("a drift longer than maxDrift is shortened to it, by rows, whatever the step size", async () => {
  const quartic = (x: g.Tensor) => g.mul(g.sum(g.square(g.square(x)), 1), -1);
  for (const stepSize of [1, 0.01]) {
    const sampler = sgld({ stepSize, std: 0, maxDrift: 0.5 });
    const step = compile((x: g.Tensor, n: SgldNoise) => sampler.step(quartic, sampler.init(quartic, x), n)[0].position);
    const rows = [
      [3, 4],
      [0.1, 0],
      [0, 0],
    ]; // ∇f = -4x³: of lengths 278, 0.004 and 0
    const moved = (await step(array(rows), { normal: array(rows) })).data;
    const way = Math.hypot(3 ** 3, 4 ** 3);
    const expected = [3 - (0.5 * 3 ** 3) / way, 4 - (0.5 * 4 ** 3) / way, 0.1 - stepSize * 4 * 0.1 ** 3, 0, 0, 0];
    expected.forEach((x, i) => {
      expect(moved[i]).toBeCloseTo(x, 5);
    });
  }
});

test("steps that overshoot run off, but for those of bounded drift", async () => {
  // f = -3 x²/2 with a = 1 multiplies x by -2 in each step.
  const curved = (x: g.Tensor) => g.mul(g.sum(g.square(x), 1), -1.5);
  const far = async (options: { maxDrift?: number }) => {
    const { state } = await runChains({
      sampler: sgld({ stepSize: 1, std: 0.01, ...options }),
      logDensity: (_, x) => curved(x),
      constants: {},
      init: array([[0.1]]),
      steps: 50,
      rng: new Rng(1),
    });
    return Math.abs(state.position.data[0]!);
  };
  expect(await far({})).toBeGreaterThan(1e6);
  expect(await far({ maxDrift: 0.2 })).toBeLessThan(0.3);
});

test("the stationary variance is that of the discretised dynamics", async () => {
  // On N(0, v): x' = (1 - a/v) x + s ξ has variance s² / (1 - (1 - a/v)²): more than v where a = s²/2.
  const [std, chains] = [1.5, 10_000];
  const factor = 1 - std ** 2 / 2 / 4;
  const expected = std ** 2 / (1 - factor ** 2);
  expect(expected).toBeGreaterThan(4.5);
  const rng = new Rng(1);
  const { state, draws, info } = await runChains({
    sampler: sgld({ std }),
    logDensity: (_, x) => logDensity(x),
    constants: {},
    init: rng.normal([chains, 1], 5, 1),
    steps: 60, // the start is forgotten: factor^60 ≈ 10⁻⁹
    keepEvery: 20,
    rng,
  });
  expect(draws.shape).toEqual([3, chains, 1]);
  expect(draws.data.subarray(2 * chains)).toEqual(state.position.data);
  expect(info.logDensity.shape).toEqual([60, chains]);
  const variance = (state.position.data as Float32Array).reduce((sum, x) => sum + x * x, 0) / chains;
  // Standard error of a normal's variance: v √(2/n).
  expect(Math.abs(variance - expected)).toBeLessThan(4.5 * expected * Math.sqrt(2 / chains));
});

test("unrolled in a graph, and driven from the host: the same chain", async () => {
  const sampler = sgld({ std: 0.1, stepSize: 1 });
  const [init, steps] = [new Rng(1).normal([5, 1]), 20];
  const chain = compile((x: g.Tensor, noise: SgldNoise) => {
    const { state, draws, info } = unroll(sampler, logDensity, sampler.init(logDensity, x), noise);
    return { last: state.position, draws, info };
  });
  const unrolled = await chain(init, sampler.noise(new Rng(2), [5, 1], steps));
  const options = { sampler, logDensity: (_: unknown, x: g.Tensor) => logDensity(x), constants: {}, init, steps };
  const driven = await runChains({ ...options, rng: new Rng(2) });
  expect(unrolled.draws).toEqual(driven.draws);
  expect(unrolled.info).toEqual(driven.info);
  expect(unrolled.last).toEqual(driven.state.position);
});
