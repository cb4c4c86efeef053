import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { array, compile, full, type NdArray, Rng } from "../../src/runtime/index.js";
import {
  hmc,
  type LogDensity,
  type MetropolisInfo,
  type MetropolisNoise,
  type MetropolisState,
  mala,
  runChains,
  type Sampler,
  summarizeAcceptance,
} from "../../src/samplers/index.js";
import { correlated, drawExact, mixture, rosenbrock, type Target, worstZ } from "./targets.js";

type Metropolis = Sampler<MetropolisState, MetropolisNoise, MetropolisInfo>;

const CHAINS = 4000;
/** Standard errors allowed: a right sampler exceeds this once in 10⁵ statistics, of which this file has about 100. */
const TOLERANCE = 4.5;

/** Step sizes are large enough for the acceptance step to matter. */
const targets: [string, Target, [string, Metropolis, steps: number][]][] = [
  [
    "correlated Gaussian",
    correlated,
    [
      ["mala", mala({ stepSize: 0.15 }), 60],
      ["hmc", hmc({ stepSize: 0.55 }), 12],
    ],
  ],
  [
    "mixture",
    mixture,
    [
      ["mala", mala({ stepSize: 0.9 }), 60],
      ["hmc", hmc({ stepSize: 1.2 }), 12],
    ],
  ],
  [
    "Rosenbrock",
    rosenbrock,
    [
      ["mala", mala({ stepSize: 0.02 }), 60],
      ["hmc", hmc({ stepSize: 0.15 }), 12],
    ],
  ],
];
const constants = {};

/** Positions of independent chains after some steps. */
async function runFrom(sampler: Metropolis, { logDensity }: Target, init: NdArray, steps: number, seed: number) {
  const rng = new Rng(seed);
  const run = await runChains({ sampler, logDensity: (_, x) => logDensity(x), constants, init, steps, rng });
  return { last: run.state.position, info: run.info };
}

/** The same sampler with an acceptance step that accepts everything: log u = -∞. */
const acceptAll = (sampler: Metropolis): Metropolis => ({
  ...sampler,
  noise: (rng, shape, steps) => {
    const { normal, uniform } = sampler.noise(rng, shape, steps);
    return { normal, uniform: full(uniform.shape, 0) };
  },
});

describe.each(targets)("%s", (_, target, samplers) => {
  test.each(samplers)("%s leaves the target as it is", async (_, sampler, steps) => {
    const init = drawExact(target, CHAINS, new Rng(1));
    expect(worstZ(target, init)).toBeLessThan(TOLERANCE);
    const { last, info } = await runFrom(sampler, target, init, steps, 2);
    expect(worstZ(target, last)).toBeLessThan(TOLERANCE);
    expect(last).not.toEqual(init);
    const { mean } = summarizeAcceptance(info.accepted);
    expect(mean).toBeGreaterThan(0.5);
    expect(mean).toBeLessThan(0.9);
  });

  test.each(samplers)("%s without its acceptance step does not: the test above can fail", async (_, sampler, steps) => {
    const { last } = await runFrom(acceptAll(sampler), target, drawExact(target, CHAINS, new Rng(1)), steps, 2);
    expect(worstZ(target, last)).toBeGreaterThan(3 * TOLERANCE);
  });
});

test.each<[string, Target, Metropolis, steps: number]>([
  ["mala, correlated Gaussian", correlated, mala({ stepSize: 0.1 }), 300],
  ["hmc, correlated Gaussian", correlated, hmc({ stepSize: 0.45 }), 50],
  ["mala, mixture", mixture, mala({ stepSize: 0.6 }), 150],
  ["hmc, mixture", mixture, hmc({ stepSize: 0.9 }), 50],
  ["hmc, Rosenbrock", rosenbrock, hmc({ stepSize: 0.08, leapfrogSteps: 15 }), 100],
])("%s: found from elsewhere", async (_, target, sampler, steps) => {
  const init = new Rng(3).normal([CHAINS, target.dim], 0, 0.5);
  expect(worstZ(target, init)).toBeGreaterThan(10 * TOLERANCE);
  const { last } = await runFrom(sampler, target, init, steps, 4);
  expect(worstZ(target, last)).toBeLessThan(TOLERANCE);
});

describe("one step", () => {
  const step = (sampler: Metropolis, logDensity: LogDensity) =>
    compile((x: g.Tensor, noise: MetropolisNoise) => {
      const start = sampler.init(logDensity, x);
      const [state, info] = sampler.step(logDensity, start, noise);
      return { state, info };
    });

  test("mala is hmc with one leapfrog step of √(2τ)", async () => {
    const tau = 0.02;
    const [rng, noise] = [new Rng(5), mala({ stepSize: tau }).noise(new Rng(6), [50, 2])];
    const x = rng.normal([50, 2]);
    const a = await step(mala({ stepSize: tau }), rosenbrock.logDensity)(x, noise);
    const b = await step(hmc({ stepSize: Math.sqrt(2 * tau), leapfrogSteps: 1 }), rosenbrock.logDensity)(x, noise);
    // Float rounding of energies, which reach some hundreds here.
    b.info.energyError.data.forEach((e: number, i: number) => {
      expect(Math.abs(a.info.energyError.data[i]! - e)).toBeLessThan(1e-4 * (1 + Math.abs(e)));
    });
    expect(a.info.accepted).toEqual(b.info.accepted);
    expect(new Set(a.info.accepted.data).size).toBe(2);
    b.state.position.data.forEach((v: number, i: number) => {
      expect(a.state.position.data[i]).toBeCloseTo(v, 4);
    });
  });

  test("the state holds what the log-density says at its position", async () => {
    const sampler = hmc({ stepSize: 0.3 });
    const rng = new Rng(7);
    const { state, info } = await step(sampler, rosenbrock.logDensity)(
      rng.normal([50, 2]),
      sampler.noise(rng, [50, 2]),
    );
    expect(new Set(info.accepted.data).size).toBe(2);
    const again = await compile((x: g.Tensor) => sampler.init(rosenbrock.logDensity, x))(state.position);
    expect(again.logDensity).toEqual(state.logDensity);
    expect(again.gradient).toEqual(state.gradient);
  });

  test("a proposal without a density is rejected, whatever the uniform number", async () => {
    // log of a negative number: NaN beyond 1. Chains at 0.9 with momenta far to the right end there.
    const cliff: LogDensity = (x) => g.log(g.sub(1, g.slice(x, null, 0)));
    const noise = { normal: array([[9], [9], [-0.1]]), uniform: array([0, 0.99, 0]) };
    for (const sampler of [mala({ stepSize: 0.1 }), hmc({ stepSize: 0.1, leapfrogSteps: 1 })]) {
      const x = array([[0.9], [0.9], [0]]);
      const { state, info } = await step(sampler, cliff)(x, noise);
      expect([...info.accepted.data]).toEqual([0, 0, 1]);
      expect([...info.acceptanceProbability.data.subarray(0, 2)]).toEqual([0, 0]);
      expect([...state.position.data.subarray(0, 2)]).toEqual([...x.data.subarray(0, 2)]);
      expect([...state.position.data, ...state.logDensity.data, ...state.gradient.data].every(Number.isFinite)).toBe(
        true,
      );
    }
  });

  test("acceptance is min(1, e^-ΔH), compared with the uniform number", async () => {
    // A standard normal with τ = 1/2: y = x/2 + ξ, drift and noise by hand.
    const normalDensity: LogDensity = (x) => g.mul(g.square(g.slice(x, null, 0)), -0.5);
    const [x, xi, tau] = [1.5, 1, 0.5];
    const y = x - tau * x + Math.sqrt(2 * tau) * xi;
    const logq = (to: number, from: number) => -((to - from + tau * from) ** 2) / (4 * tau);
    const ratio = Math.exp(-0.5 * y ** 2 + 0.5 * x ** 2 + logq(x, y) - logq(y, x));
    expect(ratio).toBeLessThan(1);
    const uniform = array([ratio - 1e-3, ratio + 1e-3]);
    const noise = { normal: array([[xi], [xi]]), uniform };
    const { state, info } = await step(mala({ stepSize: tau }), normalDensity)(array([[x], [x]]), noise);
    expect([...info.accepted.data]).toEqual([1, 0]);
    expect(info.acceptanceProbability.data[0]).toBeCloseTo(ratio, 6);
    expect([...state.position.data]).toEqual([y, x]);
  });
});

describe("adaptation", () => {
  const adapted = async (sampler: Metropolis, target: Target) => {
    const init = drawExact(target, 500, new Rng(8));
    const logDensity = (_: unknown, x: g.Tensor) => target.logDensity(x);
    const rng = new Rng(9);
    const { info, state, draws } = await runChains({
      sampler,
      logDensity,
      constants,
      init,
      steps: 50,
      burnIn: 150,
      rng,
    });
    expect(draws.shape).toEqual([50, 500, target.dim]);
    const rates = info.acceptanceProbability.data.subarray(150 * 500) as Float32Array;
    return { acceptance: rates.reduce((a, b) => a + b) / rates.length, stepSize: state.stepSize.item() };
  };

  // Not on a Gaussian with few leapfrog steps: its trajectories resonate, and acceptance is no monotone function of the step.
  test.each<[string, Target, Metropolis, goal: number]>([
    ["mala, from too small", correlated, mala({ stepSize: 0.001, adaptationRate: 0.3 }), 0.57],
    ["mala, from too large", correlated, mala({ stepSize: 10, adaptationRate: 0.3 }), 0.57],
    ["hmc, from too small", mixture, hmc({ stepSize: 0.01, adaptationRate: 0.3 }), 0.67],
    ["hmc, from too large", mixture, hmc({ stepSize: 20, adaptationRate: 0.3 }), 0.67],
    ["hmc, to another target", mixture, hmc({ stepSize: 0.2, adaptationRate: 0.3, targetAcceptance: 0.9 }), 0.9],
  ])("%s", async (_, target, sampler, goal) => {
    const { acceptance } = await adapted(sampler, target);
    // The step size follows the noise of the last steps' mean acceptance, of which 500 chains give a standard error of 0.015.
    expect(Math.abs(acceptance - goal)).toBeLessThan(0.04);
  });

  test("one update is VERA's rule, and the burn-in ends", async () => {
    const sampler = hmc({ stepSize: 0.2, adaptationRate: 0.02 });
    const init = drawExact(correlated, 100, new Rng(8));
    const logDensity = (_: unknown, x: g.Tensor) => correlated.logDensity(x);
    const run = (burnIn: number, steps: number) =>
      runChains({ sampler, logDensity, constants, init, steps, burnIn, rng: new Rng(10) });
    const { info, state } = await run(1, 0);
    const acceptance = (info.acceptanceProbability.data as Float32Array).reduce((a, b) => a + b) / 100;
    expect(state.stepSize.item()).toBeCloseTo(0.2 * (1 + 0.02 * (acceptance - 0.67)), 6);
    const longer = await run(1, 10);
    expect(longer.state.stepSize).toEqual(state.stepSize);
  });

  test("options out of range", () => {
    expect(() => mala({ stepSize: 0.1, targetAcceptance: 1 })).toThrow(/mala: targetAcceptance .* got 1/);
    expect(() => hmc({ stepSize: 0.1, adaptationRate: 0 })).toThrow(RangeError);
    expect(() => hmc({ stepSize: 0.1, leapfrogSteps: 0 })).toThrow(/leapfrogSteps/);
  });
});
