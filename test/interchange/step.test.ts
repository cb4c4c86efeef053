/** A checkpoint of PyTorch, imported: the same outputs, and the same next iteration as PyTorch's with the same noise. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { generator, networkEnergy, type TrainingStep, variationalEstimator, veraStep } from "../../src/ebm/index.js";
import { leaves, type Tensor } from "../../src/graph/index.js";
import { importCheckpoint } from "../../src/interchange/index.js";
import { readOriginal } from "../../src/interchange/original.js";
import { trainState } from "../../src/interchange/training-state.js";
import { adam, type Dict, largeMlpEbm, largeMlpGenerator } from "../../src/nn/index.js";
import { algorithm, loadCheckpoint, type TrainConfig } from "../../src/runs/index.js";
import { array, compile, full, isArray, type NdArray, Rng, readSafetensors } from "../../src/runtime/index.js";
import { initialState } from "../../src/train/trainer.js";
import { expectClose } from "../nn/golden.js";

const file = (name: string) => new URL(`golden/${name}`, import.meta.url).pathname;
const golden = (name: string) => readSafetensors(readFileSync(file(`${name}.safetensors`))).tensors;
/** The tensors below a prefix, by the rest of their names. */
const below = (tensors: ReadonlyMap<string, NdArray>, prefix: string) =>
  new Map([...tensors].filter(([name]) => name.startsWith(prefix)).map(([name, x]) => [name.slice(prefix.length), x]));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-interchange-"));
});
afterAll(() => rm(folder, { recursive: true }));

type Trained = { params: Dict<NdArray>; state: Dict<NdArray>; optimizer: Dict<NdArray> };
type State = { energy: Trained; generator: Trained; posterior: { params: Dict<NdArray> } };

/** Runs one iteration from a state with PyTorch's noise. */
async function iterate(step: TrainingStep, state: State, expected: ReadonlyMap<string, NdArray>, lr: [number, number]) {
  const batch = { x: expected.get("x")!, ...(expected.has("y") && { y: expected.get("y")! }) };
  const noise = {
    z: expected.get("noise.z")!,
    epsilon: expected.get("noise.epsilon")!,
    estimator: { posterior: expected.get("noise.posterior")!, elbo: expected.get("noise.elbo")! },
    masks: {},
  };
  const rates = { energy: full([], lr[0]), generator: full([], lr[1]) };
  const run = (compile as unknown as Compile)((s: unknown, b: unknown, n: unknown, r: unknown) =>
    step.run(s as never, b as never, n as Dict<Tensor>, r as never, { energy: true, generator: true }),
  );
  return run(state, batch, noise, rates);
}
type Compile = (f: unknown) => (...args: unknown[]) => Promise<[State, { metrics: Record<string, NdArray> }]>;

const named = (tree: unknown, prefix = ""): [string, NdArray][] =>
  leaves(tree, isArray).map(([path, x]) => [prefix + path, x]);

/** Losses and updated parameters equal within 1e-4 relative: the sums of both sides round differently in 32 bits. */
function expectSameStep(
  [next, { metrics }]: Awaited<ReturnType<typeof iterate>>,
  expected: ReadonlyMap<string, NdArray>,
  wrapper: string,
  { eta = true } = {},
): void {
  for (const loss of ["loss_energy", "loss_generator"]) {
    const reference = expected.get(loss)!.item();
    expect(Math.abs(metrics[loss]!.item() - reference), loss).toBeLessThan(1e-4 * Math.abs(reference));
  }
  expectClose(new Map(named(next.energy.params, wrapper)), below(expected, "next.e."), 1e-4);
  const references = below(expected, "next.g.");
  references.delete("stepsize"); // of the HMC estimator
  if (!eta) references.delete("post_logsigma");
  expectClose(new Map(named({ ...next.generator.params, ...next.posterior.params })), references, 1e-4);
}

describe("a density in the plane", () => {
  const expected = golden("toy");
  const flags = {
    dataset: "moons",
    posteriorSamples: 5,
    entWeight: 0.5,
    pControl: 0.1,
    nControl: 0.05,
    pgControl: 0.3,
  };
  let config: TrainConfig;
  let state: State;
  let step: TrainingStep;

  beforeAll(async () => {
    const out = join(folder, "toy");
    ({ config } = await importCheckpoint({ file: file("toy.pt"), out, flags }));
    ({ step } = algorithm(config, { event: [2], classes: null }));
    const like = { arrays: initialState(step, 0, new Rng(0)), counters: null as never };
    const { snapshot } = await loadCheckpoint(join(out, "checkpoints/last.safetensors"), like);
    state = snapshot.arrays.train as unknown as State;
    expect(snapshot.counters.iteration).toBe(5);
  });

  test("the configuration is PyTorch's", () => {
    expect(config).toMatchObject({
      mode: "vera",
      architecture: "toy",
      hDim: 8,
      noiseDim: 2,
      lr: 2e-3,
      glr: 1e-3,
      beta1: 0,
      beta2: 0.9,
      decayRate: 0.3,
      generatorType: "vera",
      posteriorBatchNorm: "sample",
    });
    expect(config.decayEpochs.map((epoch) => Math.ceil(epoch * 50))).toEqual([100, 180]); // 50 iterations are an epoch
  });

  test("the same next iteration", async () => {
    expectSameStep(await iterate(step, state, expected, [2e-3, 1e-3]), expected, "");
  });

  test("the gradients, as Adam's second moments have them", async () => {
    const [next] = await iterate(step, state, expected, [2e-3, 1e-3]);
    const before = new Map(named(state.energy.optimizer.v));
    const squares = named(next.energy.optimizer.v).map(([name, v]): [string, NdArray] => {
      const old = before.get(name)!.data;
      return [name, { ...v, data: v.data.map((x, i) => (x - 0.9 * old[i]!) / 0.1) } as NdArray];
    });
    const references = [...below(expected, "gradient.e.")].map(([name, g]): [string, NdArray] => [
      name,
      { ...g, data: g.data.map((x) => x * x) } as NdArray,
    ]);
    // The difference of nearly equal moments, divided by 0.1, and a square: ten and two times the rounding.
    expectClose(new Map(squares), new Map(references), 5e-4);
  });

  test("the stream of older versions holds the same", async () => {
    const [zip, stream] = await Promise.all(
      ["toy.pt", "toy-stream.pt"].map((name) => readOriginal(readFileSync(file(name)), name)),
    );
    expect(stream).toEqual(zip);
  });
});

describe("a classifier with weight norm, β₁ > 0, weight decay and a schedule", () => {
  const expected = golden("jem");
  const model = networkEnergy(largeMlpEbm({ dataDim: 6, outputs: 3, hidden: [12, 8] }), 3);
  const sampler = generator(largeMlpGenerator({ noiseDim: 4, dataDim: 6, output: "none", hidden: 8 }), 4, [6]);
  const optimizer = adam({ beta1: 0.5, beta2: 0.9, weightDecay: 1e-3 });
  const step = veraStep({
    model,
    generator: sampler,
    estimator: variationalEstimator({ noiseDim: 4, optimizer: adam(), samples: 5 }),
    optimizers: { energy: optimizer, generator: optimizer },
    weights: { density: 1, pControl: 0.1, nControl: 0.05, pgControl: 0.3, clf: 2, clfEntropy: 0 },
    entropyWeight: 0.1,
    posteriorBatchNorm: "sample",
  }) as unknown as TrainingStep;
  let state: State;

  beforeAll(async () => {
    const original = await readOriginal(readFileSync(file("jem.pt")), "jem.pt");
    expect(original.jem).toBe(true);
    expect(original.decay).toEqual({ milestones: [3], gamma: 0.3 });
    expect(original.adam.energy!.options).toEqual({
      lr: 3e-4,
      initialLr: 1e-3,
      beta1: 0.5,
      beta2: 0.9,
      weightDecay: 1e-3,
    });
    state = trainState(original, step.init(new Rng(0))) as unknown as State;
  });

  test("the same outputs", async () => {
    const evaluate = (compile as unknown as (f: unknown) => (...args: unknown[]) => Promise<NdArray>)(
      (energy: never, x: Tensor) => model.evaluate(energy, x, { mode: "eval" }).logDensity,
    );
    const { params, state: buffers } = state.energy;
    const f = await evaluate({ params, state: buffers }, expected.get("x")!);
    expectClose(new Map([["f", f]]), new Map([["f", expected.get("f")!]]), 1e-5);
    const mean = (compile as unknown as (f: unknown) => (...args: unknown[]) => Promise<NdArray>)(
      (variables: never, z: Tensor) => sampler.mean(variables, z, { mode: "eval" }).mean,
    );
    const z = array(
      Array.from({ length: 64 }, (_, i) => i / 20 - 1),
      [16, 4],
    );
    const g = await mean({ params: state.generator.params.g, state: state.generator.state }, z);
    expectClose(new Map([["g", g]]), new Map([["g", expected.get("g")!]]), 1e-5);
  });

  test("the same next iteration", async () => {
    // There η is among the parameters of the generator's optimiser, too, whose weight decay moves it without a gradient.
    expectSameStep(await iterate(step, state, expected, [3e-4, 3e-4]), expected, "logp_net.", { eta: false });
  });

  test("the gradients, as Adam's first moments have them", async () => {
    const [next] = await iterate(step, state, expected, [3e-4, 3e-4]);
    for (const part of ["energy", "generator"] as const) {
      const params = new Map(named(state[part].params));
      const before = new Map(named(state[part].optimizer.m));
      const gradients = named(next[part].optimizer.m).map(([name, m]): [string, NdArray] => {
        const [old, p] = [before.get(name)!.data, params.get(name)!.data];
        const data = m.data.map((x, i) => (x - 0.5 * old[i]!) / 0.5 - 1e-3 * p[i]!);
        return [part === "energy" ? `logp_net.${name}` : name, { ...m, data } as NdArray];
      });
      const references = below(expected, `gradient.${part[0]}.`);
      references.delete("post_logsigma"); // has an optimiser of its own
      expectClose(new Map(gradients), references, 1e-4);
    }
  });
});
