/** For every mode: a run killed with SIGKILL at a random iteration and resumed ends as one that was never interrupted. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSavedConfig, resolveConfig, train } from "../../src/runs/index.js";

const COMMON = { batchSize: 20, printEvery: 4, evalEvery: 10, ckptEvery: 5, plots: false, threads: 1 };
const MODES: Readonly<Record<string, Record<string, unknown>>> = {
  vera: { dataset: "moons" },
  laplace: { dataset: "digits", generatorType: "laplace", noiseDim: 8 },
  verahmc: { dataset: "moons", generatorType: "verahmc" },
  "vera over a mixture": { dataset: "moons", mogComps: 5 },
  "alternating phases": { dataset: "moons", eIters: 3, gIters: 2 },
  jem: { dataset: "digits", jem: true, noiseDim: 8, pgControl: 0.1, ema: 0.9 },
  "semi-supervised": { dataset: "digits", jem: true, labelsPerClass: 3, noiseDim: 8, clfEntWeight: 0.1 },
  "clf-only": { dataset: "digits", clfOnly: true },
  "jem-baseline": { dataset: "digits", jem: true, jemBaseline: true, nSteps: 3, bufferSize: 50 },
  vat: { dataset: "digits", vat: true, labelsPerClass: 3 },
  "maximum likelihood": { dataset: "moons", maximumLikelihood: true, mogComps: 5 },
  ssm: { dataset: "moons", ssm: true, mogComps: 5 },
};
const ITERATIONS = 40;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-resume-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const quiet = { onProgress: () => {}, onMessage: () => {}, signal: new AbortController().signal };
const child = fileURLToPath(new URL("run-child.ts", import.meta.url));

/** Runs in a child process and kills it once it reports `killAt` iterations. */
function runKilled(flags: Record<string, unknown>, killAt: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, ["--import", "tsx", child, JSON.stringify(flags)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let errors = "";
    process_.stderr.on("data", (text) => {
      errors += text;
    });
    process_.stdout.on("data", (text: Buffer) => {
      const reached = Math.max(...String(text).split("\n").map(Number));
      if (reached >= killAt) process_.kill("SIGKILL");
    });
    process_.on("error", reject);
    process_.on("exit", (code, signal) => {
      if (code !== 0 && signal !== "SIGKILL") reject(new Error(errors));
      else resolve(signal ?? "finished");
    });
  });
}

test.each(Object.entries(MODES))("%s", async (name, flags) => {
  const whole = join(folder, `${name}-whole`);
  const killed = join(folder, `${name}-killed`);
  const all = { ...COMMON, ...flags, nIters: ITERATIONS };
  await train(resolveConfig({ flags: { ...all, saveDir: whole } }), quiet);

  const killAt = 6 + Math.floor(Math.random() * (ITERATIONS - 12)); // after the first checkpoint
  const end = await runKilled({ ...all, saveDir: killed }, killAt);
  expect(end, `to be killed at ${killAt}`).toBe("SIGKILL");
  await train(resolveConfig({ flags: { resume: killed }, saved: await readSavedConfig(killed) }), quiet);

  const last = (path: string) => readFile(join(path, "checkpoints", "last.safetensors"));
  expect((await last(killed)).equals(await last(whole)), `killed at ${killAt}: parameters, optimisers, counters`).toBe(
    true,
  );
  const metrics = (path: string) => readFile(join(path, "metrics.jsonl"), "utf8");
  expect(await metrics(killed), `killed at ${killAt}: metrics`).toBe(await metrics(whole));
});
