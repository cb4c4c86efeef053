import { describe, expect, it } from "vitest";
import {
  alignedNumbers,
  finiteRange,
  linearScale,
  logScale,
  reachTicks,
  roundStep,
  shortNumber,
  widen,
} from "../../src/figures/scale.js";

const labels = (domain: readonly [number, number], count = 5): string[] =>
  linearScale(domain, [0, 100], count).ticks.map((t) => t.label);

describe("scales", () => {
  it("maps the ends of the domain to the ends of the range, what is not finite nowhere", () => {
    const s = linearScale([-2, 2], [200, 0]);
    expect([s(-2), s(0), s(2)]).toEqual([200, 100, 0]);
    expect([s(Number.NaN), s(Number.POSITIVE_INFINITY)]).toEqual([Number.NaN, Number.NaN]);
    const l = logScale([1, 100], [0, 10]);
    expect(l(10)).toBeCloseTo(5, 12);
    expect([l(0), l(-1)]).toEqual([Number.NaN, Number.NaN]);
  });

  it("has round ticks in one notation", () => {
    expect(labels([0, 1])).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    expect(labels([-4, 4])).toEqual(["−4", "−2", "0", "2", "4"]);
    expect(labels([0, 100_000])).toEqual(["0", "20k", "40k", "60k", "80k", "100k"]);
    expect(labels([0, 2.5e6])).toEqual(["0", "0.5M", "1.0M", "1.5M", "2.0M", "2.5M"]);
    expect(labels([0, 4e-6], 4)).toEqual(["0", "1×10⁻⁶", "2×10⁻⁶", "3×10⁻⁶", "4×10⁻⁶"]);
    expect(labels([1000.001, 1000.003], 2)).toEqual(["1000.001", "1000.002", "1000.003"]);
    expect([1, 2.4, 4, 8].map((w) => roundStep(w, 1))).toEqual([1, 2, 5, 10]);
  });

  it("survives huge, tiny and empty domains", () => {
    for (const domain of [
      [-1e308, 1e308],
      [-Number.MAX_VALUE, Number.MAX_VALUE],
      [5, 5],
      [0, 0],
      [1e-310, 2e-310],
      [1e15, 1e15 + 1],
    ] as const) {
      const s = linearScale(widen(domain, 0.05), [0, 100]);
      expect(s.ticks.length, String(domain)).toBeGreaterThan(1);
      expect(s.ticks.length, String(domain)).toBeLessThan(15);
      expect(s.ticks.every((t) => Number.isFinite(s(t.value)))).toBe(true);
    }
    for (const domain of [
      [1e-300, 1e300],
      [3, 3],
      [0, 0],
    ] as const) {
      const s = logScale(domain, [0, 100]);
      expect(s.ticks.length, String(domain)).toBeGreaterThan(0);
      expect(s.ticks.length, String(domain)).toBeLessThan(15);
    }
  });

  it("has log ticks at powers of ten, and between them where these are few", () => {
    expect(logScale([1e-5, 1], [0, 1]).ticks.map((t) => t.label)).toEqual([
      "10⁻⁵",
      "10⁻⁴",
      "10⁻³",
      "10⁻²",
      "10⁻¹",
      "10⁰",
    ]);
    expect(logScale([1, 100], [0, 1]).ticks.map((t) => t.label)).toEqual(["1", "2", "5", "10", "20", "50", "100"]);
  });

  it("ignores what is not finite, and with `positive` what has no logarithm", () => {
    expect(finiteRange([[1, Number.NaN, -3], [Number.POSITIVE_INFINITY]])).toEqual([-3, 1]);
    expect(finiteRange([[0, -1, 2, 7]], true)).toEqual([2, 7]);
    expect(finiteRange([])).toEqual([0, 1]);
  });

  it("stretches an axis to a tick just outside, not to one far away", () => {
    expect(reachTicks([0, 9980], 5)).toEqual([0, 10_000]);
    expect(reachTicks([0, 9100], 5)).toEqual([0, 9100]);
  });

  it("writes numbers for readers", () => {
    expect([0.12345, 1234, 98_765, 3e-7, -2, Number.NaN].map(shortNumber)).toEqual([
      "0.123",
      "1234",
      "98.8k",
      "3.0×10⁻⁷",
      "−2",
      "–",
    ]);
    expect(alignedNumbers([0.8, 0.973, 1])).toEqual(["0.800", "0.973", "1.000"]);
    expect(alignedNumbers([-3.2, 1200])).toEqual(["−3.2", "1200"]);
  });
});
