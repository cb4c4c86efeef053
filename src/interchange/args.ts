/** `args.txt`, which the original leaves beside its checkpoints: all its arguments as JSON, what no checkpoint says among them. */
import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { checkedJson } from "../files/read-back.js";
import { byName, ConfigError, checkValue, OPTIONS, type OptionName } from "../train/index.js";
import { InterchangeError } from "./error.js";

/** Where things were there; what followed from the rest (`clf`); epochs, which the schedule in the checkpoint has in iterations. */
const LEFT_OUT = new Set(["save_dir", "ckpt_path", "data_root", "clf", "decay_epochs"]);

/** Lists are no objects. */
const ARGUMENTS = v.pipe(
  v.unknown(),
  v.check((content) => !Array.isArray(content), "no arguments: a JSON object expected"),
  v.record(v.string(), v.unknown()),
);

/**
 * The arguments that are options here, to be flags of an import.
 * @throws InterchangeError where the file cannot be read is no JSON object, or has a value that an option cannot have.
 */
export async function readArgs(file: string): Promise<Record<string, unknown>> {
  const names = byName<OptionName>(OPTIONS);
  const refuse = (problem: string) => new InterchangeError(`${file}: ${problem}; correct it, or leave out --args`);
  const text = await readFile(file, "utf8").catch((cause: Error) => {
    throw new InterchangeError(`cannot read the arguments in ${file}: ${cause.message}`, { cause });
  });
  const flags: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(checkedJson(ARGUMENTS, text, refuse))) {
    const option = LEFT_OUT.has(name) ? undefined : names.get(name.replaceAll("_", "-"));
    if (option === undefined || value === null) continue;
    try {
      flags[option] = checkValue(OPTIONS[option], value, name);
    } catch (cause) {
      throw cause instanceof ConfigError ? refuse(cause.message) : cause;
    }
  }
  return flags;
}
