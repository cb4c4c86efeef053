/** A run's own log: what it said, how it ended, and that a resumed run goes on with it. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseLog } from "../../src/runs/folder/log-file.js";
import { readSavedConfig, resolveConfig, type TrainHooks, train } from "../../src/runs/index.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-log-"));
});
afterAll(() => rm(folder, { recursive: true }));

const QUICK = {
  dataset: "moons",
  batchSize: 20,
  nIters: 20,
  printEvery: 5,
  evalEvery: 10,
  ckptEvery: 5,
  plots: false,
  threads: 1,
  scan: 1,
};
const log = async (name: string) => parseLog(await readFile(join(folder, name, "log.jsonl"), "utf8"));
const texts = async (name: string) => (await log(name)).map(({ text }) => text.replaceAll(folder, "…"));

/** Stops once it has done so many iterations. */
function until(iteration: number): Partial<TrainHooks> {
  const stop = new AbortController();
  return { signal: stop.signal, onProgress: (progress) => progress.iteration >= iteration && stop.abort() };
}

test("says where it begins, what is on the screen, where it stopped, and goes on", async () => {
  const saveDir = join(folder, "a");
  const said: string[] = [];
  await train(resolveConfig({ flags: { ...QUICK, saveDir } }), { ...until(12), onMessage: (text) => said.push(text) });
  expect(await texts("a")).toEqual(["trains to iteration 20", ...said, "stopped at iteration 12 of 20"]);
  expect((await log("a")).at(0)).toMatchObject({ iteration: 0, iterations: 20 });
  expect((await log("a")).at(-1)).toMatchObject({ iteration: 12, end: "stopped" });

  await train(resolveConfig({ flags: { resume: saveDir }, saved: await readSavedConfig(saveDir) }), {});
  const lines = await texts("a");
  expect(lines.slice(0, said.length + 4)).toEqual([
    "trains to iteration 20",
    ...said,
    "stopped at iteration 12 of 20",
    "resumed at iteration 12 of 20 from …/a/checkpoints/last.safetensors",
    "trains to iteration 20",
  ]);
  expect((await log("a")).at(-1)).toMatchObject({ iteration: 20, text: "done", end: "done" });
});

test("says how it diverged", async () => {
  const flags = { ...QUICK, lr: 1e30, saveDir: join(folder, "b") };
  await expect(train(resolveConfig({ flags }), {})).rejects.toThrow(/diverged/);
  expect((await log("b")).at(-1)).toMatchObject({
    end: "diverged",
    text: expect.stringMatching(/^training diverged: /),
  });
});

test("a run that is refused leaves none", async () => {
  const saveDir = join(folder, "c");
  await expect(
    train(resolveConfig({ flags: { ...QUICK, dataset: "mnist", dataRoot: folder, saveDir } }), {}),
  ).rejects.toThrow();
  expect(await readdir(folder)).not.toContain("c");
});

test("a damaged line is left out", () => {
  expect(parseLog('{"time":1,"iteration":2,"text":"a"}\nwhat\n{"time":"x"}\n{"time":1,"iter')).toEqual([
    { time: 1, iteration: 2, text: "a" },
  ]);
});
