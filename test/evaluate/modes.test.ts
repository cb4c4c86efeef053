/** Counting modes: the order of digits, both divergences, and the classifier that labels them. */
import { describe, expect, test } from "vitest";
import { loadDataset, stackedLabel } from "../../src/data/index.js";
import { trainDigitClassifier } from "../../src/evaluate/modes/digit-classifier.js";
import { imageLabels, labelImages } from "../../src/evaluate/modes/mode-count.js";
import { countModes, histogram, klDivergence, reportModes } from "../../src/evaluate/modes/modes.js";
import { NdArray, Rng } from "../../src/runtime/index.js";

describe("counts", () => {
  const data = Int32Array.of(10, 10, 20, 0);

  test("modes that are missing, and modes that data do not have", () => {
    const count = countModes(Int32Array.of(5, 0, 5, 0), data);
    expect(count).toMatchObject({ modes: 3, found: 2, samples: 10 });
    // s = (½, 0, ½), d = (¼, ¼, ½)
    expect(count.klSamplesData).toBeCloseTo(0.5 * Math.log(2), 12);
    expect(count.klDataSamples).toBe(Number.POSITIVE_INFINITY);
    // smoothed s = (5.5, 0.5, 5.5, 0.5) / 12
    const smoothed = 0.25 * Math.log(3 / 5.5) + 0.25 * Math.log(3 / 0.5) + 0.5 * Math.log(6 / 5.5);
    expect(count.klDataSamplesSmoothed).toBeCloseTo(smoothed, 12);
    expect(countModes(Int32Array.of(1, 0, 0, 1), data).klSamplesData).toBe(Number.POSITIVE_INFINITY);
  });

  test("the two directions differ, and both vanish for equal distributions", () => {
    expect(klDivergence([1, 3], [1, 1])).toBeCloseTo(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), 12);
    expect(klDivergence([1, 1], [1, 3])).toBeCloseTo(0.5 * Math.log(2) + 0.5 * Math.log(2 / 3), 12);
    expect(klDivergence([2, 6], [1, 3])).toBeCloseTo(0, 12);
    expect(() => klDivergence([1], [1, 2])).toThrow(RangeError);
    expect(() => klDivergence([0, 0], [1, 2])).toThrow(RangeError);
  });

  test("as many draws from the data score what chance leaves", () => {
    const uniform = new Int32Array(1000).fill(60);
    const { ideal } = reportModes(uniform.slice().fill(10), uniform, new Rng(1));
    expect(ideal.samples).toBe(10_000);
    expect(ideal.found).toBe(1000); // missing one has probability 1000 e⁻¹⁰ = 0.05; the seed is fixed
    // 2 N KL is about χ² with 999 degrees of freedom: 999 ± 45, and a little more at 10 draws per mode.
    expect(2 * ideal.samples * ideal.klSamplesData).toBeGreaterThan(999 - 4 * 45);
    expect(2 * ideal.samples * ideal.klSamplesData).toBeLessThan(999 + 5 * 45);
  });

  test("labels outside of the modes are refused", () => {
    expect(() => histogram([0, 3], 3)).toThrow(RangeError);
    expect([...histogram([0, 2, 2], 3)]).toEqual([1, 0, 2]);
  });
});

test("a classifier labels stacked images in the data's order of digits", async () => {
  const digits = await loadDataset("digits");
  const classifier = await trainDigitClassifier(digits, { epochs: 3 });
  const accuracy = await classifier.accuracy(digits);
  expect(accuracy).toBeGreaterThan(0.85);

  const { test: split } = digits.splits;
  const rows = Array.from({ length: 300 }, (_, i) => i);
  const stacked = new NdArray(split.x(rows).data, [100, 3, 8, 8]);
  const truth = rows
    .filter((i) => i % 3 === 0)
    .map((i) => stackedLabel(split.y![i]!, split.y![i + 1]!, split.y![i + 2]!));
  const found = await labelImages(classifier, stacked);
  const agreement = truth.filter((y, i) => y === found[i]).length / truth.length;
  // Three digits have to be right; in the other order only palindromes would agree, a tenth.
  expect(agreement).toBeGreaterThan(accuracy ** 3 - 0.15);
  expect(agreement).toBeGreaterThan(0.45);
  expect([...imageLabels(Int32Array.of(1, 2, 3), 3)]).toEqual([123]);
  await classifier.release();
});
