/** Whole runs, small: what a run leaves behind, how it stops, how it fails. */
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  CheckpointError,
  DivergenceError,
  describe as describeRun,
  FileError,
  loadRun,
  readSavedConfig,
  resolveConfig,
  type TrainHooks,
  train,
} from "../../src/runs/index.js";
import { UNSAVED } from "../../src/runs/schedule.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-train-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const COMMON = { batchSize: 20, printEvery: 5, evalEvery: 10, ckptEvery: 5, plots: false, threads: 1 };
const config = (flags: Record<string, unknown>) => resolveConfig({ flags: { ...COMMON, ...flags } });
const hooks = (more: Partial<TrainHooks> = {}): TrainHooks => ({
  onProgress: () => {},
  onMessage: () => {},
  signal: new AbortController().signal,
  ...more,
});

test.each([
  [1000, UNSAVED, [false, true, true]],
  [1000, UNSAVED - 1, [false, false, true]], // twice that is long enough
  [0, UNSAVED, [false, false, false]],
])(
  "with --ckpt-every %i and %i ms an iteration there is a checkpoint after iteration 1, 2, 3: %j",
  async (ckptEvery, ms, there) => {
    let now = Date.now();
    const clock = vi.spyOn(Date, "now").mockImplementation(() => now);
    const saveDir = join(folder, `slow-${ckptEvery}-${ms}`);
    const seen: boolean[] = [];
    const onProgress = () => {
      seen.push(existsSync(join(saveDir, "checkpoints", "last.safetensors"))); // what was saved before this iteration
      now += ms;
    };
    try {
      await train(
        config({ dataset: "moons", ckptEvery, evalEvery: 0, scan: 1, nIters: 3, saveDir }),
        hooks({ onProgress }),
      );
    } finally {
      clock.mockRestore();
    }
    expect(seen).toEqual(there);
  },
);

describe("a run of digits", () => {
  const messages: string[] = [];
  const path = () => join(folder, "digits");
  beforeAll(
    () =>
      train(
        config({
          dataset: "digits",
          jem: true,
          noiseDim: 8,
          ema: 0.9,
          nIters: 30,
          plots: true,
          vizEvery: 30,
          sgldSteps: 10,
          saveDir: path(),
        }),
        hooks({ onMessage: (text) => messages.push(text) }),
      ),
    30_000,
  );

  test("leaves a folder with everything in it, and nothing half-written", async () => {
    const files = await readdir(path(), { recursive: true });
    for (const name of [
      "config.json",
      "metrics.jsonl",
      "checkpoints/last.safetensors",
      "checkpoints/best.safetensors",
    ]) {
      expect(files).toContain(name);
    }
    for (const name of [
      "samples.png",
      "reliability.svg",
      "reliability.vl.json",
      "log-density.png",
      "chains-latent.png",
      "refined-input.png",
    ]) {
      expect(files).toContain(`figures/${name}`);
    }
    expect(files.filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(files.some((name) => name.startsWith("events.out.tfevents."))).toBe(true);
  });

  test("logs metrics by documented names", async () => {
    const lines = (await readFile(join(path(), "metrics.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((l) => JSON.parse(l));
    const documented = await readFile(new URL("../../docs/metrics.md", import.meta.url), "utf8");
    expect(lines.filter((l) => l.kind === "train").map((l) => l.iteration)).toEqual([5, 10, 15, 20, 25, 30]);
    expect(lines.filter((l) => l.kind === "validation").map((l) => l.iteration)).toEqual([10, 20, 30]);
    expect(lines.at(-1)).toMatchObject({
      kind: "test",
      iteration: 30,
      chosen_by: expect.stringContaining("validation accuracy"),
    });
    for (const name of new Set(lines.flatMap((l) => Object.keys(l)))) expect(documented).toContain(`\`${name}\``);
    expect(messages.join("\n")).toMatch(/accuracy .*ECE .*OOD AUROC/);
  });

  test("can be loaded, by its folder or a checkpoint", async () => {
    const run = await loadRun(path());
    expect(run.info.data).toMatchObject({ name: "digits", shape: [1, 8, 8] });
    expect(run.generator?.model.noiseDim).toBe(8);
    const last = await loadRun(join(path(), "checkpoints", "last.safetensors"));
    expect(last.iteration).toBe(30);
    await expect(loadRun(join(folder, "nowhere"))).rejects.toThrow(/there is no run or checkpoint at/);
  });

  test("a damaged checkpoint is refused, naming the file and the way out", async () => {
    const last = join(path(), "checkpoints", "last.safetensors");
    const bytes = await readFile(last);
    await truncate(last, bytes.length - 100);
    const resumed = resolveConfig({ flags: { resume: path() }, saved: await readSavedConfig(path()) });
    await expect(train(resumed, hooks())).rejects.toThrow(CheckpointError);
    await expect(train(resumed, hooks())).rejects.toThrow(/last\.safetensors is damaged: .*another checkpoint/);
    await writeFile(last, bytes);
  });
});

test("of checkpoints that validate alike the last is tested", async () => {
  const path = join(folder, "tie");
  // At this rate no prediction changes.
  const still = { dataset: "digits", jem: true, noiseDim: 4, nIters: 20, lr: 1e-12, glr: 1e-12, saveDir: path };
  await train(config(still), hooks());
  const lines = (await readFile(join(path, "metrics.jsonl"), "utf8")).trim().split("\n");
  expect(JSON.parse(lines.at(-1)!).chosen_by).toBe("validation accuracy, iteration 20");
});

test("stopped by its signal, or where it was told to, a run saves and continues to the same end", async () => {
  const flags = { dataset: "moons", nIters: 40 };
  const [whole, stopped] = [join(folder, "whole"), join(folder, "stopped")];
  await train(config({ ...flags, saveDir: whole }), hooks());
  const controller = new AbortController();
  const halves = await train(
    config({ ...flags, saveDir: stopped }),
    hooks({ signal: controller.signal, onProgress: ({ iteration }) => iteration >= 15 && controller.abort() }),
  );
  expect(halves).toEqual({ iteration: 15, iterations: 40 });
  const resume = async (more: Partial<TrainHooks>) =>
    train(resolveConfig({ flags: { resume: stopped }, saved: await readSavedConfig(stopped) }), hooks(more));
  expect(await resume({ until: 23 })).toEqual({ iteration: 23, iterations: 40 });
  expect(await resume({ until: 22 })).toEqual({ iteration: 23, iterations: 40 }); // it is past that
  expect(await resume({ until: 50 })).toEqual({ iteration: 40, iterations: 40 });
  const last = (path: string) => readFile(join(path, "checkpoints", "last.safetensors"));
  expect((await last(stopped)).equals(await last(whole))).toBe(true);
});

test("divergence names the term, the iteration and the checkpoint that is kept", async () => {
  const diverging = config({ dataset: "moons", nIters: 400, lr: 1e4, glr: 1e4, saveDir: join(folder, "diverges") });
  const failure = await train(diverging, hooks()).then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(DivergenceError);
  expect((failure as Error).message).toMatch(
    /training diverged: \w+ is (NaN|-?Infinity|-?[\d.e+]+) at iteration \d+; .*--lr/,
  );
});

test("divergence before the first --ckpt-every names the checkpoint that validation chose", async () => {
  const saveDir = join(folder, "diverges-early");
  const flags = { dataset: "digits", jem: true, lr: 1, nIters: 400, evalEvery: 2, ckptEvery: 0, saveDir };
  await expect(train(config(flags), hooks())).rejects.toThrow(/diverged: .*checkpoint is kept: .*best\.safetensors/);
});

test("a folder that cannot be written is one clear message", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  const blocked = config({ dataset: "moons", nIters: 5, saveDir: join(file, "run") });
  await expect(train(blocked, hooks())).rejects.toThrow(FileError);
  await expect(train(blocked, hooks())).rejects.toThrow(/cannot write .*a part of the path is a file/);
});

test("data that has changed since is refused on resuming", async () => {
  const path = join(folder, "changed");
  const table = join(folder, "table.csv");
  const rows = Array.from({ length: 80 }, (_, i) => `${i % 7},${(i * i) % 11},${i % 2 ? "a" : "b"}`);
  await writeFile(table, ["u,v,label", ...rows].join("\n"));
  await train(
    config({ csv: table, label: "label", jem: true, vera: true, base: "none", noiseDim: 4, nIters: 5, saveDir: path }),
    hooks(),
  );
  await writeFile(table, ["u,v,label", ...rows.with(3, "9,9,a")].join("\n"));
  const resumed = resolveConfig({ flags: { resume: path, nIters: 10 }, saved: await readSavedConfig(path) });
  await expect(train(resumed, hooks())).rejects.toThrow(/fingerprint differs/);
});

test("describe tells the networks, the data and the memory", async () => {
  const text = await describeRun(config({ dataset: "digits", jem: true, noiseDim: 8 }));
  expect(text).toMatch(
    /model[\s\S]*generator[\s\S]*1258 training[\s\S]*iterations: \d+, each of \d+ examples[\s\S]*memory of an iteration: about \d+ MiB/,
  );
});
