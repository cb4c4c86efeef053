/**
 * Layers and architectures against PyTorch on the same variables and inputs: outputs in training and evaluation,
 * gradients, gradients of a gradient penalty, running statistics, frozen statistics. The reference is in double
 * precision; tolerance 1e-4 in the norm of `expectClose` leaves room for rounding of 32-bit sums through a dozen
 * layers.
 */
import { expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import * as nn from "../../src/nn/index.js";
import { compile, isArray, type NdArray, Rng } from "../../src/runtime/index.js";
import { expectClose, nest, readCases } from "./golden.js";

const models: Record<string, nn.Module> = {
  linear: nn.linear(3, 4),
  weightNorm: nn.weightNorm(nn.conv2d(2, 3, 3, { stride: 2, padding: 1 })),
  convTranspose2d: nn.convTranspose2d(3, 2, 3, { stride: 2, padding: 1, outputPadding: 1 }),
  batchNorm1d: nn.batchNorm(3, { eps: 1e-3, momentum: 0.3 }),
  batchNorm2d: nn.batchNorm(3),
  groupNorm: nn.groupNorm(2, 6),
  instanceNorm: nn.instanceNorm(3),
  layerNorm: nn.layerNorm(4),
  toyEbm: nn.toyEbm({ hidden: 8 }),
  largeMlpEbm: nn.largeMlpEbm({ dataDim: 12, outputs: 3, hidden: [10, 8, 8, 6, 6, 6] }),
  largeMlpEbmPlain: nn.largeMlpEbm({ dataDim: 12, weightNorm: false, hidden: [10, 8] }),
  dcganDiscriminator32: nn.dcganDiscriminator({ channels: 1, outputs: 2, width: 2 }),
  dcganDiscriminator64: nn.dcganDiscriminator({ channels: 1, imageSize: 64, width: 1 }),
  dcganDiscriminatorBatchNorm: nn.dcganDiscriminator({ channels: 1, batchNorm: true, width: 1 }),
  resNetDiscriminator: nn.resNetDiscriminator({ features: 4, outputs: 2 }),
  wideResNet: nn.wideResNet({ depth: 16, widenFactor: 1, outputs: 3, imageSize: 8, dropoutRate: 0.3, width: 2 }),
  wideResNetBatch: nn.wideResNet({ depth: 16, widenFactor: 2, outputs: 3, norm: "batch", width: 1 }),
  wideResNetGroup: nn.wideResNet({ depth: 10, widenFactor: 2, outputs: 3, norm: "group", width: 2 }),
  wideResNetInstance: nn.wideResNet({ depth: 10, widenFactor: 2, outputs: 3, norm: "instance", width: 2 }),
  wideResNetLayer: nn.wideResNet({ depth: 10, widenFactor: 2, outputs: 3, norm: "layer", width: 2 }),
  mnistClassifier: nn.mnistClassifier({ imageSize: 12, channels: [3, 4], hidden: 8 }),
  toyGenerator: nn.toyGenerator({ hidden: 8 }),
  largeMlpGenerator: nn.largeMlpGenerator({ noiseDim: 3, dataDim: 5, hidden: 6 }),
  largeMlpGeneratorNone: nn.largeMlpGenerator({ noiseDim: 3, dataDim: 5, output: "none", hidden: 6 }),
  dcganGenerator32: nn.dcganGenerator({ noiseDim: 4, channels: 1, output: "sigmoid", width: 2 }),
  dcganGenerator64: nn.dcganGenerator({ noiseDim: 4, channels: 1, imageSize: 64, width: 1 }),
  resNetGenerator: nn.resNetGenerator({ noiseDim: 4, features: 2, channels: 1 }),
  smallResNet: nn.smallResNet({ channels: 1, outputs: 3, width: 2 }),
  smallResNetBatch: nn.smallResNet({ outputs: 2, width: 2, norm: "batch" }),
};

type Tensors = nn.Dict<g.Tensor>;
const flat = (tree: unknown) => new Map(g.leaves(tree, isArray));
const single = (value: NdArray) => new Map([["", value]]);
const cases = readCases("models.safetensors");

test("every case of the fixture has its model", () => {
  expect([...cases.keys()]).toEqual(Object.keys(models));
});

test.each(Object.keys(models))("%s agrees with PyTorch", async (name) => {
  const golden = cases.get(name)!;
  const model = models[name]!;
  const variables = nn.loadStateDict(model.init(new Rng(0)), golden.get("vars")!);
  const one = (kind: string) => golden.get(kind)!.get("")!;
  const masks = nest(golden.get("masks") ?? []);
  // The masks drawn on the host have the places and shapes that PyTorch's dropout has.
  const shapes = (tree: unknown) => [...flat(tree)].map(([path, { shape }]) => [path, shape]);
  expect(shapes(model.masks(one("x").shape[0]!, new Rng(0)))).toEqual(shapes(masks));

  const run = compile((v: nn.Variables<g.Tensor>, x: g.Tensor, c: g.Tensor, masks: Tensors) => {
    const train = (params: Tensors, input: g.Tensor) =>
      model.apply({ params, state: v.state }, input, { mode: "train", masks });
    const penalty = (params: Tensors) => {
      const score = g.grad((input: g.Tensor) => g.sum(g.mul(train(params, input).y, c)))(x);
      return g.mul(g.sum(g.square(score)), 0.5 / x.shape[0]!);
    };
    const applied = train(v.params, x);
    const [value, second] = g.valueAndGrad(penalty)(v.params);
    return {
      train: applied.y,
      state: applied.state,
      statistics: applied.statistics,
      eval: model.apply(v, x, { mode: "eval" }).y,
      grad: g.grad((params: Tensors) => g.sum(g.mul(train(params, x).y, c)))(v.params),
      penalty: value,
      penaltyGrad: second,
    };
  });
  const out = await run(variables, one("x"), one("c"), masks);
  expectClose(single(out.eval), golden.get("eval")!);
  expectClose(single(out.train), golden.get("train")!);
  expectClose(flat(out.grad), golden.get("grad")!);
  if (golden.has("penalty")) {
    expectClose(single(out.penalty), golden.get("penalty")!);
    expectClose(flat(out.penaltyGrad), golden.get("penalty_grad")!);
  }
  // Names and shapes of the state stay what they were.
  expect(shapes(out.state)).toEqual(shapes(variables.state));
  expectClose(flat(out.state), golden.get("after") ?? new Map());

  const statistics = golden.get("statistics");
  expect([...flat(out.statistics).keys()].sort()).toEqual([...(statistics?.keys() ?? [])].sort());
  if (statistics !== undefined) {
    expectClose(flat(out.statistics), statistics);
    const frozen = compile((v: nn.Variables<g.Tensor>, x: g.Tensor, statistics: Tensors) => {
      return model.apply(v, x, { mode: "frozen", statistics }).y;
    });
    const y = await frozen(variables, one("other"), out.statistics);
    expectClose(single(y), golden.get("frozen")!);
    await frozen.release();
  }
  await run.release();
});
