/** Files of a run that were changed since, in every way. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changedRun, FILES, KINDS } from "./mutants.js";

/** Every so many changes; 1 for all, which takes more than an hour. */
const EVERY = Number(process.env.EVERY ?? 100);

test.each(KINDS.flatMap((kind) => FILES.map((file) => [kind, file] as const)))(
  "a run (%s) whose %s was changed is refused in the project's own words, or works",
  async (kind, file) => {
    const folder = await mkdtemp(join(tmpdir(), "vera-changed-"));
    const { tried, refused, faults } = await (await changedRun(kind, folder)).faults(file, EVERY);
    await rm(folder, { recursive: true });
    expect(faults).toEqual([]);
    expect(tried).toBeGreaterThan(100 / EVERY);
    expect(refused).toBeGreaterThan(tried / 4);
  },
  1_800_000,
);
