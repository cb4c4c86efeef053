/** p(x, y) = p(x) p(y|x) by two networks: what each gives, and that neither moves the other. */
import { expect, test } from "vitest";
import * as ebm from "../../src/ebm/index.js";
import * as g from "../../src/graph/index.js";
import * as nn from "../../src/nn/index.js";
import { compile, integers, isArray, Rng } from "../../src/runtime/index.js";

const density = nn.sequential([(x) => g.flatten(x), nn.linear(4, 5), g.tanh, nn.linear(5, 1)]);
const classifier = nn.sequential([(x) => g.flatten(x), nn.linear(4, 6), nn.batchNorm(6), g.tanh, nn.linear(6, 3)]);
const model = ebm.twoNetworks(density, classifier, 3);
const variables = model.init(new Rng(1));
const x = new Rng(2).normal([8, 1, 2, 2]);

test("f is the one's, p(y|x) the other's, and f is the sum over classes", async () => {
  const evaluate = compile((v: nn.Variables<g.Tensor>, x: g.Tensor) => {
    const { logDensity, logits } = model.evaluate(v, x, { mode: "eval" });
    const of = (name: string) => ({ params: nn.branch(v.params, name), state: nn.branch(v.state, name) });
    return {
      f: logDensity,
      logits: logits!,
      alone: density.apply(of("density"), x, { mode: "eval" }).y,
      told: g.softmax(classifier.apply(of("classifier"), x, { mode: "eval" }).y, 1),
    };
  });
  const { f, logits, alone, told } = await evaluate(variables, x);
  for (let i = 0; i < 8; i++) {
    const row = [0, 1, 2].map((k) => logits.data[3 * i + k]!);
    const sum = row.reduce((a, v) => a + Math.exp(v), 0);
    expect(f.data[i]).toBe(alone.data[i]);
    expect(Math.log(sum)).toBeCloseTo(f.data[i]!, 5);
    for (const [k, v] of row.entries()) expect(Math.exp(v) / sum).toBeCloseTo(told.data[3 * i + k]!, 5);
  }
});

test("what is learned of f leaves the classifier alone, and the reverse", async () => {
  const optimizer = nn.adam();
  const energy = { ...variables, optimizer: optimizer.init(variables.params) };
  const y = integers([0, 1, 2, 0, 1, 2, 0, 1], [8]);
  const samples = new Rng(3).normal([8, 1, 2, 2]);
  const moved = async (weights: Partial<ebm.EnergyWeights>) => {
    const learner = { model, optimizer, weights: { ...ebm.DENSITY_ONLY, ...weights } };
    const step = compile(
      (energy: ebm.Trained<g.Tensor>, x: g.Tensor, y: g.Tensor, samples: g.Tensor) =>
        ebm.energyStep(learner, { energy, batch: { x, y }, samples, rate: g.constant([0.1], []) }).energy.params,
    );
    const before = new Map(g.leaves(variables.params, isArray));
    return g
      .leaves(await step(energy, x, y, samples), isArray)
      .filter(([name, { data }]) => data.some((v, i) => v !== before.get(name)!.data[i]))
      .map(([name]) => name);
  };
  expect(await moved({ pgControl: 1 })).toEqual(["density.1.weight", "density.1.bias", "density.3.weight"]);
  const ofClassifier = await moved({ density: 0, clf: 1 });
  expect(ofClassifier).toContain("classifier.1.weight");
  expect(ofClassifier.every((name) => name.startsWith("classifier."))).toBe(true);
});

test("a view of the inputs is seen by the classifier alone", async () => {
  const evaluate = compile((v: nn.Variables<g.Tensor>, x: g.Tensor, view: g.Tensor) => {
    const { logDensity, logits } = model.evaluate(v, x, { mode: "train" }, view);
    const alone = model.evaluate(v, view, { mode: "train" });
    return {
      f: logDensity,
      logits: logits!,
      alone: model.evaluate(v, x, { mode: "train" }).logDensity,
      told: alone.logits!,
    };
  });
  const { f, logits, alone, told } = await evaluate(variables, x, new Rng(4).normal([8, 1, 2, 2]));
  expect(f.data).toEqual(alone.data);
  expect(logits.data).toEqual(told.data);
});

test("a step on data with views is that on the data for f, and that on the views for the classifier", async () => {
  const optimizer = nn.byPart({ density: { optimizer: nn.adam() }, classifier: { optimizer: nn.sgd() } });
  const energy = { ...variables, optimizer: optimizer.init(variables.params) };
  const y = integers([0, 1, 2, 0, 1, 2, 0, 1], [8]);
  const [view, samples] = [new Rng(4).normal([8, 1, 2, 2]), new Rng(3).normal([8, 1, 2, 2])];
  const learner = { model, optimizer, weights: { ...ebm.DENSITY_ONLY, clf: 1 } };
  const step = compile((energy: ebm.Trained<g.Tensor>, batch: ebm.Batch<g.Tensor>, samples: g.Tensor) => {
    const { params, state } = ebm.energyStep(learner, { energy, batch, samples, rate: g.constant([0.1], []) }).energy;
    return { params, state };
  });
  const [both, ofData, ofViews] = [
    await step(energy, { x, view, y }, samples),
    await step(energy, { x, y }, samples),
    await step(energy, { x: view, y }, samples),
  ];
  expect(both.params.density).toEqual(ofData.params.density);
  expect(both.params.classifier).toEqual(ofViews.params.classifier);
  expect(both.state.classifier).toEqual(ofViews.state.classifier);
  expect(both.params.classifier).not.toEqual(ofData.params.classifier);
});

test("a density with an output for each class: f is their log-sum-exp, and their labels move it alone", async () => {
  const labelled = nn.sequential([(x) => g.flatten(x), nn.linear(4, 5), g.tanh, nn.linear(5, 3)]);
  const both = ebm.twoNetworks(labelled, classifier, 3, { densityLogits: true });
  const own = both.init(new Rng(1));
  const evaluate = compile((v: nn.Variables<g.Tensor>, x: g.Tensor) => {
    const { logDensity, logits, densityLogits } = both.evaluate(v, x, { mode: "eval" });
    const of = { params: nn.branch(v.params, "classifier"), state: nn.branch(v.state, "classifier") };
    return {
      f: logDensity,
      sum: g.logsumexp(densityLogits!, 1),
      p: g.softmax(logits!, 1),
      told: g.softmax(classifier.apply(of, x, { mode: "eval" }).y, 1),
    };
  });
  const { f, sum, p, told } = await evaluate(own, x);
  expect(f.data).toEqual(sum.data);
  for (const [i, v] of told.data.entries()) expect(p.data[i]).toBeCloseTo(v, 5); // still the classifier's

  const optimizer = nn.sgd();
  const learner = { model: both, optimizer, weights: { ...ebm.DENSITY_ONLY, density: 0, densityClf: 2 } };
  const step = compile((energy: ebm.Trained<g.Tensor>, batch: ebm.Batch<g.Tensor>) => {
    const { energy: after, metrics } = ebm.energyStep(learner, { energy, batch, rate: g.constant([0.1], []) });
    return { params: after.params, metrics };
  });
  const y = integers([0, 1, 2, 0, 1, 2, 0, 1], [8]);
  const { params, metrics } = await step({ ...own, optimizer: optimizer.init(own.params) }, { x, y });
  expect(params.classifier).toEqual(own.params.classifier);
  expect(params.density).not.toEqual(own.params.density);
  expect(metrics.loss_energy!.data[0]).toBeCloseTo(2 * metrics.loss_density_classification!.data[0]!, 5);
});
