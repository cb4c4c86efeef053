/** Going back from a divergence, once: what is gone back to, what is said, and that stopping and resuming change nothing. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GoodCheckpoints, RATE_FACTOR } from "../../src/runs/folder/good-checkpoints.js";
import {
  DivergenceError,
  loadRun,
  RunFolder,
  readMetrics,
  readSavedConfig,
  resolveConfig,
  type TrainHooks,
  train,
} from "../../src/runs/index.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-recover-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Diverges after some 270 iterations; at a tenth of its learning rates it does not, for a while. */
const DIVERGING = {
  ...{ dataset: "moons", batchSize: 20, lr: 1, nIters: 300, recover: true },
  ...{ printEvery: 25, evalEvery: 120, ckptEvery: 50, plots: false, threads: 1 },
};
const begin = (saveDir: string, flags: object = {}, hooks: Partial<TrainHooks> = {}) =>
  train(resolveConfig({ flags: { ...DIVERGING, ...flags, saveDir } }), hooks);
const resume = async (path: string, hooks: Partial<TrainHooks> = {}) =>
  train(resolveConfig({ flags: { resume: path }, saved: await readSavedConfig(path) }), hooks);
const last = (path: string) => readFile(join(path, "checkpoints", "last.safetensors"));
const metrics = (path: string) => readFile(join(path, "metrics.jsonl"), "utf8");
const failure = (run: Promise<unknown>): Promise<Error | null> =>
  run.then(
    () => null,
    (error: Error) => error,
  );

describe("a run that diverges", () => {
  const messages: string[] = [];
  const path = () => join(folder, "whole");
  beforeAll(() => begin(path(), {}, { onMessage: (text) => messages.push(text) }), 60_000);

  test("goes back to where f was sound, says so, and ends", async () => {
    const lines = await readMetrics(path());
    const [recovery, ...more] = lines.filter(({ kind }) => kind === "recovery");
    expect(more).toEqual([]);
    expect(recovery).toMatchObject({ rate_factor: RATE_FACTOR });
    const [from, at] = [recovery!.iteration, recovery!.diverged_at as number];
    expect(at).toBeGreaterThan(200);
    expect(at - from).toBeGreaterThanOrEqual(100); // not the latest checkpoint, which may hold what was to diverge
    expect(at - from).toBeLessThan(200);
    expect(messages.filter((text) => text.includes("diverged"))).toEqual([
      `training diverged: ${recovery!.term} is ${recovery!.value} at iteration ${at}; back to iteration ${from}, and on with 0.1 times the learning rates`,
    ]);
    const trained = lines.filter(({ kind }) => kind === "train").map(({ iteration }) => iteration);
    expect(trained).toEqual(Array.from(new Set(trained)).sort((a, b) => a - b)); // each once
    expect(lines.at(-1)!.kind).toBe("test");
    const documented = await readFile(new URL("../../docs/metrics.md", import.meta.url), "utf8");
    for (const name of Object.keys(recovery!)) expect(documented).toContain(`\`${name}\``);
  });

  test("its best checkpoint is of iterations that it went through at last", async () => {
    const validated = (await readMetrics(path())).filter(({ kind }) => kind === "validation");
    expect(validated.map(({ iteration }) => iteration)).toContain((await loadRun(path())).iteration);
  });

  // In the stretch that is left, and after going back.
  test.each([
    ["before", 170],
    ["after", 150],
  ])("stopped %s going back, at iteration %i, and resumed, it is the same", async (when, at) => {
    const stopped = join(folder, `stopped-${when}-${at}`);
    const controller = new AbortController();
    let reached = 0;
    let wentBack = false;
    const onProgress = ({ iteration }: { iteration: number }) => {
      wentBack ||= iteration < reached;
      reached = iteration;
      if (wentBack === (when === "after") && iteration >= at) controller.abort();
    };
    await begin(stopped, {}, { onProgress, signal: controller.signal });
    expect(reached).toBe(at);
    await resume(stopped);
    expect((await last(stopped)).equals(await last(path()))).toBe(true);
    expect(await metrics(stopped)).toBe(await metrics(path()));
  });

  test.each([245])("broken off at iteration %i without a word, and resumed, it is the same", async (at) => {
    const killed = join(folder, `killed-${at}`);
    const onProgress = ({ iteration }: { iteration: number }) => {
      if (iteration >= at) throw new Error("killed");
    };
    expect(await failure(begin(killed, {}, { onProgress }))).toMatchObject({ message: "killed" });
    await resume(killed);
    expect((await last(killed)).equals(await last(path()))).toBe(true);
    expect(await metrics(killed)).toBe(await metrics(path()));
  });

  test("resumed after going back, it says at which rates it goes on", async () => {
    const said: string[] = [];
    await resume(path(), { onMessage: (text) => said.push(text) });
    expect(said.join("\n")).toMatch(/learning rates are 0\.1 times --lr and --glr/);
  });

  test("goes back once: the second time it ends, and what it was is there", async () => {
    const twice = join(folder, "twice");
    const error = await failure(begin(twice, { lr: 10 }));
    expect(error).toBeInstanceOf(DivergenceError);
    expect(error!.message).toMatch(/diverged again, at the smaller learning rates .*checkpoint is kept: /);
    expect((await loadRun(twice)).iteration).toBe(0);
  });

  test("without --recover it ends, and no checkpoint is kept to go back to", async () => {
    const plain = join(folder, "plain");
    const error = await failure(begin(plain, { recover: false }));
    expect(error).toBeInstanceOf(DivergenceError);
    expect(error!.message).toMatch(/training diverged: .*--recover/);
    expect((await readdir(join(plain, "checkpoints"))).filter((name) => name.startsWith("good"))).toEqual([]);
  });

  test("it names the newest of the checkpoints that were kept", async () => {
    const kept = await failure(
      begin(join(folder, "kept"), { recover: false, ckptEvery: 0, evalEvery: 0, saveEvery: 100 }),
    );
    expect(kept!.message).toMatch(/checkpoint is kept: .*iteration-0*200\.safetensors/);
    const lasting = await failure(begin(join(folder, "lasting"), { recover: false, ckptEvery: 150, saveEvery: 100 }));
    expect(lasting!.message).toMatch(/checkpoint is kept: .*last\.safetensors/);
  });
});

describe("checkpoints to go back to", () => {
  test("two are kept, apart; a divergence goes back to one that has stood for 100 iterations", async () => {
    const path = join(folder, "good");
    const run = await RunFolder.claim(path);
    await run.begin({});
    const good = new GoodCheckpoints(run);
    const save = (name: `good-${string}`) => writeFile(run.checkpoint(name), "");
    const kept = async () => (await readdir(join(path, "checkpoints"))).map((name) => Number(name.slice(5, 12)));
    expect([await good.isEmpty(), await good.before(10)]).toEqual([true, null]);
    await mkdir(join(path, "checkpoints"));
    for (let at = 0; at <= 300; at += 60) await good.keep(at, save);
    expect(await kept()).toEqual([120, 240]);
    expect(await good.before(340)).toBe(run.checkpoint("good-0000240"));
    expect(await good.before(339)).toBe(run.checkpoint("good-0000120"));
    expect(await good.before(130)).toBe(run.checkpoint("good-0000120")); // there is no older one
    await good.rewind(200);
    expect(await kept()).toEqual([120]);
    await run.release();
  });
});
