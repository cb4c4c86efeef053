/** `args.txt`, which the original leaves beside its checkpoints: all its arguments as JSON, what no checkpoint says among them. */
import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as v from "valibot";
import { TOY_NAMES } from "../data/sets/toy.js";
import { checkedJson } from "../files/read-back.js";
import { byName, ConfigError, checkValue, OPTIONS, type OptionName } from "../runs/index.js";
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
 * The arguments that had an effect and are options here, to be flags of an import.
 * @param wayOut what else the user can do than correct the file
 * @throws InterchangeError where the file cannot be read, is no JSON object, or has a value that an option cannot have.
 */
export async function readArgs(file: string, wayOut = "leave out --args"): Promise<Record<string, unknown>> {
  const names = byName<OptionName>(OPTIONS);
  const refuse = (problem: string) => new InterchangeError(`${file}: ${problem}; correct it, or ${wayOut}`);
  const text = await readFile(file, "utf8").catch((cause: Error) => {
    throw new InterchangeError(`cannot read the arguments in ${file}: ${cause.message}`, { cause });
  });
  const flags: Record<string, unknown> = {};
  const args = checkedJson(ARGUMENTS, text, refuse);
  const ignored = unheeded(args);
  for (const [name, value] of Object.entries(args)) {
    const option = LEFT_OUT.has(name) || ignored.has(name) ? undefined : names.get(name.replaceAll("_", "-"));
    if (option === undefined || value === null) continue;
    try {
      flags[option] = checkValue(OPTIONS[option], value, name);
    } catch (cause) {
      throw cause instanceof ConfigError ? refuse(cause.message) : cause;
    }
  }
  return flags;
}

type Args = Readonly<Record<string, unknown>>;

const RESIDUAL = ["resnet", "wide_resnet", "thicc_resnet"];
const PIXELS = ["unit_interval", "logit"];
/** The earlier ones win. */
const MODES = ["clf_only", "maximum_likelihood", "ssm", "vat", "jem_baseline"];
/** All that only some data sets heed. */
const PARTIAL = [...PIXELS, ...RESIDUAL, "norm", "dropout", "g_feats", "img_size", "data_aug", "nice", "mog_comps"];

/**
 * The arguments that its `get_models`, `get_data` and loop passed over. It took every flag with every data set; here those that do not go
 * together are refused.
 */
function unheeded(args: Args): ReadonlySet<string> {
  const first = (names: readonly string[]) => names.find((name) => args[name] === true);
  const others = (names: readonly string[]) => names.filter((name) => name !== first(names));
  const heeded = heededBy(args, first(RESIDUAL));
  return new Set([
    ...(heeded === null ? [] : PARTIAL.filter((name) => !heeded.includes(name))),
    ...[PIXELS, RESIDUAL, MODES].flatMap(others),
  ]);
}

/** Those of {@link PARTIAL} that its data set heeded; null where that is none of its own. */
function heededBy({ dataset, img_size, nice, norm }: Args, residual: string | undefined): readonly string[] | null {
  switch (dataset) {
    case "HEPMASS":
    case "HUMAN":
    case "CROP":
      return [];
    case "mnist":
    case "stackmnist":
      return [...PIXELS, ...(img_size ? ["img_size"] : nice === true ? ["nice"] : ["mog_comps"])];
    case "cifar10":
    case "cifar100":
    case "svhn": {
      const wide = residual !== undefined && residual !== "resnet";
      const normed = wide || (residual === undefined && norm === "batch");
      return [...PIXELS, ...RESIDUAL, "data_aug", ...(wide ? ["dropout", "g_feats"] : []), ...(normed ? ["norm"] : [])];
    }
    default:
      return TOY_NAMES.some((name) => name === dataset) ? ["mog_comps"] : null;
  }
}
