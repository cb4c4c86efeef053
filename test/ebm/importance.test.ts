/** Importance weights against a generator whose density is known: g(z) = z, so that q is a Gaussian of variance 1 + scale². */
import { expect, test } from "vitest";
import { importanceWeights, propose } from "../../src/ebm/importance.js";
import * as g from "../../src/graph/index.js";
import { compile, NdArray, Rng } from "../../src/runtime/index.js";

const SIGMA = 0.5;
const B = 4000;
const rng = new Rng(5);
const [z, epsilon, draws] = [rng.normal([B, 2]), rng.normal([B, 2]), rng.normal([3000, 2])];
/** Of standard deviation 2. */
const data = new NdArray(
  Float32Array.from(rng.normal([B, 2]).data, (v) => 2 * v + 1),
  [B, 2],
);

const logNormal = (x: number, y: number, variance: number) =>
  -(x * x + y * y) / (2 * variance) - Math.log(2 * Math.PI * variance);

const proposal = compile((mean: g.Tensor, e: g.Tensor, batch: g.Tensor, m: g.Tensor) => {
  const { x, logDensity } = propose(mean, e, g.constant(Math.log(SIGMA)), batch, m);
  // The target: a Gaussian of mean (1, -1) and variance ½, unnormalised.
  const f = g.neg(g.sum(g.square(g.sub(x, g.constant([1, -1], [2]))), 1));
  const { weights, ess } = importanceWeights(f, logDensity);
  return { x, logDensity, ess, weights, mean: g.sum(g.mul(x, g.reshape(weights, [B, 1])), 0) };
});

test("half of the samples have noise σ, half the data's, and log q is the mixture's", async () => {
  const { x, logDensity } = await proposal(z, epsilon, data, draws);
  const variance = (from: number, to: number) => {
    const part = Array.from(x.data).slice(2 * from, 2 * to);
    return part.reduce((a, v) => a + v * v, 0) / part.length;
  };
  expect(Math.abs(variance(0, B / 2) / (1 + SIGMA ** 2) - 1)).toBeLessThan(0.1);
  expect(Math.abs(variance(B / 2, B) / (1 + 4) - 1)).toBeLessThan(0.1);
  const errors = Array.from(logDensity.data, (value, i) => {
    const [a, b] = [x.data[2 * i]!, x.data[2 * i + 1]!] as [number, number];
    if (Math.hypot(a, b) > 2) return 0; // few draws are near
    return value - Math.log((Math.exp(logNormal(a, b, 1 + SIGMA ** 2)) + Math.exp(logNormal(a, b, 5))) / 2);
  });
  expect(Math.max(...errors.map(Math.abs))).toBeLessThan(0.2);
});

test("weighted samples have the model's mean, not the generator's", async () => {
  const { mean, weights, ess } = await proposal(z, epsilon, data, draws);
  expect(Array.from(weights.data).reduce((a, w) => a + w, 0)).toBeCloseTo(1, 4);
  expect(mean.data[0]).toBeCloseTo(1, 1);
  expect(mean.data[1]).toBeCloseTo(-1, 1);
  expect(ess.item()).toBeGreaterThan(500);
  expect(ess.item()).toBeLessThan(B);
});
