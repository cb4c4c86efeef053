/** Which lines the table has: the runs that pass the filters, sorted, in groups with their means. */
import type { RunState, RunSummary } from "../../../src/studio/api.js";
import { meanAndDeviation } from "../../shared/numbers.js";
import { differingSettings, recipeName, recipeOf, sameValue, written } from "../settings.js";
import { spread } from "../statistics.js";
import { type Column, columnOf, NAME } from "./columns.js";

export interface Filters {
  readonly text: string;
  /** None chosen: all. */
  readonly states: readonly RunState[];
  readonly tags: readonly string[];
}

/** Every word has to be there: in names and tags, or as `lr=0.01` in the settings. */
export function passes(run: RunSummary, { text, states, tags }: Filters): boolean {
  if (states.length > 0 && !states.includes(run.state)) return false;
  if (!tags.every((tag) => run.tags.includes(tag))) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const inside = [run.name, run.data, run.mode, run.architecture, ...run.tags].join("\n").toLowerCase();
  return words.every((word) => {
    const [key, wanted] = word.split("=", 2);
    if (key === undefined || wanted === undefined) return inside.includes(word);
    return Object.entries(run.settings).some(
      ([name, value]) => name.toLowerCase() === key && written(value).toLowerCase().startsWith(wanted),
    );
  });
}

export interface Sorting {
  readonly column: string;
  readonly descending: boolean;
}

/** What is not there comes last, whatever the direction; equal runs stay by their names. */
export function sorted(runs: readonly RunSummary[], { column, descending }: Sorting): RunSummary[] {
  const { value } = (column === NAME.id ? NAME : columnOf(column)) ?? NAME;
  const keyed = runs.map((run) => ({ run, key: value(run) }));
  const sign = descending ? -1 : 1;
  const order = new Intl.Collator("en", { numeric: true });
  keyed.sort((a, b) => {
    const lost = Number(isNothing(a.key)) - Number(isNothing(b.key));
    if (lost !== 0) return lost;
    const compared =
      typeof a.key === "number" && typeof b.key === "number"
        ? a.key - b.key
        : order.compare(String(a.key ?? ""), String(b.key ?? ""));
    return compared !== 0 && !Number.isNaN(compared) ? sign * compared : order.compare(a.run.name, b.run.name);
  });
  return keyed.map(({ run }) => run);
}

const isNothing = (key: unknown): boolean => key === null || Number.isNaN(key);

export interface Group {
  readonly key: string;
  readonly title: string;
  readonly runs: readonly RunSummary[];
}

export type Line =
  | { readonly kind: "run"; readonly key: string; readonly run: RunSummary; readonly inGroup: boolean }
  | { readonly kind: "group"; readonly key: string; readonly group: Group; readonly open: boolean };

/** Groups by `recipe` (equal settings but for the seed), by data, mode, architecture or state, or by a setting's name. */
export const RECIPE = "recipe";
const WORDS = ["data", "mode", "architecture", "state"] as const;

export function groupings(runs: readonly RunSummary[]): { readonly value: string; readonly label: string }[] {
  const words = WORDS.filter((name) => runs.some((run) => run[name] !== runs[0]![name]));
  const settings = differingSettings(runs.map((run) => run.settings));
  return [
    { value: RECIPE, label: "equal settings (seeds)" },
    ...words.map((value) => ({ value, label: value })),
    ...settings.map((name) => ({ value: `setting:${name}`, label: `setting ${name}` })),
  ];
}

/** Groups in the order in which their first runs come. */
export function grouped(runs: readonly RunSummary[], by: string): Group[] {
  const groups = new Map<string, RunSummary[]>();
  const keyOf = keyed(by);
  for (const run of runs) {
    const key = keyOf(run);
    const group = groups.get(key);
    if (group) group.push(run);
    else groups.set(key, [run]);
  }
  const differing = by === RECIPE ? differingSettings([...groups.values()].map((group) => group[0]!.settings)) : [];
  const several = new Set([...groups.values()].map((group) => `${group[0]!.data}, ${group[0]!.mode}`)).size > 1;
  return [...groups].map(([key, members]) => {
    if (by !== RECIPE) return { key, title: key, runs: members };
    const first = members[0]!;
    const kind = `${first.data}, ${first.mode}`;
    // Of settings only what differs among the groups of its own data and mode tells it apart.
    const alike = [...groups.values()].filter(
      (group) => group[0]!.data === first.data && group[0]!.mode === first.mode,
    );
    const own = differing.filter((name) =>
      alike.some((group) => !sameValue(group[0]!.settings[name], first.settings[name])),
    );
    const name = recipeName(first, own);
    return { key, title: !several || name === kind ? name : `${kind}, ${name}`, runs: members };
  });
}

function keyed(by: string): (run: RunSummary) => string {
  if (by === RECIPE) return recipeOf;
  const word = WORDS.find((name) => name === by);
  if (word) return (run) => run[word];
  const setting = by.replace(/^setting:/, "");
  return (run) => `${setting} ${written(run.settings[setting])}`;
}

export function linesOf(runs: readonly RunSummary[], by: string | null, closed: ReadonlySet<string>): Line[] {
  if (by === null) return runs.map((run) => ({ kind: "run", key: run.id, run, inGroup: false }));
  return grouped(runs, by).flatMap((group): Line[] => {
    const open = !closed.has(group.key);
    const head: Line = { kind: "group", key: `group ${group.key}`, group, open };
    return open ? [head, ...group.runs.map((run): Line => ({ kind: "run", key: run.id, run, inGroup: true }))] : [head];
  });
}

/** What stands in a column of numbers of a group: the mean ± deviation of its runs, or what all of them have. */
export function summary(group: Group, column: Column): string {
  const values = group.runs.map(column.value);
  if (!column.numeric || values.length === 0) return "";
  if (values.every((v) => v === values[0])) return values[0] === null ? "" : column.text(group.runs[0]!);
  if (column.id === "started" || column.id === "updated") return "";
  const found = spread(values.map((v) => (typeof v === "number" ? v : null)));
  if (found === null) return "";
  if (column.id === "time") return `⌀ ${column.measure(found.mean)}`;
  return meanAndDeviation(found.mean, found.deviation);
}
