/** `vera train`. */
import { existsSync } from "node:fs";
import { quoted } from "../../files/index.js";
import {
  bool,
  choice,
  type Describe,
  flagOf,
  formatConfig,
  GROUPS,
  givenOptions,
  hasEffect,
  int,
  kebab,
  OPTIONS,
  PRESETS,
  RETIRED,
  readConfigFile,
  readSavedConfig,
  resolveConfig,
  string,
  type Train,
  type TrainConfig,
  valuesOf,
  withoutEffect,
} from "../../runs/config/index.js";
import type { Ranks } from "../../runtime/index.js";
import { parseArguments } from "../arguments.js";
import { asRank } from "../as-rank.js";
import { type Command, line, type Terminal } from "../command.js";
import { UsageError } from "../errors.js";
import { columns, optionGroup } from "../help.js";
import { runTraining } from "../run-training.js";

/** Options of the command itself, which are no part of a configuration. */
const COMMAND_OPTIONS = {
  preset: string({ value: "NAME", help: "Start from the settings of a preset, listed at the end." }),
  config: string({
    value: "FILE",
    help: "Settings from a JSON or YAML file, like batch-size: 100. Flags win over the file, the file over the preset.",
  }),
  overwrite: bool(false, { help: "Replace the run that the folder holds: its own files, no others." }),
  until: int(null, {
    min: 1,
    nothing: "none",
    help: "Stop at iteration N, as Ctrl-C would; --resume goes on, to the very run that it would have been.",
  }),
  dryRun: bool(false, { help: "Say what would be trained, and train nothing." }),
  debug: bool(false, { help: "Show where in the program an error arose." }),
  help: bool(false, { help: "This text." }),
};

/** Flags of the original that are taken, and change nothing: why is said (RETIRED). */
export const TAKEN = {
  optimizer: choice("adam", ["adam", "sgd"], { help: "" }),
  logFile: string({ value: "FILE", help: "" }),
  loadPath: string({ value: "FILE", help: "" }),
};

const USAGE = `Usage: vera train [options]

Train an energy-based model, a classifier, or both at once.

  vera train --preset quickstart
  vera train --dataset 8gaussians --n-iters 10000
  vera train --csv table.csv --label class --jem
  vera train --resume runs/8gaussians-vera

Options may be written with underscores: --batch_size is --batch-size. Those
without a value take --no-NAME, or true or false. Defaults are in brackets.`;

export const trainHelp = (): string =>
  [
    USAGE,
    optionGroup("Command", COMMAND_OPTIONS),
    ...GROUPS.map(([title, options]) => optionGroup(title, options)),
    `Presets\n${columns(
      Object.entries(PRESETS).map(([name, { description }]) => [`  ${name}`, description]),
      26,
    )}`,
  ].join("\n\n");

export const train: Command = (argv, terminal) => asRank(terminal, (ranks, own) => trainRun(argv, own, ranks));

async function trainRun(argv: readonly string[], terminal: Terminal, ranks: Ranks | null): Promise<number> {
  const { values: given, positionals } = parseArguments(argv, { ...COMMAND_OPTIONS, ...TAKEN, ...OPTIONS });
  const { preset, config: file, overwrite, until, dryRun, help } = valuesOf(COMMAND_OPTIONS, given);
  if (help) {
    line(terminal.out, trainHelp());
    return 0;
  }
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" belongs to no option; see vera train --help`);
  const flags = Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(OPTIONS, name)));
  for (const name of Object.keys(TAKEN).filter((name) => Object.hasOwn(given, name)))
    line(terminal.err, `note: --${kebab(name)} has no effect: ${RETIRED[kebab(name)]}`);
  const config = await configOf(flags, preset, file);
  for (const name of withoutEffect(config, givenOptions(flags)))
    line(terminal.err, `note: ${flagOf(name)} has no effect here (${config.mode}, ${config.architecture})`);
  if (ranks === null && Object.hasOwn(flags, "syncBatchNorm") && hasEffect(config, "syncBatchNorm"))
    line(terminal.err, `note: ${flagOf("syncBatchNorm")} matters where mpirun or srun starts several processes`);
  await refuseOriginal(config);
  if (!dryRun) {
    return runTraining((await training()).train, config, terminal.err, { overwrite, until, ranks });
  }
  line(terminal.out, formatConfig(config));
  line(terminal.out, `\n${await (await training()).describe(config)}`);
  return 0;
}

/** A checkpoint of the original is continued as a run of its own: it is not written over. */
async function refuseOriginal({ ckptPath, saveDir }: TrainConfig): Promise<void> {
  if (ckptPath === null || !existsSync(ckptPath)) return;
  const { isTorch } = await import("../../interchange/index.js");
  if (!(await isTorch(ckptPath))) return;
  const [from, to] = [quoted(ckptPath), quoted(saveDir)];
  throw new UsageError(
    `--ckpt-path ${ckptPath} is a checkpoint of the authors' PyTorch implementation, which is not written over: ` +
      `make a run of it by vera import ${from} --out ${to}, with the other options as here, and continue that by vera train --resume ${to}`,
  );
}

async function configOf(
  flags: Readonly<Record<string, unknown>>,
  preset: string | null,
  file: string | null,
): Promise<TrainConfig> {
  return resolveConfig({
    flags,
    ...(preset !== null && { preset }),
    ...(file !== null && { file: await readConfigFile(file) }),
    ...(typeof flags.resume === "string" && { saved: await readSavedConfig(flags.resume) }),
  });
}

/** Loaded when needed: help and errors in the command line should not wait for the engine. */
const training = (): Promise<{ readonly train: Train; readonly describe: Describe }> => import("../../runs/index.js");
