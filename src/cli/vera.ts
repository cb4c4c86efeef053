/** The command `vera`: finds the sub-command, and reports what it throws. */
import { readFile } from "node:fs/promises";
import { suggestion } from "../runs/config/index.js";
import { type Command, line, type Terminal } from "./command.js";
import { exitCodeOf, formatError, UsageError } from "./errors.js";
import { columns } from "./help.js";

interface Entry {
  readonly summary: string;
  /** Loaded when it is called, so that each command waits only for what it needs. */
  readonly load: () => Promise<Command>;
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  train: { summary: "train a model", load: async () => (await import("./commands/train.js")).train },
  eval: {
    summary: "measure what a model knows: classes, calibration, outliers, attacks, likelihood, modes",
    load: async () => (await import("./commands/eval.js")).evaluate,
  },
  score: {
    summary: "classify the rows of a table or pictures, and flag what is unlike the training data",
    load: async () => (await import("./commands/score.js")).score,
  },
  sample: { summary: "draw samples of a model", load: async () => (await import("./commands/sample.js")).sample },
  import: {
    summary: "make a run from a checkpoint of the authors' PyTorch implementation",
    load: async () => (await import("./commands/import.js")).importRun,
  },
  export: {
    summary: "write a model as ONNX for any runtime, or for PyTorch",
    load: async () => (await import("./commands/export.js")).exportRun,
  },
  studio: {
    summary: "a page on this machine that shows runs while they train, side by side, and starts new ones",
    load: async () => (await import("./commands/studio.js")).studio,
  },
  sweep: {
    summary: "train many runs, and tabulate them",
    load: async () => (await import("./commands/sweep.js")).sweep,
  },
  runs: { summary: "list, compare and delete runs", load: async () => (await import("./commands/runs.js")).runs },
  data: { summary: "list and download data sets", load: async () => (await import("./commands/data.js")).data },
};

const help = (): string => `Usage: vera COMMAND [options]

Energy-based models: train them, and see what they know.

${columns(
  Object.entries(COMMANDS).map(([name, { summary }]) => [`  ${name}`, summary]),
  14,
)}

vera COMMAND --help says more. vera --version says which version this is.`;

/** @returns the exit code: 0, 1 for an error, 2 for a command line that cannot be, 130 where interrupted. */
export async function vera(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(argv, terminal);
  } catch (error) {
    line(terminal.err, formatError(error, argv.includes("--debug")));
    return exitCodeOf(error);
  }
}

async function dispatch(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = argv.filter((arg, i) => !(i === 0 && arg === "--debug"));
  if (name === undefined || name === "--help" || name === "-h") {
    line(terminal.out, help());
    return 0;
  }
  if (name === "--version") {
    line(terminal.out, await version());
    return 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined)
    throw new UsageError(
      `there is no command "${name}"${suggestion(name, Object.keys(COMMANDS)) || "; see vera --help"}`,
    );
  return (await entry.load())(rest, terminal);
}

async function version(): Promise<string> {
  const content = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return content.version;
}
