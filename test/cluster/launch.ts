/** `vera` under a real launcher: `apt-get install openmpi-bin`. In CI it must be there. */
import { spawn, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { VERA } from "../program.js";

export const hasMpirun = spawnSync("mpirun", ["--version"]).status === 0;

const env = { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: "1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1" };

export interface Ended {
  readonly code: number | null;
  readonly text: string;
}

/** Starts `vera`, as so many ranks. */
export function start(ranks: number, args: readonly string[]) {
  const command: readonly [program: string, ...given: string[]] =
    ranks === 1 ? [...VERA, ...args] : ["mpirun", "--oversubscribe", "-n", String(ranks), ...VERA, ...args];
  const [program, ...given] = command;
  const child = spawn(program, given, { env });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part) => {
      text += part;
    });
  const ended = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ code, text })));
  return { ended, said: () => text };
}

/** The process of a rank, of the job that has `word` in its command line. */
export async function processOf(rank: number, word: string): Promise<number> {
  const found = spawnSync("pgrep", ["-f", `^${process.execPath} .*${word}`], { encoding: "utf8" });
  const pids = found.stdout.trim().split("\n");
  const of = async (pid: string) =>
    /OMPI_COMM_WORLD_RANK=(\d)/.exec(await readFile(`/proc/${pid}/environ`, "utf8"))?.[1];
  return Number(pids[(await Promise.all(pids.map(of))).indexOf(String(rank))]);
}

/** Waits until it holds, for two minutes at most. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const due = Date.now() + 120_000;
  while (!(await holds()) && Date.now() < due) await new Promise((resolve) => setTimeout(resolve, 50));
}
