/** A sweep from its command, with runs that go well, one that cannot, and one that is left. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readMetrics } from "../../src/runs/index.js";
import { VERA } from "../program.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-sweep-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function vera(
  ...args: string[]
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const [node, ...vera] = VERA;
  const child = spawn(node, [...vera, ...args]);
  const text = { out: "", err: "" };
  child.stdout.on("data", (part) => {
    text.out += part;
  });
  child.stderr.on("data", (part) => {
    text.err += part;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...text })));
}

const SETTINGS =
  "dataset: moons, batch-size: 20, h-dim: 8, n-iters: 600, eval-every: 200, print-every: 200, plots: false";

test("a run that fails takes none with it; what is finished is not trained again; what does badly is left", async () => {
  const file = join(folder, "a.yaml");
  const out = join(folder, "runs");
  await writeFile(file, `settings: { ${SETTINGS} }\nlist: [{ lr: 0.001 }, { lr: 1.0e30 }, { lr: 0.002 }]\n`);
  const first = await vera("sweep", file, "--out", out, "--jobs", "1");
  expect(first.code, first.err).toBe(1);
  expect(first.err).toMatch(/lr=1e\+30-seed1234: failed: vera: .*diverged/);
  expect(first.out).toMatch(/\| lr=1e\+30, 1 failed \| 0 \|/);
  expect(await readFile(join(out, "results.md"), "utf8")).toBe(first.out);
  const lines = (name: string) => readMetrics(join(out, name));
  const before = await lines("lr=0.002-seed1234");
  expect(before.at(-1)!.kind).toBe("test");

  // Once more, with variants of which half is left after 200 iterations: of the three new ones, one at least.
  const again = [0.002, 0.003, 0.004, 1e-9];
  await writeFile(
    file,
    `settings: { ${SETTINGS} }\ngrid: { lr: [${again}] }\nhalving: { metric: log_likelihood, rungs: [200], keep: 0.5 }\n`,
  );
  const second = await vera("sweep", file, "--out", out, "--jobs", "1");
  expect(second.code, second.err).toBe(0);
  expect(await lines("lr=0.002-seed1234")).toEqual(before);
  const left = [...second.out.matchAll(/\| (lr=\S+), left after 200 iterations \| 0 \|/g)].map(([, name]) => name!);
  expect([1, 2]).toContain(left.length);
  for (const name of left) {
    const own = await lines(`${name}-seed1234`);
    expect(own.some(({ kind }) => kind === "test")).toBe(false);
    expect(own.at(-1)!.iteration).toBe(200);
  }

  // The folder of other settings is not taken for a member's.
  await writeFile(file, `settings: { ${SETTINGS.replace("h-dim: 8", "h-dim: 9")} }\nlist: [{ lr: 0.001 }]\n`);
  const third = await vera("sweep", file, "--out", out);
  expect(third.code).toBe(2);
  expect(third.err).toMatch(
    /lr=0.001-seed1234: its folder holds a run with hDim 8, where the sweep has 9; name another folder/,
  );
});
