/** One owner at a time, and none that is gone. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileError, FolderLock } from "../../src/files/index.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** The claim that this process would leave, changed, under a name of its own. */
async function claimOf(changes: Record<string, unknown>): Promise<string> {
  const lock = await FolderLock.take(folder);
  const [name] = await readdir(folder);
  const claim = JSON.parse(await readFile(join(folder, name!), "utf8")) as Record<string, unknown>;
  await lock.release();
  const file = join(folder, ".vera-00000000-0000-4000-8000-000000000000.lock");
  await writeFile(file, JSON.stringify({ ...claim, ...changes }));
  return file;
}

const ended = () => spawnSync(process.execPath, ["-e", ""]).pid;

test("a second owner is refused, with the first one's process and the way out", async () => {
  const lock = await FolderLock.take(folder);
  const second = FolderLock.take(folder);
  await expect(second).rejects.toThrow(FileError);
  await expect(second).rejects.toThrow(`${folder} is in use by another training run (process ${process.pid}, since`);
  await expect(second).rejects.toThrow(`stop it with: kill ${process.pid}`);
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
  await (await FolderLock.take(folder)).release();
});

test("the claim of a process that is gone does not count, and goes", async () => {
  const stale = await claimOf({ pid: ended() });
  const lock = await FolderLock.take(folder);
  expect(existsSync(stale)).toBe(false);
  await lock.release();
});

test.runIf(existsSync("/proc/self/stat"))(
  "a process that has got the number of one that is gone is another",
  async () => {
    await claimOf({ started: "1" });
    await (await FolderLock.take(folder)).release();
  },
);

test("of another machine, a claim counts as long as it is renewed", async () => {
  const elsewhere = await claimOf({ place: "elsewhere", host: "elsewhere", pid: ended() });
  const taken = FolderLock.take(folder);
  await expect(taken).rejects.toThrow(/process \d+ on elsewhere, since .*its claim ends within two minutes/);
  const old = new Date(Date.now() - 150_000);
  await utimes(elsewhere, old, old);
  const lock = await FolderLock.take(folder);
  expect(existsSync(elsewhere)).toBe(false);
  await lock.release();
});

test("of many at once one at most gets it", async () => {
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => FolderLock.take(folder)));
  const locks = results.filter((r) => r.status === "fulfilled").map((r) => r.value);
  expect(locks.length).toBeLessThanOrEqual(1);
  for (const lock of locks) await lock.release();
  expect(await readdir(folder)).toEqual([]);
});
