/** `args.txt`, which the original leaves beside its checkpoints: all its arguments as JSON, what no checkpoint says among them. */
import { readFile } from "node:fs/promises";
import { byName, OPTIONS, type OptionName } from "../train/index.js";
import { InterchangeError } from "./error.js";

/** Where things were there; what followed from the rest (`clf`); epochs, which the schedule in the checkpoint has in iterations. */
const LEFT_OUT = new Set(["save_dir", "ckpt_path", "data_root", "clf", "decay_epochs"]);

/**
 * The arguments that are options here, to be flags of an import.
 * @throws InterchangeError where the file cannot be read or is no JSON object.
 */
export async function readArgs(file: string): Promise<Record<string, unknown>> {
  const names = byName<OptionName>(OPTIONS);
  const flags: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(await readObject(file))) {
    const option = LEFT_OUT.has(name) ? undefined : names.get(name.replaceAll("_", "-"));
    if (option !== undefined && value !== null) flags[option] = value;
  }
  return flags;
}

async function readObject(file: string): Promise<object> {
  try {
    const content: unknown = JSON.parse(await readFile(file, "utf8"));
    if (typeof content === "object" && content !== null && !Array.isArray(content)) return content;
  } catch (cause) {
    throw new InterchangeError(`cannot read the arguments in ${file}: ${(cause as Error).message}`, { cause });
  }
  throw new InterchangeError(`${file} holds no arguments: a JSON object expected`);
}
