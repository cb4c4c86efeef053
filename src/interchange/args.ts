/** `args.txt`, which the original leaves beside its checkpoints: all its arguments as JSON, what no checkpoint says among them. */
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
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

/** The original's folder of checkpoints, in the folder that it left its arguments in. */
const BELOW = "save_model";

/** The arguments in the args.txt that the original left with a checkpoint, if there is one. @throws InterchangeError as `readArgs` */
export async function argsBeside(
  checkpoint: string,
): Promise<{ readonly file: string | null; readonly flags: Record<string, unknown> }> {
  const folder = dirname(checkpoint);
  for (const place of [folder, ...(basename(folder) === BELOW ? [dirname(folder)] : [])]) {
    const file = join(place, "args.txt");
    if ((await stat(file).catch(() => null))?.isFile()) return { file, flags: await readArgs(file, "move it away") };
  }
  return { file: null, flags: {} };
}

/**
 * The arguments that are options here, to be flags of an import.
 * @param wayOut what else the user can do than correct the file
 * @throws InterchangeError where the file cannot be read is no JSON object, or has a value that an option cannot have.
 */
export async function readArgs(file: string, wayOut = "leave out --args"): Promise<Record<string, unknown>> {
  const names = byName<OptionName>(OPTIONS);
  const refuse = (problem: string) => new InterchangeError(`${file}: ${problem}; correct it, or ${wayOut}`);
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
