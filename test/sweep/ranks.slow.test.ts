/** A sweep shared out among ranks: under a real launcher (`apt-get install openmpi-bin`), and where a rank dies and the launcher lets the others live. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readMetrics } from "../../src/runs/index.js";
import { VERA } from "../program.js";

const MPIRUN = ["mpirun", "--oversubscribe", "-n", "2"];
/** Of a test, in which a dozen processes start. */
const PATIENCE = { timeout: 300_000 };
const isThere = spawnSync("mpirun", ["--version"]).status === 0;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-ranks-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts a command, in an environment with these variables beside. */
function start(command: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1", ...variables };
  const child = spawn(command[0]!, command.slice(1), { env });
  const text = { out: "", err: "" };
  for (const name of ["out", "err"] as const)
    child[`std${name}`].on("data", (part) => {
      text[name] += part;
    });
  const ended = new Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>((resolve) =>
    child.on("close", (code) => resolve({ code, ...text })),
  );
  return { child, ended };
}

const SETTINGS = "dataset: moons, batch-size: 20, h-dim: 8, print-every: 50, plots: false";

async function sweep(name: string, plan: string): Promise<readonly string[]> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, plan);
  return [...VERA, "sweep", file, "--out", join(folder, name)];
}
/** Iterations of which the run says something as it trains. */
const trained = async (name: string, member: string): Promise<number[]> =>
  (await readMetrics(join(folder, name, member))).filter(({ kind }) => kind === "train").map((line) => line.iteration);
const logOf = (name: string, member: string) => readFile(join(folder, name, "logs", `${member}.log`), "utf8");

describe.skipIf(!isThere && process.env.CI === undefined)("under mpirun", () => {
  test(
    "each member is trained once, one that fails takes none with it, and rank 0 has the table of all",
    PATIENCE,
    async () => {
      const command = await sweep(
        "all",
        `settings: { ${SETTINGS}, n-iters: 300, eval-every: 100 }\ngrid: { lr: [0.001, 0.002, 1.0e+30] }\n`,
      );
      const first = await start([...MPIRUN, ...command]).ended;
      expect(first.code, first.err).toBe(1);
      expect(first.err.match(/3 runs below .*, shared out among 2 ranks, each with \d+ thread/g)).toHaveLength(1);
      expect(first.err).toMatch(/lr=1e\+30-seed1234: failed: vera: .*diverged/);
      expect(first.out.match(/\| settings \|/g)).toHaveLength(1);
      expect(first.out).toMatch(/\| lr=0.001 \| 1 \|.*\n\| lr=0.002 \| 1 \|.*\n\| lr=1e\+30, 1 failed \| 0 \|/);
      for (const member of ["lr=0.001-seed1234", "lr=0.002-seed1234"]) {
        expect(await trained("all", member)).toEqual([50, 100, 150, 200, 250, 300]);
        expect((await logOf("all", member)).match(/everything is in/g)).toHaveLength(1);
      }
      const again = await start([...MPIRUN, ...command]).ended;
      expect(again.out).toBe(first.out);
      expect(again.err).not.toMatch(/: done/);
    },
  );

  test("halving waits for the members of all ranks, each of which stops at the rung", PATIENCE, async () => {
    const command = await sweep(
      "halved",
      `settings: { ${SETTINGS}, n-iters: 600, eval-every: 200 }
grid: { lr: [0.001, 0.002, 0.003] }
halving: { metric: log_likelihood, rungs: [230, 400] }
`,
    );
    const { code, out, err } = await start([...MPIRUN, ...command]).ended;
    expect(code, err).toBe(0);
    expect(err.match(/after 230 iterations, by log_likelihood: left are lr=/g)).toHaveLength(1);
    expect(out.match(/, left after 230 iterations \| 0 \|/g), out).toHaveLength(1);
    expect(out.match(/, left after 400 iterations \| 0 \|/g)).toHaveLength(1);
    expect(out.match(/\| lr=\S+ \| 1 \|/g)).toHaveLength(1);
    const left = /\| (lr=\S+), left after 230/.exec(out)![1]!;
    expect(await logOf("halved", `${left}-seed1234`)).toMatch(/stopped at iteration 230 of 600/);
  });

  test("what all ranks refuse is told once", async () => {
    const { code, err } = await start([...MPIRUN, ...(await sweep("odd", "grid: { lr: [-1] }\n"))]).ended;
    expect(code).toBe(2);
    expect(err.match(/vera: .*--lr/g)).toHaveLength(1);
  });
});

test("the member of a rank that dies is gone on with by another", PATIENCE, async () => {
  const settings = `${SETTINGS}, n-iters: 3000, eval-every: 500, ckpt-every: 100`;
  const command = await sweep("killed", `settings: { ${settings} }\ngrid: { lr: [0.001, 0.002] }\n`);
  // As Open MPI tells it, of a launcher that ends nothing, as srun is.
  const as = (rank: string) =>
    start(command, { OMPI_COMM_WORLD_SIZE: "2", OMPI_COMM_WORLD_RANK: rank, OMPI_COMM_WORLD_LOCAL_SIZE: "2" });
  const [leader, follower] = [as("0"), as("1")];
  const begun = async () =>
    (await readdir(join(folder, "killed")).catch((): string[] => [])).filter((name) => name.startsWith("lr="));
  const due = Date.now() + 60_000;
  // Either has one; which has which is not said.
  while (Date.now() < due) {
    const members = await begun();
    const lines = await Promise.all(members.map((member) => trained("killed", member).catch(() => [])));
    if (lines.length === 2 && lines.every((of) => of.length >= 4)) break;
    await sleep(50);
  }
  follower.child.kill("SIGKILL");
  await follower.ended;
  const { code, out, err } = await leader.ended;
  expect(code, err).toBe(0);
  expect(out).toMatch(/\| lr=0.001 \| 1 \|.*\n\| lr=0.002 \| 1 \|/);
  expect(err.match(/: done/g)).toHaveLength(2);
  const logs = await Promise.all((await begun()).map((member) => logOf("killed", member)));
  expect(logs.filter((log) => /resum|continu/i.test(log))).toHaveLength(1);
  for (const member of await begun())
    expect(await trained("killed", member)).toEqual(Array.from({ length: 60 }, (_, i) => 50 * (i + 1)));
});
