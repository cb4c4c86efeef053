import { describe, expect, it } from "vitest";
import { renderPng } from "../../src/figures/index.js";
import { finiteRange, formatFor, logTicks, placed, widen } from "../../src/figures/numbers.js";
import { textWidth } from "../../src/figures/text-width.js";
import { pixelsOf } from "./fixtures.js";

const [NAN, INF] = [Number.NaN, Number.POSITIVE_INFINITY];

describe("numbers of axes", () => {
  it("ignores what is not finite, and with `positive` what has no logarithm", () => {
    expect(finiteRange([[1, NAN, -3], [INF]])).toEqual([-3, 1]);
    expect(finiteRange([[0, -1, 2, 7]], true)).toEqual([2, 7]);
    expect(finiteRange([])).toEqual([0, 1]);
  });

  it("places what can be drawn, to seven digits", () => {
    expect([placed(1 / 3), placed(1_234_567), placed(0)]).toEqual([0.3333333, 1_234_567, 0]);
    expect([NAN, INF, -INF, 1e301].map((v) => placed(v))).toEqual([null, null, null, null]);
    expect([placed(0, true), placed(-1, true), placed(2, true)]).toEqual([null, null, 2]);
  });

  it("gives every interval a width", () => {
    for (const ends of [
      [5, 5],
      [0, 0],
      [1e-310, 2e-310],
      [-Number.MAX_VALUE, Number.MAX_VALUE],
    ] as const) {
      const [low, high] = widen(ends, 0.05);
      expect(Number.isFinite(high - low) && high > low, String(ends)).toBe(true);
    }
  });

  it("writes large numbers in thousands, extreme ones with powers of ten", () => {
    expect(formatFor([-1, 1])).toEqual({});
    expect(formatFor([-18_000, -9000])).toEqual({ format: "~s" });
    expect(formatFor([0, 4e-6])).toEqual({ format: "~e" });
    expect(formatFor([0, 1e12])).toEqual({ format: "~e" });
  });

  it("has log ticks at powers of ten, and between them where these are few", () => {
    expect(logTicks([1e-5, 1])).toEqual([1e-5, 1e-4, 1e-3, 0.01, 0.1, 1]);
    expect(logTicks([1, 100])).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect(logTicks([1e-300, 1e300]).length).toBeLessThan(10);
  });
});

it("estimates widths of text within 4 % of what the font draws", async () => {
  for (const words of ["Test accuracy (%)", "0123456789.00", "Out-of-distribution AUROC", "CIFAR-10 interpolated"]) {
    const text = `<text x="10" y="40" font-family="Inter" font-size="40">${words}</text>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="60">${text}</svg>`;
    const { width, height, at } = pixelsOf(await renderPng(svg));
    const inked = Array.from({ length: width }, (_, x) => x).filter((x) =>
      Array.from({ length: height }, (_, y) => at(x, y)[3]!).some((alpha) => alpha > 0),
    );
    const measured = inked.at(-1)! - inked[0]!;
    // Ink lacks the side bearings of the first and the last letter, up to 5 pixels together at this size.
    expect(Math.abs(textWidth(words, 40) - measured - 5), words).toBeLessThan(0.04 * measured);
  }
});
