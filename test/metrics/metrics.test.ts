import fc from "fast-check";
import { expect, test } from "vitest";
import * as m from "../../src/metrics/index.js";

test("auroc counts the pairs in the right order, ties half", () => {
  const score = fc.integer({ min: 0, max: 5 });
  const set = fc.array(score, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(set, set, (positives, negatives) => {
      let wins = 0;
      for (const p of positives) for (const n of negatives) wins += p > n ? 1 : p === n ? 0.5 : 0;
      expect(m.auroc(positives, negatives)).toBeCloseTo(wins / (positives.length * negatives.length), 12);
    }),
  );
  expect(() => m.auroc([], [1])).toThrow(RangeError);
  expect(() => m.auroc([Number.NaN], [1])).toThrow(RangeError);
});

test("classification by hand", () => {
  const probabilities = [0.7, 0.3, 0.4, 0.6, 0.9, 0.1];
  const labels = [0, 0, 1];
  expect(m.accuracy(probabilities, labels, 2)).toBeCloseTo(1 / 3, 12);
  expect(m.negativeLogLikelihood(probabilities, labels, 2)).toBeCloseTo(-Math.log(0.7 * 0.4 * 0.1) / 3, 12);
  expect(m.brierScore(probabilities, labels, 2)).toBeCloseTo((2 * 0.09 + 2 * 0.36 + 2 * 0.81) / 3, 12);
  expect([...m.softmaxRows([1000, 1000, 0, Math.log(3)], 2)]).toEqual([
    0.5,
    0.5,
    expect.closeTo(0.25, 12),
    expect.closeTo(0.75, 12),
  ]);
});

test("soft labels by hand", () => {
  const [p, q] = [
    [0.8, 0.2, 0.5, 0.5],
    [0.5, 0.5, 1, 0],
  ];
  const scores = m.softLabelScores(p!, q!, 2);
  const cross = [-(Math.log(0.8) + Math.log(0.2)) / 2, Math.log(2)];
  expect(scores.crossEntropy).toBeCloseTo((cross[0]! + cross[1]!) / 2, 12);
  expect(scores.kl).toBeCloseTo((cross[0]! - Math.log(2) + cross[1]!) / 2, 12);
  // A label of the first row is either class with ½: ½ (0.04 + 0.04) + ½ (0.64 + 0.64); of the second the first class.
  expect(scores.brier).toBeCloseTo((0.68 + 0.5) / 2, 12);
  expect(scores.totalVariation).toBeCloseTo((0.3 + 0.5) / 2, 12);
  // Nothing beats the distribution itself: its entropy, and the Brier score of its own draws.
  expect(m.softLabelScores(q!, q!, 2)).toEqual({
    crossEntropy: expect.closeTo(Math.log(2) / 2, 12),
    kl: 0,
    brier: expect.closeTo(0.25, 12),
    totalVariation: 0,
  });
  expect(m.softLabelScores([0, 1], [1, 0], 2).kl).toBeLessThan(Number.POSITIVE_INFINITY);
  // Of labels that are certain, the scores are those of labels.
  const hard = m.softLabelScores(p!, [1, 0, 0, 1], 2);
  expect(hard.crossEntropy).toBeCloseTo(m.negativeLogLikelihood(p!, [0, 1], 2), 12);
  expect(hard.brier).toBeCloseTo(m.brierScore(p!, [0, 1], 2), 12);
});

test("calibration by hand", () => {
  const bins = m.reliability([0.65, 0.35, 0.05, 0.95, 0.6, 0.4], [0, 1, 1], 2, 10);
  expect(bins.map((b) => b.count)).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 1]);
  expect(m.expectedCalibrationError(bins)).toBeCloseTo((0.6 + 0.35 + 0.05) / 3, 12);
});

test("the grid's partition function of a Gaussian", () => {
  const grid = m.planeGrid(8, 200);
  const { data } = grid.points;
  const logDensity = Array.from({ length: 200 * 200 }, (_, i) => -0.5 * (data[2 * i]! ** 2 + data[2 * i + 1]! ** 2));
  expect(m.logPartition(grid, logDensity)).toBeCloseTo(Math.log(2 * Math.PI), 6);
});
