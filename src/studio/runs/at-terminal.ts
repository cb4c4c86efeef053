/** Runs for a terminal: the same that the page shows. */
import { dirname } from "node:path";
import { OPTION_NAMES, optionOf } from "../../runs/config/index.js";
import type { RunSummary, SettingValue } from "../api.js";
import { FolderError, Folders } from "../folders.js";
import { Catalogue } from "./catalogue.js";
import { trash } from "./edit.js";
import type { RunRecord } from "./run-record.js";

/** Of the test split, as far as runs have them: what a list has room for. */
const SHOWN = ["accuracy", "ece", "nll", "log_likelihood", "ood_auroc_uniform"];

const number = (value: number | undefined): string => (value === undefined ? "" : String(Number(value.toPrecision(4))));

/** The value that a run ended with: of its test, else of its last validation. */
const found = ({ metrics }: RunSummary, name: string): number | undefined =>
  (metrics[`test/${name}`] ?? metrics[`validation/${name}`])?.last;

const has = (runs: readonly RunSummary[], names: readonly string[]): string[] =>
  names.filter((name) => runs.some((run) => found(run, name) !== undefined));

/** Rows of a table of all runs below the folders, the latest first; the first row is its heading. @throws FolderError */
export async function listed(folders: readonly string[]): Promise<string[][]> {
  const runs = [...(await new Catalogue(await Folders.open(folders)).list())].sort((a, b) => b.updated - a.updated);
  const metrics = has(runs, SHOWN);
  const rows = runs.map((run) => {
    const { name, state, data, mode, iteration, iterations } = run;
    const of = iterations === null ? "" : ` of ${iterations}`;
    return [name, state, data, mode, `${iteration}${of}`, ...metrics.map((metric) => number(found(run, metric)))];
  });
  return [["run", "state", "data", "mode", "iteration", ...metrics], ...rows];
}

const shown = (value: SettingValue): string => (typeof value === "string" ? value : JSON.stringify(value));

/** What a run has for an option that it does not mention. */
const byDefault = (name: string): SettingValue =>
  OPTION_NAMES.filter((each) => each === name).map((each) => optionOf(each).default)[0] ?? null;

/** Rows of a table of what runs differ in: settings, then results; a column for each. @throws FolderError */
export async function compared(paths: readonly string[]): Promise<string[][]> {
  const runs: RunSummary[] = [];
  for (const path of paths) runs.push((await record(path)).summary);
  const names = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))].sort();
  const settings = names.map((name) => [name, ...runs.map((run) => shown(run.settings[name] ?? byDefault(name)))]);
  const metrics = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].filter((name) =>
    name.startsWith("test/"),
  );
  return [
    ["", ...paths],
    ["state", ...runs.map(({ state }) => state)],
    ...settings.filter(([, first, ...others]) => others.some((value) => value !== first)),
    ...metrics.map((name) => [name, ...runs.map((run) => number(run.metrics[name]?.last))]),
  ];
}

/** Moves a run to the trash beside it. @returns where it is now. @throws FolderError, RequestError while it trains */
export const trashed = async (path: string): Promise<string> => trash(await record(path));

async function record(path: string): Promise<RunRecord> {
  const own = await Folders.open([path]);
  const folders = await Folders.open([dirname(own.first.path)]);
  const run = await new Catalogue(folders).find(folders.placeAt(own.first.path).id);
  if (run === null) throw new FolderError(`${path} holds no run: name the folder of one`);
  return run;
}
