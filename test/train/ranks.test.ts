/** Several ranks train as one process does: here two trainers in one process, that meet at each average. */
import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { leaves } from "../../src/graph/index.js";
import type { Dict } from "../../src/nn/index.js";
import { batchNorm } from "../../src/nn/layers/index.js";
import { sharedMoments } from "../../src/nn/layers/moments.js";
import { hasEffect, resolveConfig } from "../../src/runs/config/index.js";
import { NOTHING } from "../../src/runs/setup/fits.js";
import { setup } from "../../src/runs/setup/setup.js";
import { loadData } from "../../src/runs/setup/source.js";
import { array, compile, compileAcross, full, isArray, NdArray, type Ranks, Rng } from "../../src/runtime/index.js";

/**
 * Of metrics, in the first iteration and later: sums are made in another order, and Adam with its second moment alone makes steps of
 * size lr of whatever is left of rounding where a derivative is small. The spread of a part of a batch is another.
 */
const [FIRST, LATER] = [1e-3, 1e-2];

/** Ranks that wait for one another at each average. */
function meeting(size: number): Ranks[] {
  let present: { readonly values: Float32Array; readonly go: () => void }[] = [];
  const allMean = (values: Float32Array) =>
    new Promise<void>((go) => {
      present.push({ values, go });
      if (present.length < size) return;
      const all = present;
      present = [];
      const means = values.map((_, i) => all.reduce((sum, { values: own }) => sum + own[i]!, 0) / size);
      for (const { values: own, go: proceed } of all) {
        own.set(means);
        proceed();
      }
    });
  return Array.from({ length: size }, (_, rank) => ({ rank, size, allMean, broadcast: (bytes) => bytes! }));
}

describe("a graph that averages over ranks", () => {
  test("is cut into stages, each fed with the averages of those before", async () => {
    const step = (x: g.Tensor) => {
      const mean = g.allMean(g.sum(g.square(x)));
      const again = g.allMean(g.mul(mean, x));
      return { mean, again, own: g.add(x, again), late: g.allMean(g.neg(x)) };
    };
    const [a, b] = await Promise.all(meeting(2).map((ranks) => compileAcross(step, ranks)(array([ranks.rank + 1, 3]))));
    // Σx²: 1 + 9 and 4 + 9, on average 11.5.
    for (const each of [a!, b!]) {
      expect(each.mean.data[0]).toBe(11.5);
      expect([...each.again.data]).toEqual([11.5 * 1.5, 34.5]);
      expect([...each.late.data]).toEqual([-1.5, -3]);
    }
    expect(a!.own.data[0]).toBe(1 + 17.25);
    expect(b!.own.data[0]).toBe(2 + 17.25);
  });

  test("its derivative is that of the mean of all losses, once ranks' derivatives are averaged", async () => {
    // Loss of rank r: (r + 1) · (mean of x)², of which each rank has x = r + 1.
    const slope = (x: g.Tensor, r: g.Tensor) => g.allMean(g.grad((t: g.Tensor) => g.mul(g.square(g.allMean(t)), r))(x));
    const [a] = await Promise.all(
      meeting(2).map((ranks) => compileAcross(slope, ranks)(ranks.rank + 1, ranks.rank + 1)),
    );
    // Both move together: d/dt of ((1 + 2) / 2) (1.5 + t)² = 2 · 1.5 · 1.5.
    expect(a!.data[0]).toBe(4.5);
  });
});

describe("mean and variance of a batch that ranks share", () => {
  const [ROWS, CHANNELS, RANKS] = [20, 50, 2];
  const around = (mean: number) => {
    const rng = new Rng(1);
    const draw = () => rng.normal([ROWS, CHANNELS]).data;
    return Array.from(
      { length: RANKS },
      () =>
        new NdArray(
          Float32Array.from(draw(), (v) => v + mean),
          [ROWS, CHANNELS],
        ),
    );
  };
  const shared = (xs: readonly NdArray[], near: number) => {
    const moments = (x: g.Tensor, n: g.Tensor) => {
      const { mean, variance } = g.withSharedBatch(RANKS, () => sharedMoments(x, [0], n));
      return { mean, variance };
    };
    return Promise.all(meeting(RANKS).map((ranks, i) => compileAcross(moments, ranks)(xs[i]!, full([CHANNELS], near))));
  };

  test.each([
    [0, 0, 1e-6],
    [10, 0, 1e-4],
    [10, 9.9, 1e-5],
    [100, 99.9, 1e-4], // with 0 it would be 1e-3
  ])("of a channel about %d, with %d near it: to %d", async (mean, near, tolerance) => {
    const xs = around(mean);
    const [first] = await shared(xs, near);
    const { variance, mean: found } = first!;
    for (let c = 0; c < CHANNELS; c++) {
      const all = xs.flatMap(({ data }) => Array.from({ length: ROWS }, (_, i) => data[i * CHANNELS + c]!));
      const m = all.reduce((a, b) => a + b) / all.length;
      const v = all.reduce((a, b) => a + (b - m) ** 2, 0) / all.length;
      expect(Math.abs(found.data[c]! - m)).toBeLessThan(1e-6 * (1 + mean));
      expect(Math.abs(variance.data[c]! / v - 1)).toBeLessThan(tolerance);
    }
  });

  test("of a channel that does not vary: none, however large it is", async () => {
    const [first] = await shared(
      [1, 2].map(() => full([ROWS, CHANNELS], 1234.567)),
      0,
    );
    for (const v of first!.variance.data) expect(v).toBeGreaterThanOrEqual(0);
  });

  test("their derivatives, of first and second order, are those of one process that has all rows", async () => {
    const norm = batchNorm(CHANNELS);
    const { params, state } = norm.init(new Rng(0));
    const weights = {
      scale: new Rng(3).uniform([CHANNELS], 0.5, 1.5),
      bias: new Rng(4).uniform([CHANNELS], -0.5, 0.5),
    };
    type Weights = { readonly scale: g.Tensor; readonly bias: g.Tensor };
    const of = (tree: unknown) =>
      g.mapTree<unknown, NdArray, g.Tensor>(tree, isArray, (x) => g.constant(x.data, x.shape)) as Dict<g.Tensor>;
    /** The mean over rows of f² + |∂f / ∂x|², where f has batch norm between functions that bend. */
    const loss = ({ scale, bias }: Weights, x: g.Tensor) => {
      const f = (rows: g.Tensor) => {
        const h = g.tanh(g.add(g.mul(rows, scale), bias));
        const { y } = norm.apply({ params: of(params), state: of(state) }, h, { mode: "train", masks: {} });
        return g.sum(g.tanh(g.mul(y, scale)), [1]);
      };
      const slope = g.grad((rows: g.Tensor) => g.sum(f(rows)))(x);
      return g.mean(g.add(g.square(f(x)), g.sum(g.square(slope), [1])));
    };
    const xs = around(0);
    const all = new NdArray(Float32Array.from(xs.flatMap(({ data }) => [...data])), [RANKS * ROWS, CHANNELS]);
    const alone = await compile(g.grad(loss))(weights, all);
    const part = (w: Weights, x: g.Tensor) =>
      g.mapTree<Weights, g.Tensor, g.Tensor>(
        g.withSharedBatch(RANKS, () => g.grad(loss)(w, x)),
        g.isTensor,
        g.allMean,
      ) as Weights;
    const [one] = await Promise.all(meeting(RANKS).map((ranks, i) => compileAcross(part, ranks)(weights, xs[i]!)));
    for (const name of ["scale", "bias"] as const) {
      const largest = Math.max(...alone[name].data.map(Math.abs));
      const errors = alone[name].data.map((v, i) => Math.abs(one![name].data[i]! - v) / largest);
      expect(Math.max(...errors), name).toBeLessThan(1e-5);
    }
  });
});

/** What training of `iterations` leaves, by one process or several. */
async function trained(flags: Readonly<Record<string, unknown>>, iterations: number, all: readonly (Ranks | null)[]) {
  const config = resolveConfig({ flags: { seed: 3, nIters: 100, ...flags } });
  const dataset = await loadData(config);
  return Promise.all(
    all.map(async (ranks) => {
      // Followers are trainers without orders: the test calls all in step.
      const { trainer } = setup(config, dataset, NOTHING, ranks && { ...ranks, broadcast: (bytes) => bytes! });
      const traces = await trainer.advance(iterations);
      const { energy, generator } = trainer.state;
      const weights = leaves([energy, generator ?? {}], isArray).map(([path, x]) => [path, [...x.data]] as const);
      await trainer.release();
      return { traces, weights: Object.fromEntries(weights) };
    }),
  );
}

const RUNS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "VERA in the plane": { dataset: "8gaussians", batchSize: 40 },
  "JEM on digits": { dataset: "digits", jem: true, batchSize: 40, posteriorSamples: 4 },
  "a classifier": { dataset: "digits", clfOnly: true, batchSize: 40 },
  "energy discrepancy": { dataset: "moons", energyDiscrepancy: true, batchSize: 40 },
  "batch norm in both networks, and a penalty on gradients through it": {
    ...{ dataset: "digits", imgSize: 32, dcganWidth: 4, jem: true, norm: "batch", pgControl: 0.1 },
    ...{ batchSize: 8, posteriorSamples: 2, nIters: 100, ema: 0 },
  },
};

/** Counts averages. */
function counting(ranks: readonly Ranks[]): { readonly ranks: Ranks[]; readonly exchanges: () => number } {
  let calls = 0;
  const counted = (own: Ranks): Ranks => ({
    ...own,
    allMean(values) {
      calls++;
      return own.allMean(values);
    },
  });
  return { ranks: ranks.map(counted), exchanges: () => calls / ranks.length };
}

describe("several ranks", () => {
  test.each(Object.entries(RUNS))("%s: as one process with the whole batch, to rounding", async (_, flags) => {
    const [[alone], shared] = await Promise.all([trained(flags, 3, [null]), trained(flags, 3, meeting(2))]);
    expect(shared[1]!.weights).toEqual(shared[0]!.weights); // bit for bit
    for (const [name, values] of Object.entries(alone!.traces).filter(([metric]) => metric !== "f_spread"))
      values.forEach((value, i) => {
        expect(Math.abs(shared[0]!.traces[name]![i]! - value), name).toBeLessThan(
          (i === 0 ? FIRST : LATER) * (1 + Math.abs(value)),
        );
      });
  });

  test("batch norm's running statistics are those of one process: the variance has the whole batch's factor n / (n - 1)", async () => {
    const flags = { dataset: "digits", jem: true, batchSize: 10, posteriorSamples: 2 };
    const [alone] = await trained(flags, 1, [null]);
    const [one] = await trained(flags, 1, meeting(2));
    const running = Object.entries(alone!.weights).filter(([name]) => /running_(mean|var)$/.test(name));
    expect(running.length).toBeGreaterThan(3);
    for (const [name, values] of running)
      for (const [i, v] of values.entries())
        expect(Math.abs(one!.weights[name]![i]! - v), name).toBeLessThan(1e-5 * (1 + Math.abs(v)));
  });

  // A step of VERA averages f's gradients, and then the generator's with its metrics.
  test.each([
    ["of one process: an exchange there and one back for each of the generator's four", true, 2 + 4 + 4],
    ["of each rank's own rows, by choice: none more", false, 2],
  ])("batch norm %s", async (_, syncBatchNorm, expected) => {
    const flags = { dataset: "digits", imgSize: 32, dcganWidth: 4, batchSize: 8, posteriorSamples: 2, syncBatchNorm };
    const { ranks, exchanges } = counting(meeting(2));
    const [a, b] = await trained(flags, 1, ranks);
    expect(b!.weights).toEqual(a!.weights); // they train one model either way
    expect(exchanges()).toBe(expected);
  });

  test.each(Object.entries(RUNS))("%s: whose rows batch norm looks at matters where that is said", async (_, flags) => {
    const config = resolveConfig({ flags });
    const [whole] = await trained({ ...flags, syncBatchNorm: true }, 1, meeting(2));
    const [own] = await trained({ ...flags, syncBatchNorm: false }, 1, meeting(2));
    const same = Object.entries(whole!.weights).every(([name, values]) =>
      values.every((v, i) => Object.is(v, own!.weights[name]![i])),
    );
    expect(same).toBe(!hasEffect(config, "syncBatchNorm"));
  });
});
