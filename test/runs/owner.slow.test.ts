/** Two processes and one run: the second is refused while the first lives, and takes over once it was killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFor } from "../../src/files/index.js";
import { readMetrics, readSavedConfig, resolveConfig, train } from "../../src/runs/index.js";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "vera-owner-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const child = fileURLToPath(new URL("run-child.ts", import.meta.url));
const FLAGS = { dataset: "moons", batchSize: 20, plots: false, threads: 1, printEvery: 10, evalEvery: 0 };

/** Starts a run in a process of its own, and waits until it trains. */
async function training(flags: Readonly<Record<string, unknown>>): Promise<ChildProcess> {
  const process_ = spawn(process.execPath, ["--import", "tsx", child, JSON.stringify(flags)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(process_.stdout!, "data");
  return process_;
}

async function kill(process_: ChildProcess): Promise<void> {
  const ended = once(process_, "exit");
  process_.kill("SIGKILL");
  await ended;
}

const resumed = async (folder: string, more: Readonly<Record<string, unknown>> = {}) =>
  resolveConfig({ flags: { resume: folder, ...more }, saved: await readSavedConfig(folder) });

test("a run has one process at a time, and one that was killed is no owner", async () => {
  const saveDir = join(root, "run");
  const flags = { ...FLAGS, nIters: 1_000_000, ckptEvery: 20, saveDir };
  const first = await training(flags);
  const busy = new RegExp(`is in use by another training run \\(process ${first.pid}, since .*kill ${first.pid}`);
  await expect(train(await resumed(saveDir))).rejects.toThrow(busy);
  await expect(train(resolveConfig({ flags }), {}, { overwrite: true })).rejects.toThrow(busy);
  while (!(await readdir(saveDir)).includes("checkpoints")) await new Promise((next) => setTimeout(next, 50));
  await kill(first);

  const left = temporaryFor(join(saveDir, "checkpoints", "last.safetensors"));
  await writeFile(left, "half a checkpoint");
  const ago = new Date(Date.now() - 60_000);
  await utimes(left, ago, ago);
  const stop = new AbortController();
  const { iteration } = await train(await resumed(saveDir), {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  expect(iteration).toBeGreaterThan(20);
  const files = await readdir(saveDir, { recursive: true });
  expect(files.filter((name) => /\.(tmp|lock)$/.test(name))).toEqual([]);
});

test("a run that was killed before its first checkpoint can be resumed", async () => {
  const saveDir = join(root, "early");
  const first = await training({ ...FLAGS, nIters: 1_000_000, ckptEvery: 0, saveDir });
  await kill(first);
  expect(await readdir(saveDir)).not.toContain("checkpoints");
  const stop = new AbortController();
  const messages: string[] = [];
  await train(await resumed(saveDir), {
    signal: stop.signal,
    onMessage: (text) => messages.push(text),
    onProgress: ({ iteration }) => iteration >= 20 && stop.abort(),
  });
  expect(messages[0]).toContain("stopped before its first checkpoint");
  expect((await readMetrics(saveDir)).map(({ iteration }) => iteration)).toEqual([10, 20]);
});
