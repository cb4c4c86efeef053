/**
 * Training and import against the original itself: its train.py is run, as it stands in the checkout that ORIGINAL names, by a Python
 * that has PyTorch (PYTHON, or python3). What it computes must be what is committed, and what this project computes: from the same
 * weights, and from a checkpoint that it saved on its way and was resumed from.
 *
 *   ORIGINAL=DIR npx vitest run --config vitest.slow.config.ts test/parity
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importCheckpoint } from "../../src/interchange/index.js";
import { fromCheckpoint, readCheckpoint } from "../../src/runs/folder/checkpoint.js";
import { Rng } from "../../src/runtime/index.js";
import { initialState } from "../../src/train/trainer.js";
import { compute, flagsOf, readGzip, recordedCases, stepOf } from "./cases.js";
import cases from "./cases.json" with { type: "json" };
import { expectAgreement } from "./compare.js";
import { iterate, type Recorded, type State } from "./step.js";

const { ORIGINAL, PYTHON = "python3" } = process.env;

if (ORIGINAL === undefined) console.warn("test/parity: skipped, since ORIGINAL=DIR names no checkout of the original");

/** Iterations after which record.py has the original save its checkpoint. */
const SAVED_AT = 2;

describe.skipIf(ORIGINAL === undefined)("the original's train.py", () => {
  let folder: string;
  let now: Record<string, Recorded>;
  const python = (script: string, ...args: string[]) =>
    execFileSync(PYTHON, ["-W", "ignore", new URL(script, import.meta.url).pathname, ...args], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, OMP_NUM_THREADS: "1" },
    });
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "vera-original-"));
    python("record.py", join(folder, "steps.json.gz"), "--checkpoints", folder);
    now = recordedCases(join(folder, "steps.json.gz"));
  }, 1_200_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("the generators that are committed are the original's", () => {
    python("generators.py", join(folder, "generators.json.gz"));
    const committed = readGzip<object>(new URL("golden/generators.json.gz", import.meta.url));
    expect(Object.keys(readGzip<object>(join(folder, "generators.json.gz")))).toEqual(Object.keys(committed));
    type Cases = Record<string, { output: number[] }>;
    for (const [name, { output }] of Object.entries(readGzip<Cases>(join(folder, "generators.json.gz"))))
      for (const [i, v] of output.entries()) expect(v, name).toBeCloseTo((committed as Cases)[name]!.output[i]!, 5);
  });

  describe.each(Object.keys(cases))("%s", (name) => {
    test("is what is committed", () => {
      const committed = recordedCases()[name]!;
      expect(now[name]!.draws).toEqual(committed.draws);
      const { losses, sketches } = now[name]!;
      expectAgreement({ losses, sketches: new Map(Object.entries(sketches)) }, committed);
    });

    test("trains here as there", async () => {
      expectAgreement(await compute(name, now[name]!), now[name]!);
    });

    test("goes on here from its checkpoint as there", async () => {
      const recorded = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Recorded;
      const out = join(folder, name);
      const flags = { ...(await flagsOf(recorded)), dataRoot: folder };
      const { config, iteration } = await importCheckpoint({ file: join(folder, `${name}.pt`), out, flags });
      expect(iteration).toBe(SAVED_AT);
      const step = stepOf(config);
      const like = { arrays: initialState(step, 0, new Rng(0)) };
      const file = join(out, "checkpoints/last.safetensors");
      const { snapshot } = fromCheckpoint(file, await readCheckpoint(file), like, { toUse: true });
      const state = snapshot.arrays.train as unknown as State;
      expectAgreement(await iterate(step, config, state, recorded, `${name}|resumed`, SAVED_AT), recorded);
      rmSync(out, { recursive: true });
    });
  });
});
