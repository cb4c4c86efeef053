import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readPlan } from "../../src/sweep/plan.js";
import { slurmScript } from "../../src/sweep/slurm.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-plan-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function plan(text: string) {
  const file = join(folder, "sweep.yaml");
  await writeFile(file, text);
  return readPlan(file, "runs/sweep");
}

describe("a sweep's file", () => {
  test("every combination of a grid, with every seed, over a preset and common settings", async () => {
    const { members, variants } = await plan(`
preset: quickstart
settings: { n-iters: 50 }
grid: { lr: [0.001, 0.002], ent_weight: [0.5] }
repeat: 2
`);
    expect(variants.map(({ name }) => name)).toEqual(["lr=0.001 ent_weight=0.5", "lr=0.002 ent_weight=0.5"]);
    expect(members.map(({ name }) => name)).toEqual([
      "lr=0.001_ent_weight=0.5-seed1234",
      "lr=0.001_ent_weight=0.5-seed1235",
      "lr=0.002_ent_weight=0.5-seed1234",
      "lr=0.002_ent_weight=0.5-seed1235",
    ]);
    const { config } = members[3]!;
    expect(config).toMatchObject({ dataset: "digits", nIters: 50, lr: 0.002, entWeight: 0.5, seed: 1235 });
    expect(config.saveDir).toBe("runs/sweep/lr=0.002_ent_weight=0.5-seed1235");
  });

  test("lists and draws, of which the draws are the same each time", async () => {
    const text = `
settings: { dataset: moons }
list: [{ h-dim: 32 }, { h-dim: 64 }]
random: { draws: 2, of: { lr: { log: [0.0001, 0.01] }, noise-dim: [2, 4] } }
seeds: [7]
`;
    const { members } = await plan(text);
    expect(members.map(({ config }) => [config.hDim, config.seed])).toEqual([
      [32, 7],
      [32, 7],
      [64, 7],
      [64, 7],
    ]);
    const rates = members.map(({ config }) => config.lr);
    for (const lr of rates) expect(lr >= 1e-4 && lr <= 1e-2).toBe(true);
    expect(rates[0]).not.toBe(rates[1]);
    expect((await plan(text)).members.map(({ config }) => config.lr)).toEqual(rates);
  });

  test("a preset of their own, and a name, for settings of a list", async () => {
    const { variants, members } = await plan(`
preset: digits-clf
list: [{ name: all labels, preset: quickstart, n-iters: 70 }, { n-iters: 80 }]
grid: { lr: [0.001] }
`);
    expect(variants).toMatchObject([
      { name: "all labels lr=0.001", preset: "quickstart", settings: { "n-iters": 70, lr: 0.001 } },
      { name: "n-iters=80 lr=0.001", preset: "digits-clf" },
    ]);
    expect(members[0]!.name).toBe("all_labels_lr=0.001-seed1234");
    expect(members.map(({ config }) => [config.mode, config.nIters])).toEqual([
      ["jem", 70],
      ["clf-only", 80],
    ]);
    expect(
      (await plan("grid: { preset: [toy-moons, toy-rings] }")).members.map(({ config }) => config.dataset),
    ).toEqual(["moons", "rings"]);
  });

  test.each([
    ["grids: { lr: [1] }", /sweep.yaml: .*grids.*may have preset, settings, grid, list/],
    ["grid: { learning-rate: [1] }", /sweep.yaml, learning-rate=1: there is no option --learning-rate/],
    ["grid: { lr: [0.1, -1] }", /sweep.yaml, lr=-1: .*--lr/],
    ["grid: { lr: [0.1, 0.1] }", /two of its settings are the same/],
    ["halving: { metric: accuracy, rungs: [] }", /sweep.yaml: halving.rungs/],
    ["list: [{ preset: toy-moon }]", /sweep.yaml, preset=toy-moon: there is no preset "toy-moon"/],
    ["list: [{ name: a/b }, { name: a b, lr: 0.1 }]", /two of its runs would have the folder a_b-seed1234/],
    ["list: [{ name: 3 }]", /sweep.yaml: list/],
    ["repeat: 0", /sweep.yaml: repeat: at least 1 expected/],
  ])("%s is refused before anything is trained", async (text, message) => {
    await expect(plan(text)).rejects.toThrow(message);
  });
});

test("the plans of the README's results are some, with presets that are there", async () => {
  const plans = fileURLToPath(new URL("../../bench/results", import.meta.url));
  const files = (await readdir(plans)).filter((name) => name.endsWith(".yaml"));
  expect(files).toHaveLength(3);
  for (const file of files) {
    const { members } = await readPlan(join(plans, file), "runs");
    expect(members.length).toBeGreaterThan(5);
    for (const { config } of members) expect(config.threads).toBe(1);
  }
});

test("an array of jobs for Slurm: as many as members, so many at a time, each exec'd so that it hears the signal", () => {
  const command = ["node", "main.js", "sweep", "a.yaml"];
  const script = slurmScript({
    name: "my sweep\n#SBATCH --x",
    members: 6,
    jobs: 2,
    threads: 4,
    logs: 'my runs/50% "a"/logs',
    command,
  });
  expect(script).toContain("#SBATCH --array=0-5%2\n");
  expect(script).toContain("#SBATCH --cpus-per-task=4\n");
  expect(script).toContain('#SBATCH --output="my runs/50%% \\"a\\"/logs/%a.out"\n');
  expect(script).toContain("#SBATCH --job-name=my_sweep_SBATCH_--x\n");
  expect(script).toContain('\nexec node main.js sweep a.yaml --member "$SLURM_ARRAY_TASK_ID"\n');
});
