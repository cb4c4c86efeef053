/** Files that are whole or as they were, and nothing else touched. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  clearTemporaries,
  FileError,
  keep,
  makeFolder,
  replaceFile,
  temporaryFor,
  writeAtomic,
} from "../../src/files/index.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-files-"));
});
afterEach(() => rm(folder, { recursive: true }));

test("makes folders, and says whether there was one", async () => {
  expect(await makeFolder(join(folder, "a", "b"))).toBe(true);
  expect(await makeFolder(join(folder, "a", "b"))).toBe(false);
  await writeFile(join(folder, "file"), "");
  await expect(makeFolder(join(folder, "file", "x"))).rejects.toThrow();
});

test.runIf(existsSync("/proc/self"))("where no folder can be made it fails, and does not try forever", async () => {
  await expect(makeFolder("/proc/x")).rejects.toThrow("ENOENT");
  await expect(writeAtomic("/proc/x/y/z.json", "")).rejects.toThrow(/cannot write .*choose another folder/);
});

test("neither a folder nor a device gives way to a file", async () => {
  await mkdir(join(folder, "out.csv"));
  await expect(writeAtomic(join(folder, "out.csv"), "x")).rejects.toThrow(/it is a folder; name another/);
  if (process.platform === "win32") return;
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  await expect(writeAtomic(pipe, "x")).rejects.toThrow(FileError);
  expect((await lstat(pipe)).isFIFO()).toBe(true);
});

test("a file that is not finished leaves the old one, and nothing beside it", async () => {
  const file = join(folder, "a.csv");
  await writeFile(file, "old");
  await replaceFile(file, async (temporary) => {
    await writeFile(temporary, "half");
    return false;
  });
  const failing = replaceFile(file, async (temporary) => {
    await writeFile(temporary, "half");
    throw new Error("broken");
  });
  await expect(failing).rejects.toThrow("broken");
  expect(await readFile(file, "utf8")).toBe("old");
  expect(await readdir(folder)).toEqual(["a.csv"]);
});

test("of temporary files only old ones of our own are removed", async () => {
  const [old, fresh] = [temporaryFor(join(folder, "a")), temporaryFor(join(folder, "a"))];
  const others = ["x.tmp", ".vera.tmp", ".vera-notes.tmp", ".0f8b1c9e-1d2a-4c3b-9e8f-001122334455.tmp"];
  const ago = new Date(Date.now() - 60_000);
  for (const path of [old, fresh, ...others.map((name) => join(folder, name))]) {
    await writeFile(path, "");
    if (path !== fresh) await utimes(path, ago, ago);
  }
  await clearTemporaries(folder, Date.now() - 30_000);
  expect(existsSync(old)).toBe(false);
  expect(existsSync(fresh)).toBe(true);
  expect(await readdir(folder)).toEqual(expect.arrayContaining(others));
});

test("what cannot be kept is a note; other errors stay errors", async () => {
  const notes: string[] = [];
  await writeFile(join(folder, "file"), "");
  await keep(
    () => writeAtomic(join(folder, "file", "x.json"), ""),
    (text) => notes.push(text),
  );
  expect(notes).toEqual([expect.stringMatching(/^not kept: cannot write .*x\.json: a part of the path is a file/)]);
  const bug = keep(
    () => Promise.reject(new TypeError("bug")),
    () => {},
  );
  await expect(bug).rejects.toThrow("bug");
});
