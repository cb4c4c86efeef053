/** Which architecture a checkpoint is of, from the names and shapes that PyTorch gives every one of the original's. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { leaves } from "../../src/graph/index.js";
import { parameterNames } from "../../src/interchange/adam.js";
import { type Evidence, inferSettings } from "../../src/interchange/infer.js";
import { algorithm, resolveConfig, type Settings } from "../../src/runs/index.js";
import { isArray, Rng } from "../../src/runtime/index.js";

interface Structure {
  readonly energy: [string, number[]][];
  readonly generator: [string, number[]][];
  readonly parameters: { readonly energy: string[]; readonly generator: string[] };
}
const STRUCTURES = JSON.parse(
  gunzipSync(readFileSync(new URL("golden/structure.json.gz", import.meta.url))).toString(),
) as Record<string, Structure>;

const options = { lr: 1e-4, initialLr: 1e-3, beta1: 0, beta2: 0.9, weightDecay: 0 };
const trained = { options, step: 10 };

function evidence(name: string, jem: boolean, more: Partial<Evidence> & { post?: boolean } = {}): Evidence {
  const { energy, generator } = STRUCTURES[name]!;
  const map = (entries: readonly (readonly [string, readonly number[]])[]) =>
    new Map(entries.map(([key, shape]) => [key, { shape }]));
  const { post = true, ...rest } = more;
  const g = generator.map(([key, shape]) => [`g.${key}`, shape] as const);
  return {
    jem,
    energy: map(energy),
    generator: map([["logsigma", [1]], ["stepsize", []], ...(post ? [["post_logsigma", [2]] as const] : []), ...g]),
    adam: { energy: trained, generator: trained },
    decay: null,
    iteration: 10,
    ...rest,
  };
}

/** What is inferred, and what must be said. */
const CASES: readonly [name: string, jem: boolean, given: Partial<Settings>, expected: object][] = [
  ["toy", false, { dataset: "moons" }, { architecture: "toy", hDim: 100, noiseDim: 2, mode: "vera" }],
  ["mog", false, { dataset: "8gaussians" }, { density: "mog", mogComps: 10, hDim: 100 }],
  [
    "nice",
    false,
    { logit: true },
    { density: "nice", dataset: "mnist", architecture: "mlp", outputActivation: "none" },
  ],
  ["mlp-image", true, {}, { architecture: "mlp", dataset: "mnist", mode: "jem" }],
  ["mlp-table", true, {}, { architecture: "mlp", dataset: "human", noiseDim: 128 }],
  ["dcgan32", true, { dataset: "svhn" }, { architecture: "dcgan32", dataset: "svhn", imgSize: null }],
  ["dcgan64", true, {}, { architecture: "dcgan64", dataset: "mnist", imgSize: 64 }],
  ["dcgan-bn", false, { dataset: "cifar10" }, { architecture: "dcgan-bn", norm: "batch", noiseDim: 100, mode: "vera" }],
  ["resnet", true, { dataset: "cifar10" }, { architecture: "resnet", gFeats: 128 }],
  ["wide-resnet-28-2", true, {}, { architecture: "wide-resnet-28-2", dataset: "cifar100", norm: "none" }],
  ["wide-resnet-28-10", true, { dataset: "cifar10" }, { architecture: "wide-resnet-28-10", gFeats: 256 }],
  ["wide-resnet-28-2-batch", true, { dataset: "cifar10" }, { architecture: "wide-resnet-28-2", norm: "batch" }],
  ["wide-resnet-28-2-layer", true, { dataset: "cifar10", norm: "layer" }, { norm: "layer" }],
];

describe.each(CASES)("%s", (name, jem, given, expected) => {
  const resolve = () =>
    resolveConfig({ file: inferSettings(evidence(name, jem), given) as Record<string, unknown>, flags: given });

  test("is recognised", () => expect(resolve()).toMatchObject({ ...expected, lr: 1e-3, glr: 1e-3 }));

  test("its parameters are ours, in the order of PyTorch's optimisers", () => {
    const config = resolve();
    const { energy, parameters } = STRUCTURES[name]!;
    const classes = jem ? energy.at(-1)![1][0]! : null;
    const { model, generator } = algorithm(config, { event: config.shape!, classes });
    const names = (tree: unknown) => leaves(tree, isArray).map(([path]) => path);
    expect(names(model.init(new Rng(0)).params)).toEqual(parameters.energy);
    expect(names(generator!.init(new Rng(0)).params.g)).toEqual(parameters.generator);
    expect(parameterNames(energy.map(([key]) => key))).toEqual(parameters.energy);
  });
});

describe("what a checkpoint does not say is asked for", () => {
  const infer = (name: string, jem: boolean, given: Partial<Settings> = {}, more = {}) =>
    inferSettings(evidence(name, jem, more), given);

  test("which of several data sets", () => {
    expect(() => infer("toy", false)).toThrow(/give --dataset moons, or circles, or 8gaussians/);
    expect(() => infer("dcgan32", true)).toThrow(/give --dataset cifar10, or svhn/);
  });

  test("which norm, where they look alike", () => {
    expect(() => infer("wide-resnet-28-2-layer", true, { dataset: "cifar10" })).toThrow(/--norm group, instance or/);
  });

  test("which mode, where the generator was never trained", () => {
    const adam = { energy: trained, generator: { options, step: 0 } };
    expect(() => infer("mlp-image", true, {}, { adam })).toThrow(/say which, --clf-only, or --vat, or --jem-baseline/);
    expect(() => infer("nice", false, {}, { adam })).toThrow(/say which, --jem-baseline, or --maximum-likelihood/);
    expect(infer("nice", false, { ssm: true }, { adam })).toMatchObject({ nice: true });
  });

  test("the HMC estimator's generator has no scales of the posterior", () => {
    expect(infer("mlp-image", true, {}, { post: false })).toMatchObject({ generatorType: "verahmc" });
    expect(infer("mlp-image", true)).toMatchObject({ generatorType: "vera" });
  });

  test("other networks are refused with their names", () => {
    const energy = new Map([["main.0.weight", { shape: [64, 3, 3, 3] }]]);
    expect(() => inferSettings({ ...evidence("toy", false), energy }, {})).toThrow(
      /none of the original's architectures: it has main\.0\.weight/,
    );
  });
});
