/** Which folders become runs, what is replaced in them, and how a run that was cut off goes on. */
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { temporaryFor } from "../../src/files/index.js";
import {
  ConfigError,
  isOwn,
  loadRun,
  RunFolder,
  readMetrics,
  readSavedConfig,
  resolveConfig,
  train,
} from "../../src/runs/index.js";

let root: string;
let folder: string;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vera-run-folder-"));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(() => {
  folder = join(root, String(count++));
});

const SMALL = { dataset: "moons", batchSize: 20, printEvery: 5, evalEvery: 5, ckptEvery: 5, nIters: 10, threads: 1 };
const config = (more: Record<string, unknown> = {}) =>
  resolveConfig({ flags: { ...SMALL, plots: false, saveDir: folder, ...more } });
const resumed = async (more: Record<string, unknown> = {}) =>
  resolveConfig({ flags: { resume: folder, ...more }, saved: await readSavedConfig(folder) });

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

/** Contents by name. */
async function held(): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  const all = await Promise.all(files.map(async (f) => [f.slice(folder.length + 1), await readFile(f, "latin1")]));
  return Object.fromEntries(all);
}

const FOREIGN = {
  "figures/my-notes.txt": "notes",
  "figures/samples.svg": "a drawing",
  "figures/samples-12.png": "another",
  "checkpoints/mine.pt": "weights",
  "checkpoints/old/last.safetensors": "older weights",
  "events.out.tfevents.1700000000.host.1.0": "events",
  "metrics.json": "{}",
  "eval/classification.json": "{}",
  "notes.vera": "x",
};

describe("a folder that is no run", () => {
  test.each([
    ["figures", { "figures/a.png": "x" }],
    ["checkpoints", { "checkpoints/last.safetensors": "x" }],
    ["metrics", { "metrics.jsonl": "{}\n" }],
    ["a configuration of something else", { "config.json": '{"architecture": "bert"}' }],
    ["a configuration of vera's without a run", { "config.json": JSON.stringify(resolveConfig()) }],
    ["events", { "events.out.tfevents.1700000000.host": "x" }],
    ["a hidden file", { ".gitkeep": "" }],
  ])("with %s is refused, overwritten or not, and stays as it is", async (_, files) => {
    await put(files);
    for (const overwrite of [false, true]) {
      const started = train(config(), {}, { overwrite });
      await expect(started).rejects.toThrow(ConfigError);
      await expect(started).rejects.toThrow(`${folder} is not empty, and what it holds`);
      await expect(started).rejects.toThrow("name a folder that is new or empty");
    }
    await expect(train({ ...config(), resume: folder })).rejects.toThrow(`--resume: ${folder} holds no run of vera's`);
    expect(await held()).toEqual(files);
  });

  test("but is empty becomes one; what a killed process left does not count", async () => {
    await put({ ".vera-00000000-0000-4000-8000-000000000000.lock": "{" });
    const temporary = temporaryFor(join(folder, "config.json"));
    await writeFile(temporary, "{");
    const ago = new Date(Date.now() - 60_000);
    await utimes(temporary, ago, ago);
    await train(config());
    expect(Object.keys(await held()).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    await expect(train(config())).rejects.toThrow(`${folder} holds a run: continue it with --resume ${folder}`);
  });

  test("and is made for a run that cannot start is not left behind", async () => {
    await expect(train(config({ dataset: "mnist", dataRoot: join(root, "none") }))).rejects.toThrow("not found");
    await expect(readdir(folder)).rejects.toThrow("ENOENT");
  });
});

describe("overwriting a run", () => {
  test("replaces its own files and no others", async () => {
    await train(config({ plots: true, vizEvery: 5, sgldSteps: 10 }));
    const first = await held();
    expect(Object.keys(first).filter((name) => !isOwn(name))).toEqual([]);
    expect(Object.keys(first)).toContain("figures/samples-0000005.svg");
    expect(Object.keys(first)).toContain("figures/samples-0000005.vl.json");
    await put({ ...FOREIGN, "calibration.json": "{}" });
    await train(config({ seed: 7, nIters: 5 }), {}, { overwrite: true });
    const second = await held();
    expect(second).toMatchObject(FOREIGN);
    const own = Object.keys(second).filter((name) => !(name in FOREIGN));
    expect(own.map((name) => name.replace(/\d{10}/, "N")).sort()).toEqual([
      "checkpoints/best.safetensors",
      "checkpoints/last.safetensors",
      "config.json",
      "events.out.tfevents.N.vera",
      "log.jsonl",
      "metrics.jsonl",
    ]);
    expect((await loadRun(folder)).config.seed).toBe(7);
    expect((await readMetrics(folder)).map(({ iteration }) => iteration)).toEqual([5, 5, 5]);
  });

  test("that cannot start leaves it", async () => {
    await train(config());
    const before = await held();
    const impossible = config({ dataset: "mnist", dataRoot: join(root, "none") });
    await expect(train(impossible, {}, { overwrite: true })).rejects.toThrow("not found");
    expect(await held()).toEqual(before);
  });

  test("by the library's folder follows the same rules", async () => {
    await put(FOREIGN);
    await expect(RunFolder.claim(folder, { overwrite: true })).rejects.toThrow(ConfigError);
    expect(await held()).toEqual(FOREIGN);
  });
});

describe("resuming", () => {
  test("a run that was killed before its first checkpoint begins it again", async () => {
    const whole = await train(config());
    const last = (await held())["checkpoints/last.safetensors"];
    await rm(join(folder, "checkpoints"), { recursive: true });
    await put({ "metrics.jsonl": '{"iteration":5,"kind":"train","loss_energy":1}\n' });
    const messages: string[] = [];
    expect(await train(await resumed(), { onMessage: (text) => messages.push(text) })).toEqual(whole);
    expect(messages[0]).toContain("stopped before its first checkpoint");
    expect((await held())["checkpoints/last.safetensors"]).toBe(last);
    expect((await readMetrics(folder)).filter(({ kind }) => kind === "train")).toHaveLength(2);
  });

  test("one whose checkpoint is lost is refused, and keeps what it has", async () => {
    await train(config());
    await rm(join(folder, "checkpoints", "last.safetensors"));
    const before = await held();
    await expect(train(await resumed())).rejects.toThrow(/last\.safetensors is not there: restore it, or start again/);
    expect(await held()).toEqual(before);
  });

  test("a finished run tests nothing again; trained on, it has one test, the last", async () => {
    await train(config());
    const before = await readMetrics(folder);
    const messages: string[] = [];
    await train(await resumed(), { onMessage: (text) => messages.push(text) });
    expect(await readMetrics(folder)).toEqual(before);
    expect(messages.at(-1)).toContain("is finished; to train on, give more iterations");
    await train(await resumed({ nIters: 15 }));
    const tests = (await readMetrics(folder)).filter(({ kind }) => kind === "test");
    expect(tests.map(({ iteration }) => iteration)).toEqual([15]);
  });

  test("keeps files of others, and their event files", async () => {
    await train(config());
    await put(FOREIGN);
    await train(await resumed({ nIters: 15 }));
    expect(await held()).toMatchObject(FOREIGN);
  });

  test("a checkpoint continued in a new folder by --ckpt-path ends there, too", async () => {
    await train(config());
    const elsewhere = join(folder, "checkpoints", "last.safetensors");
    const saveDir = `${folder}-continued`;
    const more = config({ saveDir, ckptPath: elsewhere, nIters: 15, evalEvery: 0 });
    expect(await train(more)).toEqual({ iteration: 15, iterations: 15 });
  });
});

test("two runs in one folder at a time are refused", async () => {
  const first = await RunFolder.claim(folder);
  await expect(train(config())).rejects.toThrow(/is in use by another training run \(process \d+/);
  await first.release();
  await train(config());
  const again = await RunFolder.claim(folder, { resume: true });
  await expect(train(await resumed())).rejects.toThrow("is in use");
  await again.release();
});
