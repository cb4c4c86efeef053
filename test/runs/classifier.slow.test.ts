/** Classifiers of users' tables: what a run from all labels, or few, leaves behind; odd tables; beginning again. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { exportOnnx } from "../../src/export/index.js";
import { softmaxRows } from "../../src/metrics/index.js";
import { loadRun, readSavedConfig, resolveConfig, type TrainHooks, train } from "../../src/runs/index.js";
import { Rng } from "../../src/runtime/index.js";
import { calibrationFor } from "../../src/score/calibration.js";
import { Probe } from "../../src/score/probe.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-classifier-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Blobs: class k lies around (k, -k). */
function blobs(n: number, classes: number, seed = 1, extra: (i: number, y: string) => string = (_, y) => y): string {
  const rng = new Rng(seed);
  const lines = Array.from({ length: n }, (_, i) => {
    const k = i % classes;
    const [a, b] = [2 * k + 0.5 * rng.gaussian(), -2 * k + 0.5 * rng.gaussian()];
    return `${a},${i % 7 === 0 ? "" : b},${"xyz"[rng.below(3)]},${extra(i, `c${k}`)}`;
  });
  return `${["a,b,t,label", ...lines].join("\n")}\n`;
}

async function run(name: string, csv: string, flags: Record<string, unknown>, hooks: Partial<TrainHooks> = {}) {
  const messages: string[] = [];
  const path = join(folder, `${name}.csv`);
  await writeFile(path, csv);
  const config = resolveConfig({
    flags: { csv: path, label: "label", plots: false, threads: 1, saveDir: join(folder, name), ...flags },
  });
  const result = await train(config, { onMessage: (text) => messages.push(text), ...hooks });
  return { result, messages: messages.join("\n"), folder: join(folder, name), path };
}

const linesOf = async (path: string) =>
  (await readFile(join(path, "metrics.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((l) => JSON.parse(l));

const predict = async (path: string, x: number[][]) => {
  const probe = new Probe(await loadRun(path));
  const { NdArray, array } = await import("../../src/runtime/index.js");
  const rows = array(x);
  return probe.predict(new NdArray(rows.data, rows.shape));
};

describe("all labels", () => {
  let done: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    done = await run("all", blobs(84, 3), { clfOnly: true });
  });

  test("says how good it is on rows held out, and keeps no split", async () => {
    expect(done.messages).toMatch(
      /22 of 84 rows, predicted by networks that did not learn from them: accuracy \d\.\d+, NLL/,
    );
    const last = (await linesOf(done.folder)).at(-1);
    expect(last).toMatchObject({ kind: "test", chosen_by: "rows held out" });
    expect(last.accuracy).toBeGreaterThan(0.9);
    const saved = await readSavedConfig(done.folder);
    expect(saved).toMatchObject({ architecture: "table-ensemble", mode: "clf-only" });
    const documented = await readFile(new URL("../../docs/metrics.md", import.meta.url), "utf8");
    for (const line of await linesOf(done.folder))
      for (const name of Object.keys(line)) expect(documented).toContain(`\`${name}\``);
  });

  test("is calibrated and exported without the table", async () => {
    await rm(done.path);
    const probe = new Probe(await loadRun(done.folder));
    const { temperature, oodThresholds, heldout } = await calibrationFor(probe, 0.05);
    expect(temperature).toBeNull(); // the model's own
    expect(heldout.length).toBe(22);
    expect(oodThresholds.find((t) => t.falseAlarmRate === 0.05)!.logDensity).toBeTypeOf("number");
    const notes: string[] = [];
    expect(
      (await exportOnnx(await loadRun(done.folder), { onNote: (text) => notes.push(text) })).length,
    ).toBeGreaterThan(1e5);
    expect(notes).toEqual([]);
  });

  test("a finished run stays as it is", async () => {
    await writeFile(done.path, blobs(84, 3));
    const checkpoint = () => readFile(join(done.folder, "checkpoints", "last.safetensors"));
    const before = await checkpoint();
    const messages: string[] = [];
    const config = resolveConfig({ flags: { resume: done.folder }, saved: await readSavedConfig(done.folder) });
    await train(config, { onMessage: (text) => messages.push(text) });
    expect(messages.join()).toMatch(/is finished/);
    expect((await checkpoint()).equals(before)).toBe(true);
  });

  test("one that is stopped begins again, and ends like one that is not", async () => {
    const controller = new AbortController();
    const stopped = await run("stopped", blobs(84, 3), { clfOnly: true }, {
      signal: controller.signal,
      onProgress: ({ iteration }) => iteration >= 200 && controller.abort(),
    } as Partial<TrainHooks>);
    expect(stopped.result).toEqual({ iteration: 200, iterations: 600 });
    const messages: string[] = [];
    const config = resolveConfig({ flags: { resume: stopped.folder }, saved: await readSavedConfig(stopped.folder) });
    await train(config, { onMessage: (text) => messages.push(text) });
    expect(messages.join()).toMatch(/starts from its beginning/);
    const last = (path: string) => readFile(join(path, "checkpoints", "last.safetensors"));
    const { readSafetensors } = await import("../../src/runtime/index.js");
    const [a, b] = [await last(stopped.folder), await last(done.folder)].map((bytes) => readSafetensors(bytes).tensors);
    expect([...a!.keys()]).toEqual([...b!.keys()]);
    for (const [name, { data }] of a!) expect(data, name).toEqual(b!.get(name)!.data);
  });
});

test("with a density: it falls far away, and probabilities go back to the classes' shares", async () => {
  const shares = (i: number, y: string) => (i % 3 === 2 && i % 2 === 0 ? "c0" : y);
  const { folder: path, messages } = await run("jem", blobs(120, 3, 1, shares), { jem: true });
  expect(messages).toMatch(/accuracy/);
  const { logDensity, logits } = await predict(path, [
    [0, 0, 1, 0, 0],
    [30, 30, 0, 0, 0],
  ]);
  expect(logDensity[0]!).toBeGreaterThan(logDensity[1]! + 10);
  const far = softmaxRows(logits!, 3).subarray(3, 6);
  expect(far[0]).toBeCloseTo(60 / 120, 2);
  expect(far[1]).toBeCloseTo(40 / 120, 2);
});

describe("few labels", () => {
  test("all rows teach, and a class with fewer labels gives all it has", async () => {
    const labels = (i: number, y: string) => (i < 4 || (i < 60 && i % 3 < 2) ? y : "");
    const { folder: path, messages } = await run("few", blobs(240, 3, 1, labels), { labelsPerClass: 5, clfOnly: true });
    expect(messages).toMatch(/fewer than 5 labels, all of which are used: "c2" \(1\)/);
    expect(messages).not.toMatch(/did not learn from them/);
    const run_ = await loadRun(path);
    const { mean, std } = (
      run_.info.data.preprocessing as never as { columns: { mean: number; std: number }[] }
    ).columns.reduce((all, c) => ({ mean: [...all.mean, c.mean], std: [...all.std, c.std] }), {
      mean: [] as number[],
      std: [] as number[],
    });
    const at = (k: number) => [(2 * k - mean[0]!) / std[0]!, (-2 * k - mean[1]!) / std[1]!, 1, 0, 0];
    const { logits } = await predict(path, [at(0), at(1), at(2)]);
    const best = [0, 1, 2].map((i) => {
      const row = Array.from(logits!.subarray(3 * i, 3 * i + 3));
      return row.indexOf(Math.max(...row));
    });
    expect(best).toEqual([0, 1, 2]);
  });
});

describe("odd tables", () => {
  test.each([
    ["two rows", "a,label\n1,x\n2,y\n"],
    [
      "a class of one row, unlabelled rows, missing values",
      blobs(20, 2, 3, (i, y) => (i === 3 ? "rare" : i > 14 ? "" : y)),
    ],
    [
      "more classes than folds",
      `a,label\n${Array.from({ length: 24 }, (_, i) => `${i % 12},k${i % 12}`).join("\n")}\n`,
    ],
    [
      "categories alone",
      `a,label\n${Array.from({ length: 30 }, (_, i) => `${"uvw"[i % 3]},${i % 3 === 0}`).join("\n")}\n`,
    ],
  ])("%s", async (name, csv) => {
    const { folder: path } = await run(name.replaceAll(/\W/g, "-"), csv, { clfOnly: true });
    const last = (await linesOf(path)).at(-1);
    expect(last.kind).toBe("test");
    expect(Number.isFinite(last.nll)).toBe(true);
    const { model } = await loadRun(path);
    expect(model.classes).toBeGreaterThan(1);
  });
});
