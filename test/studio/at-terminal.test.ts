import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FolderLock } from "../../src/files/index.js";
import { compared, listed, trashed } from "../../src/studio/index.js";
import { writeRun } from "./synthetic-runs.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-runs-"));
  for (const [name, lr, accuracy] of [
    ["a", 4e-3, 0.9],
    ["b", 2e-3, 0.95],
  ] as const) {
    const lines = [{ iteration: 9, kind: "test", accuracy }];
    await writeRun(folder, { name, flags: { dataset: "digits", clfOnly: true, nIters: 9, lr }, lines });
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a list of all runs, with what their tests say", async () => {
  const [heading, ...rows] = await listed([folder]);
  expect(heading).toEqual(["run", "state", "data", "mode", "iteration", "accuracy"]);
  expect(rows.map(([name, , ...rest]) => [name, ...rest]).sort()).toEqual([
    ["a", "digits", "clf-only", "9 of 9", "0.9"],
    ["b", "digits", "clf-only", "9 of 9", "0.95"],
  ]);
});

test("of runs side by side what differs", async () => {
  const paths = [join(folder, "a"), join(folder, "b")];
  const rows = await compared(paths);
  expect(rows[0]).toEqual(["", ...paths]);
  expect(rows).toContainEqual(["lr", "0.004", "0.002"]);
  expect(rows).toContainEqual(["test/accuracy", "0.9", "0.95"]);
  expect(rows.map(([name]) => name)).not.toContain("dataset");
});

test("what is deleted lies in the trash; what trains, or is no run, stays", async () => {
  const lock = await FolderLock.take(join(folder, "b"));
  await expect(trashed(join(folder, "b"))).rejects.toThrow(/b trains .*stop it before it is deleted/);
  await lock.release();
  await mkdir(join(folder, "mine"));
  await expect(trashed(join(folder, "mine"))).rejects.toThrow(/mine holds no run/);
  const to = await trashed(join(folder, "b"));
  expect(to).toContain(join(".vera-trash", "b "));
  expect(existsSync(join(to, "metrics.jsonl"))).toBe(true);
  expect(existsSync(join(folder, "b"))).toBe(false);
  expect((await listed([folder])).map(([name]) => name)).toEqual(["run", "a"]);
});
