/** `vera runs`. */
import { bool } from "../../runs/config/index.js";
import { type Command, line } from "../command.js";
import { UsageError } from "../errors.js";
import { optionGroup } from "../help.js";
import { readOptions } from "../options.js";

const OPTIONS = {
  compare: bool(false, { help: "Of the runs that are named: settings that differ, and what their tests say." }),
  delete: bool(false, { help: "Move the runs that are named to the folder .vera-trash beside them." }),
  debug: bool(false, { help: "Show where in the program an error arose." }),
  help: bool(false, { help: "This text." }),
};

const USAGE = `Usage: vera runs [FOLDER …]
       vera runs --compare RUN RUN …
       vera runs --delete RUN …

List the runs below some folders (runs), the latest first; compare some; delete
some. vera studio shows the same in a page.`;

export const runs: Command = async (argv, terminal) => {
  const { values, positionals } = readOptions(argv, OPTIONS);
  if (values.help) {
    line(terminal.out, `${USAGE}\n\n${optionGroup("Options", OPTIONS)}`);
    return 0;
  }
  if (values.compare && values.delete) throw new UsageError("--compare and --delete: take one of them");
  if (values.compare && positionals.length < 2)
    throw new UsageError("--compare needs two runs: vera runs --compare RUN RUN");
  if (values.delete && positionals.length === 0) throw new UsageError("--delete needs a run: vera runs --delete RUN");
  const { compared, FolderError, listed, trashed } = await import("../../studio/index.js");
  const { textTable } = await import("../../runs/reports/text-table.js");
  try {
    if (values.delete) {
      for (const path of positionals) line(terminal.err, `${path} is now ${await trashed(path)}`);
      return 0;
    }
    const rows = await (values.compare
      ? compared(positionals)
      : listed(positionals.length > 0 ? positionals : ["runs"]));
    line(terminal.out, rows.length > 1 ? textTable(rows) : "there are no runs here");
    return 0;
  } catch (cause) {
    throw cause instanceof FolderError ? new UsageError(cause.message) : cause;
  }
};
