/** Sizes that cannot fit are refused before memory is taken, and those that can are not. */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { weightNorm } from "../../src/nn/index.js";
import { linear } from "../../src/nn/layers/index.js";
import { ConfigError, PRESETS, resolveConfig, train } from "../../src/runs/index.js";
import { machineMemory, refuseBeyondMemory } from "../../src/runs/setup/machine.js";
import { refuseTooLarge, runMemory } from "../../src/runs/setup/memory.js";
import { outline, Rng } from "../../src/runtime/index.js";
import { countNumbers } from "../../src/train/trainer.js";

const GB = 2 ** 30;
const NONE = { kind: "none" } as const;
const classes = (count: number | null) =>
  count === null || count === 0 ? null : Array.from({ length: count }, String);

/** As `train` refuses it, on a machine of 16 GB. */
function refuse(flags: Readonly<Record<string, unknown>>, available = 16 * GB): void {
  const config = resolveConfig({ flags });
  refuseTooLarge(config, { shape: config.shape!, classes: classes(config.classes), preprocessing: NONE }, available);
}

describe("a run that cannot fit", () => {
  test.each([
    ["batch-size", { batchSize: 1e9 }],
    ["h-dim", { hDim: 100_000 }],
    ["h-dim", { hDim: 1e9, batchSize: 1000 }],
    ["noise-dim", { noiseDim: 1e9 }],
    ["posterior-samples", { posteriorSamples: 1e9 }],
    ["density-draws", { densityDraws: 1e9 }],
    ["mog-comps", { mogComps: 1e9, ssm: true }],
    ["buffer-size", { jemBaseline: true, bufferSize: 1e9 }],
    ["ed-negatives", { energyDiscrepancy: true, edNegatives: 1e9, dataset: "digits" }],
    ["scan", { scan: 1e9, nIters: 1e9, printEvery: 0, evalEvery: 0, vizEvery: 0, ckptEvery: 0 }],
    ["dcgan-width", { dataset: "cifar10", dcganWidth: 100_000 }],
    ["g-feats", { dataset: "cifar10", resnet: true, gFeats: 100_000 }],
  ])("is refused by the option that takes most, --%s", (flag, flags) => {
    expect(() => refuse(flags)).toThrow(ConfigError);
    expect(() => refuse(flags)).toThrow(
      new RegExp(`^--${flag} \\d+: training would need about [\\d,.]+ GB of memory, `),
    );
    expect(() => refuse(flags)).toThrow(`and this machine has 16 GB; choose a smaller --${flag}`);
  });

  test("or whose checkpoint could not be read", () => {
    expect(() => refuse({ hDim: 20_000 }, 1000 * GB)).toThrow(
      /^--h-dim 20000: a checkpoint would have 6 GB, and 2 GB can be read/,
    );
  });

  test("is refused by the library, and leaves no folder", async () => {
    const saveDir = join(tmpdir(), `vera-too-large-${process.pid}`);
    const config = resolveConfig({ flags: { dataset: "moons", batchSize: 1e9, saveDir } });
    await expect(train(config)).rejects.toThrow(/^--batch-size 1000000000: training would need/);
    expect(existsSync(saveDir)).toBe(false);
  });
});

describe("a run that fits", () => {
  const presets = Object.keys(PRESETS).filter((name) => !["table", "pictures"].includes(name));

  test.each(presets)("is not refused: %s", (preset) => {
    const config = resolveConfig({ preset });
    refuseTooLarge(config, { shape: config.shape!, classes: classes(config.classes), preprocessing: NONE }, 8 * GB);
  });

  test("is known by the order of its sizes", () => {
    const of = (flags: Readonly<Record<string, unknown>>) => {
      const config = resolveConfig({ flags: { dataset: "moons", ...flags } });
      return runMemory(config, { shape: [2], classes: null, preprocessing: NONE });
    };
    const plain = of({});
    expect(of({ batchSize: 400 }).all).toBeGreaterThan(plain.all);
    expect(of({ ema: 0.9 }).checkpoint).toBeGreaterThan(plain.checkpoint);
    // 1000 × 1000 weights in both networks, each with its second moment.
    expect(of({ hDim: 1000 }).checkpoint).toBeGreaterThan(4 * 4e6);
    expect(of({ hDim: 1000 }).checkpoint).toBeLessThan(4 * 4.1e6);
  });
});

describe("counts", () => {
  test("are compared with the machine, and with what one array can have", () => {
    expect(() => refuseBeyondMemory("--count 5", 2 * GB, { available: GB })).toThrow(
      new ConfigError("--count 5 would need about 2 GB of memory, and this machine has 1 GB: choose a smaller number"),
    );
    expect(() => refuseBeyondMemory("--count 5", GB, { available: GB })).not.toThrow();
    expect(() => refuseBeyondMemory("--count 5", GB, { available: 100 * GB, numbers: 2 ** 32 })).toThrow(
      /an array of 16 GB/,
    );
    expect(machineMemory()).toBeGreaterThan(GB / 4);
  });
});

describe("an outline", () => {
  test("has sizes and no elements", () => {
    const { data, size, shape } = outline(() => new Rng(0).normal([1e6, 1e6]));
    expect([data.length, size, shape]).toEqual([0, 1e12, [1e6, 1e6]]);
    expect(new Rng(0).normal([2, 3]).data).toHaveLength(6);
  });

  test("of a layer has as many numbers as the layer", () => {
    const layer = weightNorm(linear(3, 4));
    expect(countNumbers(outline(() => layer.init(new Rng(0))))).toBe(countNumbers(layer.init(new Rng(0))));
  });

  test("ends where its function throws", () => {
    expect(() =>
      outline(() => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(new Rng(0).uniform([2]).data).toHaveLength(2);
  });
});
