/** What networks say that their last layer sees: that layer alone makes the output of it. */
import { expect, test } from "vitest";
import * as g from "../../src/graph/index.js";
import * as nn from "../../src/nn/index.js";
import { compile, type NdArray, Rng } from "../../src/runtime/index.js";

type Layer = { readonly weight: NdArray; readonly bias?: NdArray };

const NETWORKS: readonly (readonly [
  name: string,
  network: nn.Module,
  event: readonly number[],
  last: string,
  shape: number[],
])[] = [
  ["toy", nn.toyEbm({ hidden: 8, outputs: 3 }), [2], "4", [4, 8]],
  ["MLP", nn.largeMlpEbm({ dataDim: 12, outputs: 3, hidden: [10, 7] }), [1, 3, 4], "5", [4, 7]],
  ["DCGAN", nn.dcganDiscriminator({ channels: 1, outputs: 3, width: 2 }), [1, 32, 32], "8", [4, 16, 2, 2]],
  [
    "DCGAN with batch norm, 64×64",
    nn.dcganDiscriminator({ channels: 1, outputs: 3, width: 2, imageSize: 64, batchNorm: true }),
    [1, 64, 64],
    "11",
    [4, 16, 4, 4],
  ],
  ["ResNet", nn.resNetDiscriminator({ features: 4, outputs: 3 }), [3, 16, 16], "output_linear", [4, 4]],
  [
    "Wide ResNet",
    nn.wideResNet({ depth: 10, widenFactor: 1, outputs: 3, imageSize: 8, width: 2 }),
    [3, 8, 8],
    "linear",
    [4, 8],
  ],
  ["digit classifier", nn.mnistClassifier({ imageSize: 12, channels: [2, 3], hidden: 8 }), [1, 12, 12], "fc2", [4, 8]],
];

test.each(NETWORKS)("%s", async (_, network, event, last, shape) => {
  const variables = network.init(new Rng(2));
  const apply = compile((v: nn.Variables<g.Tensor>, x: g.Tensor) => {
    const { y, features } = network.apply(v, x, { mode: "eval" });
    return { y, features: features! };
  });
  const { y, features } = await apply(variables, new Rng(3).normal([4, ...event]));
  expect(features.shape).toEqual(shape);
  const { weight, bias } = variables.params[last] as unknown as Layer;
  const [outputs, width] = [weight.shape[0]!, weight.size / weight.shape[0]!];
  expect(width).toBe(features.size / 4);
  expect(y.shape).toEqual([4, outputs]);
  for (let i = 0; i < 4; i++)
    for (let k = 0; k < outputs; k++) {
      let sum = bias?.data[k] ?? 0;
      for (let j = 0; j < width; j++) sum += features.data[i * width + j]! * weight.data[k * width + j]!;
      expect(y.data[i * outputs + k]).toBeCloseTo(sum, 4); // sums of at most 256 products in 32 bits
    }
});

test("a module that does not say has none", () => {
  const quiet = nn.compose({ a: nn.linear(2, 3) }, ({ a }, x) => a(x));
  const one = (shape: number[]) => g.input("v", { shape, dtype: "f32" });
  const params = { a: { weight: one([3, 2]), bias: one([3]) } };
  expect(quiet.apply({ params, state: {} }, one([4, 2]), { mode: "eval" })).not.toHaveProperty("features");
});
