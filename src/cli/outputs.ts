/** Files that the user names to be written: anything is replaced but what the command reads. */
import { realpath } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { isOwn } from "../runs/folder/run-files.js";
import { UsageError } from "./errors.js";

/** @throws UsageError where writing `out` would destroy an input, or a file that makes the run what it is */
export async function refuseInput(out: string, runFolder: string | null, inputs: readonly string[]): Promise<void> {
  const target = await resolved(out);
  for (const input of inputs) {
    if ((await resolved(input)) === target) throw new UsageError(`--out ${out} is what is read: name another file`);
  }
  if (runFolder === null) return;
  const inRun = relative(await resolved(runFolder), target)
    .split(sep)
    .join("/");
  if (isOwn(inRun)) throw new UsageError(`--out ${out} is a file of the run itself: name another`);
}

/** The path without links, as far as it is there. */
async function resolved(path: string): Promise<string> {
  const parent = async () =>
    dirname(path) === path ? path : join(await resolved(dirname(path)), path.split(sep).at(-1)!);
  return realpath(path).catch(parent);
}
