/** Several ranks train as one process does: here two trainers in one process, that meet at each average. */
import { describe, expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import { leaves } from "../../src/graph/index.js";
import { resolveConfig } from "../../src/runs/config/index.js";
import { NOTHING } from "../../src/runs/setup/fits.js";
import { setup } from "../../src/runs/setup/setup.js";
import { loadData } from "../../src/runs/setup/source.js";
import { array, compileAcross, isArray, type Ranks } from "../../src/runtime/index.js";

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
};

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
});
