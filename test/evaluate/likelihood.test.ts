/** log Z where it is known: a Gaussian, a mixture, NICE. */
import { describe, expect, test } from "vitest";
import { mixtureOfGaussians, nice, type TractableModel } from "../../src/ebm/index.js";
import { annealedImportance, schedule } from "../../src/evaluate/likelihood/ais.js";
import { integrate } from "../../src/evaluate/likelihood/likelihood.js";
import * as g from "../../src/graph/index.js";
import type { Dict, Variables } from "../../src/nn/index.js";
import { array, compile, NdArray, Rng, zeros } from "../../src/runtime/index.js";

/** f and its exact samples; log Z = offset. */
async function model(tractable: TractableModel, variables: Variables<NdArray>, offset: number, chains: number) {
  const f = (v: Variables<g.Tensor>, x: g.Tensor) =>
    g.add(tractable.evaluate(v, x, { mode: "eval" }).logDensity, offset);
  const sample = compile(((v: Variables<g.Tensor>, noise: Dict<g.Tensor>) =>
    tractable.sample(v, noise)) as never) as unknown as (
    v: Variables<NdArray>,
    noise: Dict<NdArray>,
  ) => Promise<NdArray>;
  return { f: f as never, exact: await sample(variables, tractable.noise(chains, new Rng(9))) };
}

/** The estimate is within 4 of its standard errors (plus f32's sums), and the bounds lie on either side up to those. */
function check({ forward, backward }: Awaited<ReturnType<typeof annealedImportance>>, logZ: number) {
  const slack = (e: { standardError: number }) => 4 * e.standardError + 1e-3;
  expect(Math.abs(forward.logPartition - logZ)).toBeLessThan(slack(forward));
  expect(Math.abs(backward!.logPartition - logZ)).toBeLessThan(slack(backward!));
  // Jensen: the chains' mean log weight is below (above) log Z, by half its variance.
  expect(forward.meanLogWeight).toBeLessThan(logZ + 0.05);
  expect(backward!.meanLogWeight).toBeGreaterThan(logZ - 0.05);
  // A test that a useless estimate passes would be none.
  expect(forward.standardError).toBeLessThan(0.1);
  expect(forward.effectiveSampleSize).toBeGreaterThan(forward.chains / 5);
}

describe("annealed importance sampling", () => {
  const chains = 200;

  test("a Gaussian whose scales differ from p₀'s by a factor of 10", async () => {
    const scales = [0.1, 1, 3, 0.5];
    const dim = scales.length;
    const logZ = scales.reduce((sum, s) => sum + Math.log(s) + 0.5 * Math.log(2 * Math.PI), 0);
    const f = (_: unknown, x: g.Tensor) => g.mul(g.sum(g.square(g.div(x, g.constant(scales))), 1), -0.5);
    const exact = new NdArray(
      new Rng(4).normal([chains, dim]).data.map((v, i) => v * scales[i % dim]!) as Float32Array,
      [chains, dim],
    );
    check(await annealedImportance(f as never, {}, [dim], { steps: 300, chains, rng: new Rng(1), exact }), logZ);
  });

  test("a mixture of Gaussians, with f shifted by 7", async () => {
    const mog = mixtureOfGaussians([2], 3);
    const params = {
      mu: array([
        [-3, 0],
        [3, 0],
        [0, 3],
      ]),
      logstd: array([
        [-1, 0],
        [0, 0],
        [0, -1],
      ]),
      logits: array([0, 1, -1]),
    }; // prettier-ignore
    const { f, exact } = await model(mog, { params, state: {} }, 7, chains);
    const base = { kind: "gaussian", mean: [0, 0.5], std: [3, 2] } as const;
    check(
      await annealedImportance(f, { params, state: {} } as never, [2], {
        steps: 400,
        chains,
        rng: new Rng(2),
        exact,
        base,
      }),
      7,
    );
  });

  test("over a box, the integral is the box's", async () => {
    // f = a x in each dimension: ∫ from -1 to 2 = (e^2a - e^-a) / a, and exact samples by inverting the distribution.
    const slopes = [3, -1, 0.5];
    const [low, high] = [-1, 2];
    const logZ = slopes.reduce((total, a) => total + Math.log((Math.exp(a * high) - Math.exp(a * low)) / a), 0);
    const f = (_: unknown, x: g.Tensor) => g.sum(g.mul(x, g.constant(slopes)), 1);
    const u = new Rng(7).uniform([chains, 3], 1e-4, 1 - 1e-4);
    const inverse = (p: number, a: number) => Math.log(Math.exp(a * low) * (1 - p) + Math.exp(a * high) * p) / a;
    const exact = new NdArray(
      Float32Array.from(u.data, (p, i) => inverse(p, slopes[i % 3]!)),
      [chains, 3],
    );
    const base = { kind: "box", low, high } as const;
    check(await annealedImportance(f as never, {}, [3], { steps: 200, chains, rng: new Rng(8), exact, base }), logZ);
  });

  test("NICE as an energy-based model", async () => {
    const flow = nice([6], { hidden: 16, layers: 2 });
    const variables = flow.init(new Rng(3));
    const { f, exact } = await model(flow, variables, 0, chains);
    check(await annealedImportance(f, variables as never, [6], { steps: 200, chains, rng: new Rng(3), exact }), 0);
  });

  test("too few temperatures give bounds that are far apart, with log Z between them", async () => {
    const scales = Array.from({ length: 20 }, () => 0.2);
    const logZ = scales.reduce((sum, s) => sum + Math.log(s) + 0.5 * Math.log(2 * Math.PI), 0);
    const f = (_: unknown, x: g.Tensor) => g.mul(g.sum(g.square(x), 1), -0.5 / 0.04);
    const exact = new Rng(5).normal([chains, 20], 0, 0.2);
    const { forward, backward } = await annealedImportance(f as never, {}, [20], {
      steps: 5,
      chains,
      rng: new Rng(6),
      exact,
    });
    expect(forward.meanLogWeight).toBeLessThan(logZ - 1);
    expect(backward!.meanLogWeight).toBeGreaterThan(logZ + 1);
    expect(forward.effectiveSampleSize).toBeLessThan(chains / 5);
  });

  test("the schedule runs from 0 to 1 without turning back", () => {
    const betas = schedule(50);
    expect([betas[0], betas[50]]).toEqual([0, 1]);
    expect(betas.every((b, i) => i === 0 || b > betas[i - 1]!)).toBe(true);
  });
});

describe("integration", () => {
  const normal = (std: number) => async (x: NdArray) => {
    const dim = x.shape[1]!;
    const f = new Float32Array(x.shape[0]!);
    x.data.forEach((v, i) => {
      f[Math.floor(i / dim)]! -= (v / std) ** 2 / 2;
    });
    return f;
  };

  test.each([1, 2])("a Gaussian in %i dimensions", async (dim) => {
    const { logPartition, edge } = await integrate(normal(0.3), dim, 6);
    expect(logPartition).toBeCloseTo(dim * Math.log(0.3 * Math.sqrt(2 * Math.PI)), 4);
    expect(edge).toBeLessThan(1e-10);
  });

  test("mass at the edge of the grid is reported", async () => {
    const flat = async (x: NdArray) => zeros([x.shape[0]!]).data as Float32Array;
    const { edge } = await integrate(flat, 2, 6);
    expect(edge).toBeCloseTo(1 - (598 / 600) ** 2, 6);
  });
});
