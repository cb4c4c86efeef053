/** Files of a run that were changed since: some of all changes, here; all of them in the slow suite. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ChangedRun, changedRun, KINDS } from "./mutants.js";

describe.each(KINDS)("a run (%s)", (kind) => {
  let folder: string;
  let run: ChangedRun;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vera-changed-"));
    run = await changedRun(kind, folder);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    ["config.json", 79],
    ["calibration.json", 17],
    ["checkpoints/last.safetensors", 199],
  ] as const)("whose %s was changed is refused in the project's own words, or works", async (file, every) => {
    const { tried, refused, faults } = await run.faults(file, every);
    expect(faults).toEqual([]);
    expect(tried).toBeGreaterThan(10);
    expect(refused).toBeGreaterThan(tried / 4);
  });
});
