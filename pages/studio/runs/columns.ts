/** Columns of the table of runs: what a run has in each, and how that is written. */
import type { RunSummary } from "../../../src/studio/api.js";
import { counted, duration, moment, shown } from "../../shared/numbers.js";
import { written } from "../settings.js";

export type Cell = number | string | null;

export interface Column {
  readonly id: string;
  /** First line of its head, and what is written small above. */
  readonly title: string;
  readonly over: string;
  readonly width: number;
  readonly numeric: boolean;
  /** What runs are sorted and summarised by. */
  readonly value: (run: RunSummary) => Cell;
  /** A single run's value, as text. */
  readonly text: (run: RunSummary) => string;
  /** A summary's mean or deviation, as text. */
  readonly measure: (value: number) => string;
  /** Largest first is what a click asks for. */
  readonly descends: boolean;
}

const WORDS = { over: "", numeric: false, measure: shown, descends: false } as const;
const NUMBER = { over: "", numeric: true, measure: shown, descends: true } as const;

const word = (id: string, title: string, width: number, value: (run: RunSummary) => string): Column => ({
  ...WORDS,
  id,
  title,
  width,
  value,
  text: value,
});

const elapsed = ({ started, updated }: RunSummary): number => updated - started;

/** These every run has. */
export const FIXED: readonly Column[] = [
  word("state", "State", 104, ({ state }) => state),
  word("data", "Data", 100, ({ data }) => data),
  word("mode", "Mode", 92, ({ mode }) => mode),
  word("architecture", "Architecture", 130, ({ architecture }) => architecture),
  {
    ...NUMBER,
    id: "iteration",
    title: "Iteration",
    width: 130,
    value: ({ iteration }) => iteration,
    text: ({ iteration, iterations }) =>
      // What is fitted, not trained, has none.
      iterations === 0
        ? "–"
        : iterations === null
          ? counted(iteration)
          : `${counted(iteration)} of ${counted(iterations)}`,
  },
  {
    ...NUMBER,
    id: "time",
    title: "Time",
    width: 100,
    value: elapsed,
    text: (run) => duration(elapsed(run)),
    measure: duration,
  },
  {
    ...NUMBER,
    id: "started",
    title: "Started",
    width: 150,
    value: ({ started }) => started,
    text: ({ started }) => moment(started),
    measure: moment,
  },
  {
    ...NUMBER,
    id: "updated",
    title: "Last change",
    width: 150,
    value: ({ updated }) => updated,
    text: ({ updated }) => moment(updated),
    measure: moment,
  },
  word("tags", "Tags", 160, ({ tags }) => [...tags].sort().join(", ")),
];

/** The first, which stays in sight. */
export const NAME: Column = word("name", "Name", 230, ({ name }) => name);

export type Part = "last" | "min" | "max";
export const PARTS: readonly Part[] = ["last", "min", "max"];

export const metricId = (metric: string, part: Part): string => `metric:${part}:${metric}`;
export const settingId = (setting: string): string => `setting:${setting}`;

function metricColumn(id: string, metric: string, part: Part): Column {
  const slash = metric.indexOf("/");
  const value = ({ metrics }: RunSummary): number | null => metrics[metric]?.[part] ?? null;
  const title = metric.slice(slash + 1);
  const kind = metric.slice(0, Math.max(0, slash));
  const over = `${kind === "validation" ? "val" : kind} · ${part}`;
  return {
    ...NUMBER,
    id,
    title,
    over,
    width: Math.max(96, 30 + 7.6 * title.length),
    value,
    text: (run) => shown(value(run)),
  };
}

function settingColumn(id: string, name: string): Column {
  const value = ({ settings }: RunSummary): Cell => {
    const found = settings[name];
    return typeof found === "number" ? found : found === undefined ? null : written(found);
  };
  const text = ({ settings }: RunSummary): string => written(settings[name]);
  return {
    ...WORDS,
    numeric: true,
    id,
    title: name,
    over: "setting",
    width: Math.max(112, 34 + 7.6 * name.length),
    value,
    text,
  };
}

/** The column that an id names; ids come from addresses and storage: null where there is none such. */
export function columnOf(id: string): Column | null {
  const fixed = FIXED.find((column) => column.id === id);
  if (fixed) return fixed;
  if (id.startsWith("setting:")) return settingColumn(id, id.slice("setting:".length));
  const [kind, part, ...rest] = id.split(":");
  const known = PARTS.find((each) => each === part);
  return kind === "metric" && known && rest.length > 0 ? metricColumn(id, rest.join(":"), known) : null;
}

/** Metrics that people look at first, the best of each: as many of them as runs have. */
const TELLING: readonly (readonly [metric: string, part: Part])[] = [
  ["validation/accuracy", "max"],
  ["validation/nll", "min"],
  ["validation/log_likelihood", "max"],
  ["test/accuracy", "last"],
  ["train/loss_energy", "last"],
];

/** @param metrics of all runs */
export function initialColumns(metrics: readonly string[]): string[] {
  const found = TELLING.filter(([metric]) => metrics.includes(metric)).slice(0, 3);
  return ["state", "data", "mode", "iteration", "time", ...found.map(([m, part]) => metricId(m, part)), "tags"];
}

/** Metrics that columns need; before any is chosen, those of the first look. */
export const metricsOf = (ids: readonly string[] | null): string[] =>
  ids === null
    ? TELLING.map(([metric]) => metric)
    : [...new Set(ids.filter((id) => id.startsWith("metric:")).map((id) => id.split(":").slice(2).join(":")))];

/** Settings that are not at their defaults in all of these runs, in order. */
export const settingsOf = (runs: readonly RunSummary[]): string[] =>
  [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))].sort();
