/** `vera studio`: a page that shows runs, on this machine. */
import { makeFolder } from "../../files/index.js";
import { bool, int } from "../../runs/config/index.js";
import { type Command, line } from "../command.js";
import { UsageError } from "../errors.js";
import { optionGroup } from "../help.js";
import { readOptions } from "../options.js";

/** Where trainings put their runs, unless they are told otherwise. */
const DEFAULT_FOLDER = "runs";

const OPTIONS = {
  port: int(7878, { min: 0, max: 65535, help: "Port to listen on; 0 for any that is free." }),
  debug: bool(false, { help: "Show where in the program an error arose." }),
  help: bool(false, { help: "This text." }),
};

const USAGE = `Usage: vera studio [FOLDER …] [options]

Serve a page on this machine for all runs below the folders (runs): what they
learn while they learn it, side by side, and new ones. Open the address that is
printed: it holds a token, without which nobody is let in. Ctrl-C ends the
studio, and none of the runs that train.

  vera studio
  vera studio runs /data/other-runs --port 8080`;

export const studio: Command = async (argv, terminal) => {
  const { values, positionals } = readOptions(argv, OPTIONS);
  if (values.help) {
    line(terminal.out, `${USAGE}\n\n${optionGroup("Options", OPTIONS)}`);
    return 0;
  }
  const { builtPages, FolderError, NOT_BUILT, startStudio } = await import("../../studio/index.js");
  if (positionals.length === 0) await makeFolder(DEFAULT_FOLDER);
  const pages = builtPages();
  if (pages === null) line(terminal.err, `note: ${NOT_BUILT}`);
  const server = await startStudio({
    folders: positionals.length > 0 ? positionals : [DEFAULT_FOLDER],
    port: values.port,
    pages,
    program: thisProgram(),
    onProblem: (error) => line(terminal.err, values.debug ? String(error.stack) : `vera studio: ${error.message}`),
  }).catch((cause: Error & { readonly code?: string }) => {
    if (cause instanceof FolderError) throw new UsageError(cause.message);
    const { code } = cause;
    if (code !== "EADDRINUSE" && code !== "EACCES") throw cause;
    const why = code === "EACCES" ? "not for this user to listen on" : "in use, maybe by another studio";
    throw new UsageError(`port ${values.port} is ${why}: name another with --port, or any that is free with --port 0`);
  });
  line(terminal.out, `vera studio: open ${server.address}`);
  line(terminal.err, "Ctrl-C ends it; runs that train go on");
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await server.close();
  return 0;
};

/** How this program is started, without what a debugger was told. */
const thisProgram = (): readonly string[] => [
  process.execPath,
  ...process.execArgv.filter((argument) => !argument.startsWith("--inspect")),
  process.argv[1] ?? "",
];
