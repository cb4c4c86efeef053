import { expect, test } from "vitest";
import { NdArray, Rng } from "../../src/runtime/index.js";
import { diagnose, effectiveSampleSize, splitRhat, summarizeAcceptance } from "../../src/samplers/index.js";
import { normalQuantile, rankNormalize } from "../../src/samplers/rank-normal.js";

/** A stationary chain of unit variance with autocorrelation φᵗ. */
function ar1(phi: number, length: number, rng: Rng): Float64Array {
  const x = new Float64Array(length);
  let last = rng.gaussian();
  for (let i = 0; i < length; i++) {
    last = phi * last + Math.sqrt(1 - phi ** 2) * rng.gaussian();
    x[i] = last;
  }
  return x;
}
const chainsOf = (count: number, length: number, phi: number, rng: Rng) =>
  Array.from({ length: count }, () => ar1(phi, length, rng));

test("split R̂ by hand", () => {
  // Halves 1 2, 3 4, 3 4, 5 6: W = 1/2, variance of the means 8/3, pooled 1/2 · 1/2 + 8/3 = 35/12.
  const chains = [
    [1, 2, 3, 4],
    [3, 4, 5, 6],
  ];
  expect(splitRhat(chains)).toBeCloseTo(Math.sqrt(35 / 6), 12);
  // The middle of an odd number of draws counts in neither half.
  expect(
    splitRhat([
      [1, 2, 99, 3, 4],
      [3, 4, -99, 5, 6],
    ]),
  ).toBeCloseTo(Math.sqrt(35 / 6), 12);
});

test("effective sample size by hand", () => {
  // Halves 1 1 -1 -1: W = 4/3, pooled 1. ρ₁ = 1 - (4/3 - 1/3) = 0, ρ₂ + ρ₃ = -1 - 2/3 < 0: τ = -1 + 2 · 1.
  const slow = [1, 1, -1, -1, 1, 1, -1, -1];
  expect(effectiveSampleSize([slow, slow])).toBeCloseTo(16, 12);
  // Halves 1 -1 1 -1: ρ₁ = 1 - (4/3 + 1) < -1, so no pair is positive: the bound N log₁₀ N.
  const fast = [1, -1, 1, -1, 1, -1, 1, -1];
  expect(effectiveSampleSize([fast, fast])).toBeCloseTo(16 * Math.log10(16), 12);
  // Values 0 … 7: halves of W = 5/3 and means 1.5, 5.5, so pooled 5/4 + 8; ρ₁ = 1 - (5/3 - 5/12) / (37/4) = 32/37, and with
  // covariances -1/2 and -3/4 at lags 2 and 3, ρ₂ = 1 - (13/6) / (37/4) and ρ₃ = 1 - (29/12) / (37/4), both pairs positive.
  const rho = [1, 5 / 12, -1 / 2, -3 / 4].map((c, t) => (t === 0 ? 1 : 1 - (5 / 3 - c) / (37 / 4)));
  const time = -1 + 2 * rho.reduce((a, b) => a + b);
  expect(effectiveSampleSize([[0, 1, 2, 3, 4, 5, 6, 7]])).toBeCloseTo(8 / time, 12);
});

test.each([0.9, 0.6, 0, -0.3])("autoregressive chains with φ = %f: τ = (1 + φ) / (1 - φ)", (phi) => {
  const [count, length] = [8, 5000];
  const expected = (count * length * (1 - phi)) / (1 + phi);
  const sizes = [1, 2, 3, 4, 5].map((seed) => {
    const chains = chainsOf(count, length, phi, new Rng(seed));
    expect(splitRhat(chains)).toBeLessThan(1.01);
    return effectiveSampleSize(chains);
  });
  // The estimator's spread is about √(2 · lags / N): 5 % for φ = 0.9, less for the others, and 2 % for the mean of five.
  const mean = sizes.reduce((a, b) => a + b) / sizes.length;
  expect(Math.abs(mean / expected - 1)).toBeLessThan(0.07);
});

test("R̂ sees chains of different location, and folded R̂ chains of different scale", () => {
  const rng = new Rng(6);
  const draws = (of: (chain: number, i: number) => number) => {
    const [length, count] = [500, 4];
    const data = Float32Array.from({ length: length * count }, (_, k) => of(k % count, Math.floor(k / count)));
    return new NdArray(data, [length, count, 1]);
  };
  const rhat = (d: NdArray) => diagnose(d)[0]!.rhat;
  expect(rhat(draws(() => rng.gaussian()))).toBeLessThan(1.01);
  expect(rhat(draws((chain) => rng.gaussian() + (chain === 0 ? 1 : 0)))).toBeGreaterThan(1.05);
  const scaled = draws((chain) => rng.gaussian() * (chain === 0 ? 4 : 1));
  expect(rhat(scaled)).toBeGreaterThan(1.05);
  const rows = Array.from({ length: 4 }, (_, c) => Array.from({ length: 500 }, (_, i) => scaled.data[4 * i + c]!));
  expect(splitRhat(rows)).toBeLessThan(1.01); // the plain version does not
  // A trend within chains, which agree with each other.
  expect(rhat(draws((_, i) => rng.gaussian() + i / 250))).toBeGreaterThan(1.05);
  // Cauchy draws have no variance; ranks do not mind.
  const cauchy = diagnose(draws(() => Math.tan(Math.PI * (rng.random() - 0.5))))[0]!;
  expect(cauchy.rhat).toBeLessThan(1.01);
  expect(cauchy.ess).toBeGreaterThan(1500);
});

test("every coordinate is diagnosed, in row-major order", () => {
  const [length, count] = [1000, 4];
  const rng = new Rng(7);
  const phis = [0, 0.5, 0.8, 0.9];
  const data = new Float32Array(length * count * 4);
  for (let c = 0; c < count; c++) {
    phis.forEach((phi, d) => {
      ar1(phi, length, rng).forEach((x, i) => {
        data[(i * count + c) * 4 + d] = 10 * d + (d + 1) * x;
      });
    });
  }
  const result = diagnose(new NdArray(data, [length, count, 2, 2]));
  expect(result).toHaveLength(4);
  result.forEach(({ mean, std, ess, rhat }, d) => {
    const expected = (length * count * (1 - phis[d]!)) / (1 + phis[d]!);
    expect(Math.abs(mean - 10 * d)).toBeLessThan((4.5 * (d + 1)) / Math.sqrt(expected));
    expect(Math.abs(std / (d + 1) - 1)).toBeLessThan(0.15);
    expect(Math.abs(ess / expected - 1)).toBeLessThan(0.35); // 200 effective draws at worst: a spread of 10 %
    expect(rhat).toBeLessThan(1.05);
  });
});

test("ranks as normal scores", () => {
  expect(normalQuantile(0.5)).toBe(0);
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 6);
  expect(normalQuantile(0.05)).toBeCloseTo(-1.644853627, 6);
  expect(normalQuantile(1e-12)).toBeCloseTo(-7.034483825, 5);
  // Ranks 1, 2.5, 2.5, 4 of 4: (1 - 3/8) / (4 + 1/4) = 0.1470588.
  const [a, b] = rankNormalize([
    [10, 20],
    [20, 30],
  ]);
  expect(a![0]).toBeCloseTo(-1.0491314, 6);
  expect(a![1]).toBe(0);
  expect([...b!]).toEqual([0, -a![0]!]);
});

test("acceptance", () => {
  const accepted = new NdArray(Uint8Array.from([1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 1, 0]), [4, 3], "bool");
  expect(summarizeAcceptance(accepted)).toEqual({
    mean: expect.closeTo(5 / 12, 12),
    lowest: 0,
    highest: 0.75,
    stuck: 1,
  });
  expect(() => summarizeAcceptance(new NdArray(new Uint8Array(4), [4]))).toThrow(/expected \[steps, B\], got \[4\]/);
});

test("what is refused", () => {
  expect(() => splitRhat([[1, 2, 3]])).toThrow(RangeError);
  expect(() =>
    effectiveSampleSize([
      [1, 2, 3, 4],
      [1, 2, 3, 4, 5],
    ]),
  ).toThrow(/equal length/);
  expect(() => splitRhat([])).toThrow(RangeError);
  expect(() => diagnose(new NdArray(new Float32Array(8), [8]))).toThrow(/expected draws/);
  expect(
    splitRhat([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]),
  ).toBe(Number.POSITIVE_INFINITY);
  expect(splitRhat([[1, 1, 1, 1]])).toBeNaN();
  expect(effectiveSampleSize([[1, 1, 1, 1]])).toBeNaN();
});
