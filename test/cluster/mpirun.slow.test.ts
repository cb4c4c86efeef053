/** Training under a real launcher. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MetricsLine, readMetrics } from "../../src/runs/index.js";
import { type Ended, hasMpirun, processOf, start, until } from "./launch.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-mpi-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const vera = (ranks: number, ...args: string[]): Promise<Ended> => start(ranks, ["train", ...args]).ended;

const run = (name: string) => join(folder, name);
const SETTINGS = "--dataset moons --batch-size 40 --print-every 1 --eval-every 0 --no-plots --threads 1 --scan 1".split(
  " ",
);
const trained = async (name: string): Promise<MetricsLine[]> =>
  (await readMetrics(run(name))).filter(({ kind }) => kind === "train");

test("mpirun is there in CI", () => {
  expect(hasMpirun || process.env.CI === undefined).toBe(true);
});

describe.skipIf(!hasMpirun)("under mpirun", () => {
  test("two ranks train what one process trains, a checkpoint of theirs is continued by one or two, and rank 0 alone speaks", async () => {
    const both = await vera(2, ...SETTINGS, "--n-iters", "6", "--save-dir", run("two"));
    expect(both.code, both.text).toBe(0);
    expect(both.text.match(/everything is in/g)).toHaveLength(1);
    await vera(1, ...SETTINGS, "--n-iters", "6", "--save-dir", run("one"));
    const [two, one] = [await trained("two"), await trained("one")];
    // The first iteration to rounding; then Adam, with the second moment alone, makes steps of size lr of whatever is left of rounding.
    for (const name of ["f_data", "f_samples", "loss_energy", "posterior_ess"]) {
      expect(two[0]![name]).toBeCloseTo(Number(one[0]![name]), 4);
      expect(two[2]![name]).toBeCloseTo(Number(one[2]![name]), 1);
    }
    for (const ranks of [1, 2]) {
      const again = await vera(ranks, "--resume", run("two"), "--n-iters", String(6 + 2 * ranks));
      expect(again.code, again.text).toBe(0);
      expect((await trained("two")).at(-1)!.iteration).toBe(6 + 2 * ranks);
    }
  });

  test("batch norm of each rank's own rows is another run, and stays when it is resumed", async () => {
    const kept = async () => JSON.parse(await readFile(join(run("local"), "config.json"), "utf8")).syncBatchNorm;
    const begun = await vera(2, ...SETTINGS, "--no-sync-batch-norm", "--n-iters", "3", "--save-dir", run("local"));
    expect(begun.code, begun.text).toBe(0);
    expect(begun.text).not.toMatch(/note: --sync-batch-norm/);
    expect(await kept()).toBe(false);
    const again = await vera(2, "--resume", run("local"), "--n-iters", "5");
    expect(again.code, again.text).toBe(0);
    expect(await kept()).toBe(false);
    const alone = await vera(1, ...SETTINGS, "--no-sync-batch-norm", "--n-iters", "1", "--save-dir", run("alone"));
    expect(alone.text).toMatch(/note: --sync-batch-norm matters where mpirun or srun starts several processes/);
    const lossOf = async (name: string) => Number((await trained(name))[0]!.loss_generator);
    expect(Math.abs((await lossOf("local")) - (await lossOf("alone")))).toBeGreaterThan(1); // -9.66 and -14.21
  });

  test("what all refuse is told once, and nothing is left", async () => {
    const { code, text } = await vera(2, "--dataset", "moons", "--batch-size", "41", "--save-dir", run("odd"));
    expect(code).toBe(2);
    expect(
      text.match(/--batch-size 41 cannot be shared out among 2 ranks: give a multiple of 2, like 42/g),
    ).toHaveLength(1);
    await expect(readFile(join(run("odd"), "config.json"))).rejects.toThrow();
  });

  test("a rank that dies ends the job; the last checkpoint is good, and the run goes on from it", async () => {
    const settings = [...SETTINGS, "--n-iters", "100000", "--ckpt-every", "5", "--save-dir", run("killed")];
    const job = start(2, ["train", ...settings]);
    await until(async () => (await trained("killed").catch(() => [])).length >= 12);
    // The rank that does not keep the run.
    process.kill(await processOf(1, run("killed")), "SIGKILL");
    const { code, text } = await job.ended;
    expect(code).not.toBe(0);
    expect(text).toMatch(/rank 1|signal 9/i);
    const before = (await trained("killed")).at(-1)!.iteration;
    const again = await vera(2, "--resume", run("killed"), "--n-iters", String(before + 3));
    expect(again.code, again.text).toBe(0);
    expect((await trained("killed")).map(({ iteration }) => iteration)).toEqual(
      Array.from({ length: before + 3 }, (_, i) => i + 1),
    );
  });
});
