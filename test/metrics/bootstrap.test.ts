import { expect, test } from "vitest";
import * as m from "../../src/metrics/index.js";
import { Rng } from "../../src/runtime/index.js";

test("the interval of a mean is that of the normal approximation", () => {
  const n = 400;
  const values = Float64Array.from(new Rng(1).normal([n]).data);
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / n);
  const weighted = (w: ArrayLike<number>) => ({ mean: values.reduce((a, v, i) => a + v * w[i]!, 0) / n });
  const all = Int32Array.from({ length: n }, (_, i) => i);
  const { low, high } = m.bootstrap([all], weighted, { resamples: 4000 }).mean;
  // 4000 resamples know a 2.5 % quantile to about 4 % of the standard error; 0.15 is well beyond that.
  expect(Math.abs(low - (mean - (1.96 * std) / Math.sqrt(n)))).toBeLessThan((0.15 * std) / Math.sqrt(n));
  expect(Math.abs(high - (mean + (1.96 * std) / Math.sqrt(n)))).toBeLessThan((0.15 * std) / Math.sqrt(n));
});

test("strata keep their sizes, and equal seeds give equal intervals", () => {
  const ranking = new m.Ranking([3, 2, 1.5, 4], [0, 1, 2.5]);
  const sizes: number[][] = [];
  const run = () =>
    m.bootstrap(
      ranking.strata,
      (w) => {
        const part = (own: number) => w.reduce((a, v, i) => a + (ranking.positive[i] === own ? v : 0), 0);
        sizes.push([part(1), part(0)]);
        return { auroc: ranking.detection(w).auroc };
      },
      { resamples: 50, rng: new Rng(7) },
    );
  expect(run()).toEqual(run());
  expect(new Set(sizes.map(String))).toEqual(new Set(["4,3"]));
});

test("a threshold keeps its promise on new examples", () => {
  const rng = new Rng(2);
  const [rate, n, trials, fresh] = [0.1, 59, 300, 200];
  let alarms = 0;
  for (let t = 0; t < trials; t++) {
    const threshold = m.alarmThreshold(rng.normal([n]).data, rate);
    alarms += Float64Array.from(rng.normal([fresh]).data).filter((v) => v < threshold).length;
  }
  // k = 6 of n + 1 = 60: exactly 10 % on average over calibration sets; the mean of 300 such rates has a standard error of 0.24 %.
  expect(alarms / (trials * fresh)).toBeCloseTo(rate, 2);
  expect(m.alarmThreshold([5, 3, 4], 0.25)).toBe(3);
  expect(m.alarmThreshold([5, 3, 4], 0.2)).toBe(Number.NEGATIVE_INFINITY);
  expect(() => m.alarmThreshold([1], 1)).toThrow(RangeError);
});

test("a temperature that nothing bounds ends at the range's end", () => {
  expect(m.fitTemperature([2, 0, 0, 2], [0, 1], 2)).toBeCloseTo(0.01, 6);
  expect(m.fitTemperature([2, 0, 0, 2], [1, 0], 2)).toBeCloseTo(100, 3);
  expect(() => m.fitTemperature([], [], 2)).toThrow(RangeError);
  // With a prior T is where the derivative of the sum of both vanishes: two rows of logits (2, 0), rightly classified, and
  // log T / spread² = 2 · (2 / T) / (1 + e^(2 / T)).
  const t = m.fitTemperature([2, 0, 0, 2], [0, 1], 2, 0.5);
  expect(-Math.log(t) / 0.25).toBeCloseTo((4 / t) * (1 / (1 + Math.exp(2 / t))), 6);
  expect(t).toBeLessThan(1);
  // Among many rows it does not count.
  const rng = new Rng(3);
  const rows = Array.from({ length: 20_000 }, () => [3 * rng.gaussian(), 3 * rng.gaussian()]);
  const labels = rows.map(([a, b]) => (rng.random() < 1 / (1 + Math.exp((b! - a!) / 2)) ? 0 : 1));
  const free = m.fitTemperature(rows.flat(), labels, 2);
  expect(Math.abs(free - 2)).toBeLessThan(0.1);
  expect(Math.abs(m.fitTemperature(rows.flat(), labels, 2, 0.25) - free)).toBeLessThan(0.01);
});

test("classes without rows have no AUROC, and the mean leaves them out", () => {
  const p = [0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0.5, 0.4, 0.1];
  expect([...m.classAurocs(p, [0, 1, 0], 3)]).toEqual([1, 1, Number.NaN]);
  expect(m.classifierAuroc(p, [0, 1, 0], 3)).toBe(1);
});
