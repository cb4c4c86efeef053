/** The command line and Python, as processes of their own with one thread. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const MOST_OUTPUT = 2 ** 26;

/** @throws Error with what it printed, where it fails */
export async function vera(...args: string[]): Promise<void> {
  const command = ["--import", "tsx", here("../../src/cli/main.ts"), ...args, "--threads", "1"];
  await run(process.execPath, command, { maxBuffer: MOST_OUTPUT });
}

/** Runs a script of this folder. @returns what it prints */
export async function script(python: string, name: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  const { stdout } = await run(python, [here(name), ...args], { env, maxBuffer: MOST_OUTPUT });
  return stdout;
}
