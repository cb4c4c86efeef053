import { expect, test } from "vitest";
import * as ebm from "../../src/ebm/index.js";
import * as g from "../../src/graph/index.js";
import { adam, toyEbm } from "../../src/nn/index.js";
import { array, compile, integers, type NdArray, Rng } from "../../src/runtime/index.js";

test("sliced score matching of a Gaussian is its closed form", async () => {
  // f = -‖x‖² / (2 s²): εᵀ∇²f ε = -‖ε‖² / s², ½‖∇f‖² = ‖x‖² / (2 s⁴).
  const s = 1.7;
  const rng = new Rng(1);
  const [x, epsilon] = [rng.normal([50, 3]), rng.normal([50, 3])];
  const f = compile((t: g.Tensor, e: g.Tensor) =>
    ebm.slicedScoreMatching((u) => g.mul(g.sum(g.square(u), 1), -0.5 / s ** 2), t, e),
  );
  const squares = (v: ArrayLike<number>) => Array.from(v).reduce((a, b) => a + b * b, 0) / 50;
  const expected = -squares(epsilon.data) / s ** 2 + squares(x.data) / (2 * s ** 4);
  expect((await f(x, epsilon)).item()).toBeCloseTo(expected, 4);
});

test("terms of the energy's loss by hand", async () => {
  const f = compile((logits: g.Tensor, y: g.Tensor, data: g.Tensor, samples: g.Tensor, x: g.Tensor) => ({
    ce: ebm.crossEntropy(logits, y),
    entropy: ebm.conditionalEntropy(logits),
    accuracy: ebm.accuracy(logits, y),
    contrastive: ebm.contrastive(data, samples),
    magnitude: ebm.magnitude(data),
    penalty: ebm.gradientPenalty((t) => g.sum(g.mul(g.square(t), 0.5), 1), x), // ∇f = x
  }));
  const out = await f(
    array([
      [0, 0],
      [Math.log(3), 0],
    ]),
    integers([0, 1]),
    array([1, 3]),
    array([4, 4]),
    array([
      [3, 4],
      [0, 0],
    ]),
  );
  expect(out.ce.item()).toBeCloseTo((Math.log(2) + Math.log(4)) / 2, 5);
  expect(out.entropy.item()).toBeCloseTo((Math.log(2) - 0.75 * Math.log(0.75) - 0.25 * Math.log(0.25)) / 2, 5);
  expect(out.accuracy.item()).toBe(0.5);
  expect(out.contrastive.item()).toBe(2);
  expect(out.magnitude.item()).toBe(5);
  expect(out.penalty.item()).toBe(6.25);
});

test("consistency teaches the likelier class of the sure half, and its gradient leaves the plain view alone", async () => {
  const f = compile((plain: g.Tensor, strong: g.Tensor) => {
    const loss = (a: g.Tensor, b: g.Tensor) => ebm.consistency(a, b, 0.7).loss;
    return {
      ...ebm.consistency(plain, strong, 0.7),
      plain: g.grad((a: g.Tensor) => loss(a, strong))(plain),
      strong: g.grad((b: g.Tensor) => loss(plain, b))(strong),
    };
  });
  const plain = array([
    [Math.log(3), 0], // p = ¾: sure of the first class
    [0, Math.log(2)], // p = ⅔: not sure
  ]);
  const strong = array([
    [0, Math.log(4)], // p = (⅕, ⅘)
    [0, 0],
  ]);
  const out = await f(plain, strong);
  expect(out.share.item()).toBe(0.5);
  expect(out.loss.item()).toBeCloseTo(Math.log(5) / 2, 5);
  expect([...out.plain.data]).toEqual([0, 0, 0, 0]);
  // ∂/∂logits of the cross-entropy, p - onehot, over the batch's size.
  [-0.4, 0.4, 0, 0].forEach((expected, i) => {
    expect(out.strong.data[i]).toBeCloseTo(expected, 5);
  });
});

test("the virtual adversarial direction of linear logits is the one that separates the classes", async () => {
  // Logits (w·x, 0): p changes only along w, so the perturbation is ε w/‖w‖ and the loss is that KL divergence.
  const w = array([[3, 4]]);
  const rng = new Rng(2);
  const [x, noise] = [rng.normal([4, 2], 0, 0.1), rng.normal([4, 2])];
  const f = compile((u: g.Tensor, d: g.Tensor, v: g.Tensor) => {
    const logits = (t: g.Tensor) =>
      g.concat([g.matmul(t, v, { transB: true }), g.mul(g.slice(t, null, { end: 1 }), 0)], 1);
    return ebm.virtualAdversarialLoss(logits, u, d, { epsilon: 0.3, xi: 0.1 });
  });
  const kl = (p: number, q: number) => p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));
  const sigmoid = (t: number) => 1 / (1 + Math.exp(-t));
  let [low, high] = [0, 0];
  for (let i = 0; i < 4; i++) {
    const t = 3 * x.data[2 * i]! + 4 * x.data[2 * i + 1]!;
    const both = [kl(sigmoid(t), sigmoid(t + 1.5)), kl(sigmoid(t), sigmoid(t - 1.5))];
    low += Math.min(...both) / 4;
    high += Math.max(...both) / 4;
  }
  const loss = (await f(x, noise, w)).item();
  // The sign of the direction is that of the random start, per input: the loss lies between the two extremes.
  expect(loss).toBeGreaterThan(low * 0.999);
  expect(loss).toBeLessThan(high * 1.001);
});

test("virtual adversarial training starts from uniform noise, as the original", () => {
  const model = ebm.networkEnergy(toyEbm({ outputs: 3 }), 3);
  const weights = { ...ebm.DENSITY_ONLY, clf: 1 };
  const step = ebm.classifierStep({ model, optimizer: adam(), weights, event: [2], vat: { weight: 1 } });
  const { data } = step.noise(5000, new Rng(3)).vat as NdArray;
  const [low, high] = [Math.min(...data), Math.max(...data)];
  expect(low).toBeGreaterThanOrEqual(-0.5);
  expect(high).toBeLessThan(0.5);
  expect(high - low).toBeGreaterThan(0.99); // of 10,000 numbers
});
