/** The model that a command works with: a run, a checkpoint, or one of the authors' PyTorch implementation. */
import { datasetPart, kebab, OPTIONS, string } from "../runs/config/index.js";
import type { TrainedRun } from "../runs/index.js";
import { line, type Terminal } from "./command.js";
import { UsageError } from "./errors.js";
import type { Values } from "./options.js";

const { label, norm, unitInterval, logit } = OPTIONS;

/** What a checkpoint of the original does not say itself, as `vera train` has it. */
const UNSAID = {
  dataset: string({ value: "NAME", help: "The data set that it learned." }),
  csv: string({ value: "FILE", help: "The table that it learned, or of any model where that is now." }),
  label,
  norm,
  unitInterval,
  logit,
};

/** For help: where nothing else tells, these say what a checkpoint of the authors' PyTorch implementation is. */
export const MODEL_OPTIONS = {
  ckptPath: string({
    value: "FILE",
    otherwise: "the first argument",
    help: "The model, as the original's commands have it.",
  }),
  args: string({ value: "FILE", otherwise: "the args.txt beside it", help: "The args.txt that the original left." }),
  ...UNSAID,
};

export const MODEL_TITLE = "The model, where it is a checkpoint of the authors' PyTorch implementation";

/** Of any model these say where its data are now; of evaluations, which others. */
const MOVED: readonly string[] = ["dataset", "csv"];

type ModelValues = Values<typeof MODEL_OPTIONS> & { readonly dataRoot?: string | null };

/** Which model is meant. @throws UsageError where it is said twice, or not at all */
export function modelPath(
  path: string | undefined,
  { ckptPath }: Pick<ModelValues, "ckptPath">,
  usage: string,
): string {
  if (path !== undefined && ckptPath !== null)
    throw new UsageError(`${path} and --ckpt-path ${ckptPath} are two models: name one`);
  const named = path ?? ckptPath;
  if (named === null) throw new UsageError(usage);
  return named;
}

/** Opens it, and says what was assumed. */
export async function openModel(path: string, values: Partial<ModelValues>, { err }: Terminal): Promise<TrainedRun> {
  const interchange = await import("../interchange/index.js");
  const said = Object.entries(UNSAID).filter(([name, { default: initial }]) => {
    const value = values[name as keyof typeof UNSAID] ?? null;
    return value !== null && value !== initial;
  });
  const flags = Object.fromEntries(said.map(([name]) => [name, values[name as keyof typeof UNSAID]]));
  const { dataRoot = null, args = null, csv = null } = values;
  if (!(await interchange.isTorch(path))) {
    for (const name of [...Object.keys(flags), ...(args === null ? [] : ["args"])])
      if (!MOVED.includes(name)) line(err, `note: --${kebab(name)} has no effect: ${path} says it itself`);
  }
  const { run, notes } = await interchange.openModel(path, {
    ...(args !== null && (await interchange.readArgs(args))),
    ...flags,
    ...(dataRoot !== null && { dataRoot }),
  });
  for (const note of notes) line(err, `note: ${note}`);
  const { config } = run;
  const table = csv === null ? {} : config.table === null ? { csv } : { table: csv };
  return {
    ...run,
    config: { ...config, ...(dataRoot !== null && { dataRoot }), ...(config.dataKind === "table" && table) },
  };
}

/** `--dataset` of an evaluation names other data, too: of the original's data sets it may be the one that the model learned. */
export const learnedSet = (dataset: string | null): string | null =>
  dataset === null ? null : (datasetPart(dataset)?.name ?? null);
