/** The study on data whose generator is known, and its yardstick, the exact score. */
import { describe, expect, test } from "vitest";
import { estimatorCases, repeatEstimates, studyEstimators } from "../../src/evaluate/estimators/estimator-study.js";
import { fitPpca, PpcaModel } from "../../src/evaluate/estimators/ppca.js";
import { NdArray, Rng } from "../../src/runtime/index.js";

/** Columns of length 2 and 1 along two orthogonal directions that are no axes. */
const known = new PpcaModel(
  Float64Array.of(1, -1, 0, 2, 0),
  Float64Array.of(0.6, 0.8, 0, 0, 0, 0, 0, 0, 0.8, -0.6),
  Float64Array.of(2, 1),
  0.4,
);

describe("probabilistic PCA", () => {
  test("is found again from its own samples", async () => {
    const fitted = await fitPpca(known.sample(20_000, new Rng(1)), 2);
    // Relative errors of variances are about √(2 / 20,000) = 0.01: 5 times that.
    expect(fitted.sigma / known.sigma).toBeCloseTo(1, 1);
    for (let i = 0; i < 2; i++) {
      expect(Math.abs(fitted.lengths[i]! / known.lengths[i]! - 1)).toBeLessThan(0.05);
      const dot = known.components
        .subarray(5 * i, 5 * i + 5)
        .reduce((s, v, d) => s + v * fitted.components[5 * i + d]!, 0);
      expect(Math.abs(dot)).toBeGreaterThan(0.998);
    }
  });

  test("its score solves (W Wᵀ + σ² I) s = x - μ", () => {
    const x = known.sample(3, new Rng(2));
    const score = known.negativeScore(x);
    for (let b = 0; b < 3; b++) {
      const s = score.subarray(5 * b, 5 * b + 5);
      for (let d = 0; d < 5; d++) {
        let product = known.sigma ** 2 * s[d]!;
        for (let i = 0; i < 2; i++) {
          const u = known.components.subarray(5 * i, 5 * i + 5);
          product += known.lengths[i]! ** 2 * u[d]! * u.reduce((sum, v, e) => sum + v * s[e]!, 0);
        }
        expect(product).toBeCloseTo(x.data[5 * b + d]! - known.mean[d]!, 5);
      }
    }
  });
});

test("by z drawn afresh no estimator is biased, however few its samples", async () => {
  const rng = new Rng(3);
  const x = known.sample(4, rng);
  for (const each of estimatorCases(known, [2], [1], [1])) {
    const { mean, variance } = await repeatEstimates(known, each, { x }, 600, rng.fork());
    const z = mean.map((m, i) => Math.abs(m) / Math.sqrt(variance[i]! / 600 + 1e-10));
    expect(Math.max(...z), each.name).toBeLessThan(4.5); // 20 coordinates and 4 estimators
  }
});

test("bias and deviation fall with the number of samples, and nothing is lost between them", async () => {
  const data = known.sample(5000, new Rng(4));
  const { scores, latentDim, dim } = await studyEstimators(data, {
    latentDim: 2,
    variationalSamples: [1, 100],
    hmcSamples: [1, 10],
    laplaceSteps: [1, 2],
    batch: 30,
    repetitions: 100,
  });
  expect([latentDim, dim]).toEqual([2, 5]);
  for (const name of new Set(scores.map((s) => s.name))) {
    const [few, many] = scores.filter((s) => s.name === name);
    expect(many!.bias, name).toBeLessThan(0.6 * few!.bias);
    expect(few!.error ** 2).toBeCloseTo(few!.bias ** 2 + few!.deviation ** 2, 10);
    if (name === "linear") continue; // it draws nothing
    // A proposal half as wide as the posterior leaves the weights uneven, so its deviation falls slowest.
    expect(many!.deviation, name).toBeLessThan(0.8 * few!.deviation);
  }
});

test("data need more dimensions than the generator has latent ones", async () => {
  const x = new NdArray(new Rng(1).normal([10, 2]).data, [10, 2]);
  await expect(fitPpca(x, 2)).rejects.toThrow(RangeError);
});
