/** Names, shapes and counts of the full-size models: those of PyTorch's state_dict. */
import { expect, test } from "vitest";
import * as nn from "../../src/nn/index.js";
import { Rng } from "../../src/runtime/index.js";
import { readJson } from "./golden.js";

const full: Record<string, () => nn.Module> = {
  toyEbm: () => nn.toyEbm(),
  toyGenerator: () => nn.toyGenerator(),
  largeMlpEbm: () => nn.largeMlpEbm({ dataDim: 784 }),
  largeMlpEbmPlain: () => nn.largeMlpEbm({ dataDim: 15, outputs: 2, weightNorm: false }),
  largeMlpGenerator: () => nn.largeMlpGenerator({ noiseDim: 100, dataDim: 784 }),
  dcganDiscriminator32: () => nn.dcganDiscriminator(),
  dcganDiscriminator64: () => nn.dcganDiscriminator({ channels: 1, outputs: 10, imageSize: 64 }),
  dcganDiscriminatorBatchNorm: () => nn.dcganDiscriminator({ outputs: 10, batchNorm: true }),
  dcganGenerator32: () => nn.dcganGenerator({ noiseDim: 128 }),
  dcganGenerator64: () => nn.dcganGenerator({ noiseDim: 128, channels: 1, imageSize: 64 }),
  resNetDiscriminator: () => nn.resNetDiscriminator({ outputs: 10 }),
  resNetGenerator: () => nn.resNetGenerator(),
  resNetGenerator256: () => nn.resNetGenerator({ features: 256 }),
  "wideResNet28-2-batch": () => nn.wideResNet({ widenFactor: 2, norm: "batch" }),
  "wideResNet28-10": () => nn.wideResNet(),
  mnistClassifier: () => nn.mnistClassifier(),
  smallResNet: () => nn.smallResNet({ norm: "batch" }),
};

type Structure = Record<string, { parameters: number; state: Record<string, number[]> }>;
const structure = readJson<Structure>("structure.json");

test.each(Object.keys(structure))("%s", (name) => {
  const variables = full[name]!().init(new Rng(0));
  const shapes = Object.fromEntries([...nn.stateDict(variables)].map(([path, { shape }]) => [path, shape]));
  expect(shapes).toEqual(structure[name]!.state);
  expect(nn.countParameters(variables.params)).toBe(structure[name]!.parameters);
});
