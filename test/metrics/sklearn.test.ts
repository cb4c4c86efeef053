/** The same numbers as scikit-learn's, in double precision: 1e-9 leaves room for another order of summation. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as m from "../../src/metrics/index.js";

interface DetectionCase extends m.Detection {
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
  readonly fpr: readonly number[];
  readonly tpr: readonly number[];
}
interface ClassificationCase {
  readonly logits: readonly number[];
  readonly labels: readonly number[];
  readonly classes: number;
  readonly accuracy: number;
  readonly nll: number;
  readonly brier: number;
  readonly auroc: number;
  readonly confusion: readonly number[];
  readonly calibrationCurve: readonly [confidence: readonly number[], accuracy: readonly number[]];
  readonly adaptiveEce: number;
  readonly temperature: number;
  readonly leastNll: number;
}
const golden = JSON.parse(readFileSync(new URL("golden/sklearn.json", import.meta.url), "utf8")) as {
  detection: Record<string, DetectionCase>;
  classification: Record<string, ClassificationCase>;
};
const DIGITS = 9;

function expectClose(actual: Iterable<number>, expected: readonly number[]): void {
  const list = [...actual];
  expect(list.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(list[i]).toBeCloseTo(value, DIGITS);
}

describe.each(Object.entries(golden.detection))("detection, %s scores", (_, c) => {
  const ranking = new m.Ranking(c.positives, c.negatives);

  test("AUROC, average precision both ways, FPR at 95 % TPR", () => {
    const found = ranking.detection();
    for (const name of ["auroc", "auprIn", "auprOut", "fpr95"] as const) {
      expect(found[name], name).toBeCloseTo(c[name], DIGITS);
    }
  });

  test("ROC curve", () => {
    const { falsePositiveRate, truePositiveRate } = ranking.roc();
    expectClose(falsePositiveRate, c.fpr);
    expectClose(truePositiveRate, c.tpr);
  });

  test("an example that counts twice is two examples", () => {
    const weights = ranking.positive.map((_, i) => 1 + (i % 2));
    const repeated = (own: number) => {
      const sorted = [...(own ? c.positives : c.negatives)].sort((a, b) => b - a);
      const ranks = [...ranking.positive.keys()].filter((i) => ranking.positive[i] === own);
      return sorted.flatMap((v, k) => Array<number>(weights[ranks[k]!]!).fill(v));
    };
    const found = ranking.detection(weights);
    const expected = m.detection(repeated(1), repeated(0));
    for (const name of ["auroc", "auprIn", "auprOut", "fpr95"] as const) {
      expect(found[name], name).toBeCloseTo(expected[name], DIGITS);
    }
  });
});

describe.each(Object.entries(golden.classification))("classification, %s classes", (_, c) => {
  const { labels, classes } = c;
  const p = m.softmaxRows(c.logits, classes);

  test("accuracy, loss, Brier, AUROC", () => {
    expect(m.accuracy(p, labels, classes)).toBeCloseTo(c.accuracy, DIGITS);
    expect(m.negativeLogLikelihood(p, labels, classes)).toBeCloseTo(c.nll, DIGITS);
    expect(m.brierScore(p, labels, classes)).toBeCloseTo(c.brier, DIGITS);
    expect(m.classifierAuroc(p, labels, classes)).toBeCloseTo(c.auroc, DIGITS);
  });

  test("confusion matrix", () => {
    expect([...m.confusionCounts(p, labels, classes)]).toEqual(c.confusion);
  });

  test("calibration curve and adaptive ECE", () => {
    const filled = m.reliability(p, labels, classes).filter((b) => b.count > 0);
    expectClose(
      filled.map((b) => b.confidence),
      c.calibrationCurve[0],
    );
    expectClose(
      filled.map((b) => b.accuracy),
      c.calibrationCurve[1],
    );
    expect(m.expectedCalibrationError(m.adaptiveReliability(p, labels, classes))).toBeCloseTo(c.adaptiveEce, DIGITS);
  });

  test("temperature of least loss", () => {
    const t = m.fitTemperature(c.logits, labels, classes);
    // SciPy's search compares values of the loss, which is flat at its minimum: half the digits.
    expect(t).toBeCloseTo(c.temperature, 5);
    expect(m.negativeLogLikelihood(m.softmaxRows(c.logits, classes, t), labels, classes)).toBeLessThanOrEqual(
      c.leastNll + 1e-12,
    );
  });
});
