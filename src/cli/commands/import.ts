/** `vera import`. */
import { bool, GROUPS, OPTIONS, string } from "../../runs/config/index.js";
import { parseArguments } from "../arguments.js";
import { type Command, line } from "../command.js";
import { UsageError } from "../errors.js";
import { optionGroup } from "../help.js";

const COMMAND_OPTIONS = {
  out: string({ value: "DIR", help: "Folder of the run to make." }),
  args: string({ value: "FILE", help: "The args.txt that the original left with the checkpoint. Flags win over it." }),
  overwrite: bool(false, { help: "Replace the run that the folder holds: its own files, no others." }),
  debug: bool(false, { help: "Show where in the program an error arose." }),
  help: bool(false, { help: "This text." }),
};

const USAGE = `Usage: vera import CHECKPOINT.pt --out DIR [options]

Make a run from a checkpoint of the authors' PyTorch implementation: to
evaluate, to sample, and to train on. Architecture and learning rates are read
from the checkpoint; what it does not say are options, the same as those of
vera train.

  vera import cifar.pt --out runs/cifar --dataset cifar10 --args args.txt
  vera train --resume runs/cifar

Nothing in the checkpoint is executed.`;

export const importRun: Command = async (argv, terminal) => {
  const { values, positionals } = parseArguments(argv, { ...COMMAND_OPTIONS, ...OPTIONS });
  const { out, args, overwrite, debug: _, help, ...flags } = values;
  if (help) {
    line(terminal.out, `${USAGE}\n\n${optionGroup("Command", COMMAND_OPTIONS)}`);
    for (const [title, options] of GROUPS.slice(0, -2)) line(terminal.out, `\n${optionGroup(title, options)}`);
    return 0;
  }
  const [file, more] = positionals;
  if (file === undefined || more !== undefined || typeof out !== "string")
    throw new UsageError("vera import needs a checkpoint and a folder: vera import CHECKPOINT.pt --out DIR");
  const { importCheckpoint, readArgs } = await import("../../interchange/index.js");
  const given = typeof args === "string" ? await readArgs(args) : {};
  const { config, iteration, notes } = await importCheckpoint({
    file,
    out,
    flags: { ...given, ...flags },
    overwrite: overwrite === true,
  });
  for (const note of notes) line(terminal.err, note);
  line(terminal.out, `${out}: ${config.mode}, ${config.architecture}, ${config.dataName}, iteration ${iteration}`);
  return 0;
};
