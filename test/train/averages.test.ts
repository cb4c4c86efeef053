/** Averages of weights and of batch norm's statistics, as a trainer keeps them. */
import { describe, expect, test } from "vitest";
import { loadDataset } from "../../src/data/index.js";
import type { GeneratorVariables, TrainState } from "../../src/ebm/index.js";
import { leaves, type Tensor } from "../../src/graph/index.js";
import { resolveConfig } from "../../src/runs/index.js";
import { setup } from "../../src/runs/setup/setup.js";
import { compile, isArray, type NdArray, streams } from "../../src/runtime/index.js";

async function start(flags: Record<string, unknown>) {
  const config = resolveConfig({
    flags: { dataset: "moons", hDim: 12, batchSize: 40, noiseDim: 2, threads: 1, saveDir: "none", ...flags },
  });
  return setup(config, await loadDataset("moons"));
}

/** The numbers of the networks that are averaged, and those that are counted. */
function numbers(state: TrainState<NdArray>): { averaged: number[]; counted: number[] } {
  const { energy, generator } = state as TrainState<NdArray> & { generator: GeneratorVariables<NdArray> };
  const all = [energy.params, generator.params, generator.state].flatMap((tree) => leaves(tree, isArray));
  const of = (dtype: string) => all.filter(([, x]) => x.dtype === dtype).flatMap(([, x]) => Array.from(x.data));
  return { averaged: of("f32"), counted: of("i32") };
}

describe("averages", () => {
  test("are of all iterations but the start, the later the more, as their decay says", async () => {
    const decay = 0.8;
    const { trainer } = await start({ ema: decay });
    const expected = numbers(trainer.state).averaged.fill(Number.NaN);
    for (let steps = 0; steps < 60; steps++) {
      await trainer.advance(1);
      const now = numbers(trainer.state).averaged;
      const share = 1 - Math.min(decay, steps / (steps + 10));
      now.forEach((v, i) => {
        expected[i] = share === 1 ? v : expected[i]! + share * (v - expected[i]!); // the start, NaN, would show
      });
    }
    const { averaged, counted } = numbers(trainer.averagedState);
    const errors = averaged.map((v, i) => Math.abs(v - expected[i]!) / Math.max(1, Math.abs(v)));
    expect(Math.max(...errors)).toBeLessThan(1e-5); // 60 steps in 32 bits
    expect(counted).toEqual(numbers(trainer.state).counted);
    expect(counted.every((n) => n === 60)).toBe(true);
    expect(averaged).not.toEqual(numbers(trainer.state).averaged);
  });

  test("several iterations in one call of the engine are the same as one by one", async () => {
    const [one, ten] = [await start({ ema: 0.9, scan: 1 }), await start({ ema: 0.9, scan: 10 })];
    await one.trainer.advance(20);
    await ten.trainer.advance(20);
    expect(numbers(ten.trainer.averagedState)).toEqual(numbers(one.trainer.averagedState));
  });

  test("without decay there are none", async () => {
    const { trainer } = await start({});
    await trainer.advance(2);
    expect(trainer.averagedState).toBe(trainer.state);
    const names = leaves(trainer.snapshot.arrays, isArray).map(([name]) => name);
    expect(names.filter((name) => !name.startsWith("train."))).toEqual([]);
  });
});

test("batch norm's averaged statistics fit the averaged weights better than the last ones do", async () => {
  const { trainer, algorithm } = await start({ ema: 0.98, lr: 3e-3, glr: 3e-3, minSigma: 0.1 });
  const generator = algorithm.generator!;
  await trainer.advance(300);
  type Own = { readonly generator: GeneratorVariables<NdArray> };
  const average = (trainer.averagedState as unknown as Own).generator;
  const last = (trainer.state as unknown as Own).generator;
  type Run = (v: GeneratorVariables<NdArray>, z: NdArray) => Promise<NdArray>;
  const mapped = (mode: "train" | "eval") =>
    compile(
      ((v: GeneratorVariables<Tensor>, z: Tensor) =>
        generator.mean({ params: v.params.g, state: v.state }, z, { mode }).mean) as never,
    ) as unknown as Run;
  const z = streams(1).for("z").normal([5000, generator.noiseDim]);
  // What the averaged weights make of so many draws by their own statistics.
  const reference = await mapped("train")(average, z);
  const evaluated = mapped("eval");
  const distance = async (state: GeneratorVariables<NdArray>["state"]) => {
    const { data } = await evaluated({ params: average.params, state }, z);
    const squares = Array.from(data, (v, i) => (v - reference.data[i]!) ** 2);
    return Math.sqrt(squares.reduce((a, b) => a + b, 0) / data.length);
  };
  const [own, before] = [await distance(average.state), await distance(last.state)];
  expect(own).toBeLessThan(0.7 * before); // 0.07 and 0.19 where this was written
});
