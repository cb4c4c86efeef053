/** `vera data`: which data sets there are, and getting them. */
import { dataRoot, fetchDataset, listDatasets, type Progress } from "../../data/index.js";
import { bool, string } from "../../runs/config/index.js";
import { parseArguments } from "../arguments.js";
import { type Command, line, type Output } from "../command.js";
import { UsageError } from "../errors.js";
import { columns, optionGroup } from "../help.js";
import { INTERRUPTED, interruptible } from "../interrupt.js";

const OPTIONS = {
  dataRoot: string({ value: "DIR", otherwise: "$VERA_DATA, or ./data", help: "Folder of the data sets." }),
  debug: bool(false, { help: "Show where in the program an error arose." }),
  help: bool(false, { help: "This text." }),
};

const USAGE = `Usage: vera data list
       vera data fetch NAME …

List the data sets and which of them are there, or download some. A download
that broke off continues where it was.`;

export const data: Command = async (argv, terminal) => {
  const { values, positionals } = parseArguments(argv, OPTIONS);
  const [action, ...names] = positionals;
  if (values.help || action === undefined) {
    line(terminal.out, `${USAGE}\n\n${optionGroup("Options", OPTIONS)}`);
    return 0;
  }
  const root = (values.dataRoot as string | undefined) ?? dataRoot();
  if (action === "list" && names.length === 0) return list(root, terminal.out);
  if (action === "fetch" && names.length > 0) return fetchAll(names, root, terminal.err);
  throw new UsageError(
    action === "fetch"
      ? "vera data fetch needs the name of a data set: see vera data list"
      : `vera data ${positionals.join(" ")}: expected list, or fetch NAME`,
  );
};

function list(root: string, output: Output): number {
  const rows = listDatasets(root).map(({ name, state, summary }) => {
    return [`${name.padEnd(22)}${state}`, summary] as const;
  });
  line(output, `Data sets, looked for in ${root}\n\n${columns(rows, 34)}`);
  return 0;
}

const fetchAll = (names: readonly string[], root: string, output: Output): Promise<number> =>
  interruptible(
    async (signal) => {
      try {
        for (const name of names) {
          const paths = await fetchDataset(name, root, { signal, onProgress: transferLine(output) });
          if (output.isTTY) output.write("\r\x1b[K");
          line(output, paths.length === 0 ? `${name} needs no files` : `${name}: ${paths.join(", ")}`);
        }
        return 0;
      } catch (cause) {
        if (output.isTTY) output.write("\r\x1b[K");
        if (!signal.aborted) throw cause;
        line(output, "stopped; run it again to continue from here");
        return INTERRUPTED;
      }
    },
    () => {},
  );

/** Megabytes so far, on a terminal. */
function transferLine(output: Output): (progress: Progress) => void {
  let drawnAt = 0;
  return ({ url, received, total }) => {
    if (!output.isTTY || Date.now() - drawnAt < 100) return;
    drawnAt = Date.now();
    const of = total === null ? "" : ` of ${megabytes(total)}`;
    output.write(`\r${url.split("/").at(-1)}  ${megabytes(received)}${of} MB\x1b[K`);
  };
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
