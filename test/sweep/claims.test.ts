/** Members of a sweep that several processes share. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderLock } from "../../src/files/index.js";
import { resolveConfig } from "../../src/runs/config/index.js";
import { Claims } from "../../src/sweep/claims.js";
import type { Member } from "../../src/sweep/plan.js";

let folder = "";
let member: Member;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-claims-"));
  const config = resolveConfig({ flags: { dataset: "moons", saveDir: join(folder, "a") } });
  member = { name: "a", variant: { name: "as given", preset: null, settings: {} }, seed: 1, config };
});
afterEach(() => rm(folder, { recursive: true }));
const open = () => Claims.open(join(folder, "queue"));

test("a member is one process's until that gives it back", async () => {
  const [one, other] = [await open(), await open()];
  expect(await other.isHeld(member)).toBe(false);
  const claim = await one.take(member);
  expect(claim).not.toBeNull();
  expect(await other.take(member)).toBeNull();
  expect(await other.isHeld(member)).toBe(true);
  await claim!.release();
  expect(await other.isHeld(member)).toBe(false);
  expect(await other.take(member)).not.toBeNull();
});

test("a run that trains is held, though whoever claimed it is gone", async () => {
  const claims = await open();
  await mkdir(member.config.saveDir);
  const lock = await FolderLock.take(member.config.saveDir);
  expect(await claims.isHeld(member)).toBe(true);
  await lock.release();
  expect(await claims.isHeld(member)).toBe(false);
});

test("a failure is known to all that were there, and is tried again by those that come later", async () => {
  const [one, other] = [await open(), await open()];
  const claim = await one.take(member);
  await sleep(20); // the clock of a file system may be coarse
  await one.fail(member, "it diverged");
  await claim!.release();
  expect(await other.failure(member)).toBe("it diverged");
  await sleep(20);
  expect(await (await open()).failure(member)).toBeNull();
  await one.clear(member);
  expect(await other.failure(member)).toBeNull();
});
