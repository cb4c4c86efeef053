/**
 * The entropy gradient against its exact value. For a linear generator g(z) = W z the marginal is N(0, W Wᵀ + σ² I), so
 * -∇_x log q(x) = (W Wᵀ + σ² I)⁻¹ x. W has orthogonal columns: the covariance is diagonal in their basis and the posterior
 * of each latent is independent, N(m_i, v_i) with v_i = 1 / (1 + ‖w_i‖² / σ²).
 */
import { describe, expect, test } from "vitest";
import {
  type Decoder,
  hmcEstimator,
  laplaceScore,
  logJoint,
  normalLogDensity,
  variationalScore,
} from "../../src/ebm/index.js";
import * as g from "../../src/graph/index.js";
import type { Dict } from "../../src/nn/index.js";
import { array, compile, full, NdArray, Rng } from "../../src/runtime/index.js";
import { hmc, type LogDensity, unroll } from "../../src/samplers/index.js";

const SIGMA = 0.5;
const NORMS = [1.5, 0.8]; // of the columns of W, which point along the first two axes
const D = 4;
const W = Float32Array.from({ length: D * 2 }, (_, i) => (i % 2 === Math.floor(i / 2) ? NORMS[i % 2]! : 0));
const ETA = NORMS.map((n) => Math.sqrt(1 / (1 + (n / SIGMA) ** 2)));

/** Exact -∇ log q: each axis by its own variance. */
const exact = (x: ArrayLike<number>) => Array.from(x, (v, i) => v / ((NORMS[i % D] ?? 0) ** 2 + SIGMA ** 2));

function draw(batch: number, rng: Rng) {
  const z = rng.normal([batch, 2]);
  const x = new Float32Array(batch * D);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < D; i++) {
      x[b * D + i] = SIGMA * rng.gaussian() + (i < 2 ? NORMS[i]! * z.data[2 * b + i]! : 0);
    }
  }
  return { z, x: new NdArray(x, [batch, D]) };
}

const decoder = (): Decoder => ({
  mean: (t: g.Tensor) => g.matmul(t, g.constant(W, [D, 2]), { transB: true }),
  logSigma: g.constant([Math.log(SIGMA)]),
});

const estimate = compile(
  (x: g.Tensor, z: g.Tensor, noise: g.Tensor, logEta: g.Tensor) =>
    variationalScore(decoder(), { post_logsigma: logEta }, x, z, noise).c,
);

/** z-scores of the mean error over repetitions, one per coordinate of each x. */
async function scores(x: NdArray, repeats: number, call: () => Promise<NdArray>): Promise<number[]> {
  const truth = exact(x.data as Float32Array);
  const sums = truth.map(() => [0, 0] as [number, number]);
  for (let r = 0; r < repeats; r++) {
    const c = await call();
    c.data.forEach((v, i) => {
      sums[i]![0] += v - truth[i]!;
      sums[i]![1] += (v - truth[i]!) ** 2;
    });
  }
  return sums
    .filter((_, i) => i % D < 2) // where there is no latent the estimate is exact, without variance
    .map(([s, ss]) => s / repeats / Math.sqrt((ss / repeats - (s / repeats) ** 2) / repeats));
}

/** Of the variational estimator, for pairs held fixed. */
function zScores(samples: number, repeats: number, eta: readonly number[], seed: number): Promise<number[]> {
  const rng = new Rng(seed);
  const { x, z } = draw(8, rng);
  return scores(x, repeats, () => estimate(x, z, rng.normal([samples, 8, 2]), array(eta.map(Math.log))));
}

test("with η at the optimum and many samples the estimator agrees with the exact score within its standard error", async () => {
  const z = await zScores(3000, 40, ETA, 1);
  // 16 coordinates: beyond 4.5 standard errors by chance less than once in 9,000 runs; the seed is fixed.
  expect(Math.max(...z.map(Math.abs))).toBeLessThan(4.5);
});

test("few samples from a narrow proposal are biased, and the same test sees it", async () => {
  const z = await zScores(
    2,
    400,
    ETA.map((e) => e / 4),
    2,
  );
  expect(Math.max(...z.map(Math.abs))).toBeGreaterThan(6);
});

test("axes without a latent are exact", async () => {
  const rng = new Rng(3);
  const { x, z } = draw(8, rng);
  const c = await estimate(x, z, rng.normal([5, 8, 2]), array(ETA.map(Math.log)));
  exact(x.data as Float32Array).forEach((v, i) => {
    if (i % D >= 2) expect(c.data[i]).toBeCloseTo(v, 4);
  });
});

/** z ~ q(z|x), exactly. */
function drawPosterior(x: NdArray, rng: Rng): NdArray {
  const z = new Float32Array((x.size / D) * 2);
  for (let j = 0; j < z.length; j++) {
    const i = j % 2;
    const variance = ETA[i]! ** 2;
    z[j] =
      (variance * NORMS[i]! * x.data[Math.floor(j / 2) * D + i]!) / SIGMA ** 2 + Math.sqrt(variance) * rng.gaussian();
  }
  return new NdArray(z, [x.size / D, 2]);
}

describe("HMC", () => {
  type Call = (x: NdArray, z: NdArray, noise: Dict<NdArray>, stepSize: NdArray) => Promise<NdArray>;
  const compiled = (fn: unknown) => compile(fn as never) as unknown as Call;
  const estimator = hmcEstimator({ noiseDim: 2 });

  /** Chains start at draws from the posterior, as they do in training, and stay there if their target is the posterior. */
  function hmcScores(call: Call): Promise<number[]> {
    const rng = new Rng(5);
    const { x } = draw(8, rng);
    return scores(x, 1500, () => call(x, drawPosterior(x, rng), estimator.noise(8, rng), full([], 0.3)));
  }

  /** The estimator written out, with any target. */
  const withTarget = (target: (x: g.Tensor) => LogDensity): Call =>
    compiled((x: g.Tensor, z: g.Tensor, noise: { normal: g.Tensor; uniform: g.Tensor }, stepSize: g.Tensor) => {
      const sampler = hmc({ stepSize });
      const { draws } = unroll(sampler, target(x), sampler.init(target(x), z), noise, { burnIn: 2 });
      const means = decoder().mean(g.reshape(draws, [-1, 2]));
      return g.div(g.sub(x, g.mean(g.reshape(means, [draws.shape[0]!, ...x.shape]), 0)), SIGMA ** 2);
    });

  test("agrees with the exact score within its standard error", async () => {
    const z = await hmcScores(
      compiled(
        (x: g.Tensor, z: g.Tensor, noise: Dict<g.Tensor>, stepsize: g.Tensor) =>
          estimator.estimate(decoder(), { stepsize }, x, z, noise).c,
      ),
    );
    expect(Math.max(...z.map(Math.abs))).toBeLessThan(4.5);
  });

  test("written out it agrees, too, and without the likelihood in its target it does not", async () => {
    const right = await hmcScores(withTarget((x) => logJoint(decoder(), x)));
    expect(Math.max(...right.map(Math.abs))).toBeLessThan(4.5);
    const broken = await hmcScores(withTarget(() => (z) => normalLogDensity(z, 0, 0)));
    expect(Math.max(...broken.map(Math.abs))).toBeGreaterThan(20);
  });
});

describe("the linear estimator", () => {
  const scoreBy = (steps: number, of: Decoder = decoder()) =>
    compile((x: g.Tensor, z: g.Tensor) => laplaceScore(of, x, z, steps).c, { name: "score" });

  test("is exact for a linear generator after as many steps as it has latents, whatever z made x", async () => {
    const rng = new Rng(7);
    const { x, z } = draw(8, rng);
    const c = await scoreBy(2)(x, z);
    // Single precision: x / σ² has up to 20, of which 1e-6 is rounding at each of some ten operations.
    exact(x.data as Float32Array).forEach((v, i) => void expect(c.data[i]).toBeCloseTo(v, 4));
    const elsewhere = await scoreBy(2)(x, rng.normal([8, 2]));
    exact(x.data as Float32Array).forEach((v, i) => void expect(elsewhere.data[i]).toBeCloseTo(v, 4));
  });

  test("one step is that of steepest descent", async () => {
    const rng = new Rng(8);
    const { x, z } = draw(1, rng);
    const c = await scoreBy(1)(x, z);
    // By hand: W is diagonal.
    const residual = Array.from(x.data, (v, i) => v - (i < 2 ? NORMS[i]! * z.data[i]! : 0));
    const gradient = NORMS.map((n, i) => (n * residual[i]!) / SIGMA ** 2 - z.data[i]!);
    const square = gradient.reduce((s, v) => s + v * v, 0);
    const curvature = gradient.reduce((s, v, i) => s + v * v * (1 + (NORMS[i]! / SIGMA) ** 2), 0);
    residual.forEach((r, i) => {
      const moved = i < 2 ? (NORMS[i]! * gradient[i]! * square) / curvature : 0;
      expect(c.data[i]).toBeCloseTo((r - moved) / SIGMA ** 2, 4);
    });
  });

  test("where the generator is flat c is the noise that made x, and finite", async () => {
    const rng = new Rng(9);
    const { x } = draw(4, rng);
    const flat: Decoder = { ...decoder(), mean: (z) => g.mul(decoder().mean(z), 0) };
    const c = await scoreBy(3, flat)(x, full([4, 2], 0));
    x.data.forEach((v, i) => void expect(c.data[i]).toBeCloseTo(v / SIGMA ** 2, 4));
  });

  test("of a generator that bends it is the nearer the smaller σ is", async () => {
    // g(z) = (z, z²): q(x) by quadrature over z.
    const bent = (sigma: number): Decoder => ({
      mean: (z) => g.concat([z, g.square(z)], 1),
      logSigma: g.constant([Math.log(sigma)]),
    });
    const worst = async (sigma: number): Promise<number> => {
      const rng = new Rng(10);
      const z = Float32Array.from({ length: 8 }, () => rng.gaussian());
      const x = Float32Array.from({ length: 16 }, (_, i) => z[i >> 1]! ** (1 + (i % 2)) + sigma * rng.gaussian());
      const c = await scoreBy(1, bent(sigma))(new NdArray(x, [8, 2]), new NdArray(z, [8, 1]));
      let error = 0;
      for (let b = 0; b < 8; b++) {
        const [u, v] = [x[2 * b]!, x[2 * b + 1]!];
        let [mass, meanU, meanV] = [0, 0, 0];
        for (let t = -5; t <= 5; t += sigma / 50) {
          const w = Math.exp(-((u - t) ** 2 + (v - t * t) ** 2) / (2 * sigma ** 2) - (t * t) / 2);
          mass += w;
          meanU += w * t;
          meanV += w * t * t;
        }
        const truth = [(u - meanU / mass) / sigma ** 2, (v - meanV / mass) / sigma ** 2];
        error = Math.max(error, ...truth.map((s, i) => Math.abs(c.data[2 * b + i]! - s) * sigma));
      }
      return error; // of σ c, which has about unit length
    };
    const [wide, narrow] = [await worst(0.1), await worst(0.01)];
    expect(narrow).toBeLessThan(0.05);
    expect(narrow).toBeLessThan(wide / 3);
  });
});
