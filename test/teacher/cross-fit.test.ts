import { expect, test } from "vitest";
import { Rng } from "../../src/runtime/index.js";
import { fitMixture, mix, stratifiedFolds, temper } from "../../src/teacher/cross-fit.js";
import { adjustShares } from "../../src/teacher/shares.js";

test("folds share out every class, at random", () => {
  const labels = Array.from({ length: 43 }, (_, i) => (i < 10 ? 0 : i < 13 ? 1 : i < 14 ? 2 : 3));
  const folds = stratifiedFolds(labels, 5, new Rng(1));
  for (const c of [0, 1, 2, 3]) {
    const counts = [0, 0, 0, 0, 0];
    folds.forEach((f, i) => {
      counts[f]! += Number(labels[i] === c);
    });
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  }
  const sizes = [0, 1, 2, 3, 4].map((f) => folds.filter((g) => g === f).length);
  expect(sizes.sort()).toEqual([8, 8, 9, 9, 9]);
  expect(stratifiedFolds(labels, 5, new Rng(2))).not.toEqual(folds);
});

/** Predictions `p` of the label of so many rows, right in a share of them. */
const forecasts = (p: number, right: number, rows = 40) => {
  const labels = Array.from({ length: rows }, (_, i) => i % 2);
  const data = Float32Array.from({ length: 2 * rows }, (_, at) => {
    const i = at >> 1;
    const said = i < right * rows ? labels[i] : 1 - labels[i]!;
    return at % 2 === said ? p : 1 - p;
  });
  return { data, labels };
};

test("the better candidate takes the weight, however certain it is; equals share it", () => {
  const good = forecasts(0.6, 0.95);
  const bad = forecasts(0.9, 0.6);
  const { weights, accuracy } = fitMixture([bad.data, good.data, good.data], good.labels, 2);
  expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  expect(weights[0]).toBeLessThan(0.01);
  expect(weights[1]).toBeCloseTo(weights[2]!, 12);
  expect(accuracy).toBe(0.95);
});

test("of two candidates that say the same, that which has to be tempered less is the likelier", () => {
  const { data, labels } = forecasts(0.75, 0.75, 4000);
  const timid = temper(data, 2, 4);
  const { weights } = fitMixture([data, timid], labels, 2);
  expect(Math.log(weights[0]! / weights[1]!)).toBeGreaterThan(3); // log(4)² / 2 (1/2)² = 3.8, less what a compromise saves
  expect(Math.log(weights[0]! / weights[1]!)).toBeLessThan(3.9);
});

test("temperatures sharpen what is too uncertain and soften what is too certain; few labels move them little", () => {
  const of = (p: number, right: number, rows: number) => {
    const { data, labels } = forecasts(p, right, rows);
    return fitMixture([data], labels, 2).temperature;
  };
  // p^(1/T) is to be the share that is right: T = log odds of p / log odds of the share.
  expect(of(0.9, 0.75, 4000)).toBeCloseTo(Math.log(9) / Math.log(3), 1);
  expect(of(0.6, 0.75, 4000)).toBeCloseTo(Math.log(1.5) / Math.log(3), 1);
  const few = of(0.6, 1, 4);
  expect(few).toBeLessThan(1);
  expect(few).toBeGreaterThan(0.3);
  expect([...temper(Float32Array.of(0.9, 0.1), 2, 2)]).toEqual([0.75, 0.25].map((v) => expect.closeTo(v, 6)));
  expect([...mix([Float32Array.of(1, 0), Float32Array.of(0, 1)], [0.25, 0.75])]).toEqual([0.25, 0.75]);
});

test("class shares: found where predictions are good, left alone where they are no better than chance", () => {
  // Of 1000 rows one in ten has class 1, but labels were five a class. Calibrated for equal shares: odds 9 to 1 for the true class.
  const rows = 1000;
  const p = Float32Array.from({ length: 2 * rows }, (_, at) => {
    const i = at >> 1;
    const says = i % 10 === 0 ? i % 100 !== 0 : i % 10 === 5 && i % 100 !== 5; // class 1: 90 of 100 hits, 90 of 900 false alarms
    return at % 2 === Number(says) ? 0.9 : 0.1;
  });
  const labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
  const share = (accuracy: number, of: ArrayLike<number> = labels) => {
    const q = adjustShares(p, of, 2, accuracy);
    let total = 0;
    for (let i = 0; i < rows; i++) {
      expect(q[2 * i]! + q[2 * i + 1]!).toBeCloseTo(1, 5);
      total += q[2 * i + 1]! / rows;
    }
    return total;
  };
  const raw = Array.from(p).reduce((sum, v, at) => sum + (at % 2) * v, 0) / rows; // .244
  const many = Array.from({ length: 10 }, () => labels).flat();
  expect(share(1, many)).toBeLessThan(share(0.7, many));
  expect(share(0.7, many)).toBeLessThan(raw);
  expect(share(1, many)).toBeLessThan(0.18); // on its way to .1
  expect(share(0.7)).toBeGreaterThan(share(0.7, many)); // ten labels show less of the accuracy than a hundred
  expect(share(0.5, many)).toBeGreaterThan(share(0.7, many));
  // Nothing to learn: even predictions stay even; and no rows are no error.
  expect(Array.from(adjustShares(Float32Array.of(0.5, 0.5), [0, 1], 2, 0.1))).toEqual([0.5, 0.5]);
  expect(adjustShares(new Float32Array(0), [0, 1], 2, 1)).toEqual(new Float32Array(0));
});
