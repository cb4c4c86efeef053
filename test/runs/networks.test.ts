/** The networks that settings ask for. */
import { expect, test } from "vitest";
import { leaves } from "../../src/graph/index.js";
import { resolveConfig } from "../../src/runs/index.js";
import { energyModel, generatorModel } from "../../src/runs/setup/networks.js";
import { isArray, Rng } from "../../src/runtime/index.js";

test("--dcgan-width sets the channels of both networks", () => {
  const config = resolveConfig({ flags: { dataset: "cifar10", jem: true, dcganWidth: 8, noiseDim: 4 } });
  const task = { event: [3, 32, 32], classes: 10 };
  const weights = (params: unknown) =>
    leaves(params as never, isArray).flatMap(([, { shape }]) => (shape.length === 4 ? [shape.slice(0, 2)] : []));
  const model = energyModel(config, task).init(new Rng(0));
  expect(weights(model.params)).toEqual([
    [8, 3],
    [16, 8],
    [32, 16],
    [64, 32],
    [10, 64],
  ]);
  const { params } = generatorModel(config, task).init(new Rng(0));
  expect(weights(params.g)).toEqual([
    [4, 64],
    [64, 32],
    [32, 16],
    [16, 8],
    [8, 3],
  ]);
});
