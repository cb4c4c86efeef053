/** Axes of parallel coordinates: of settings and of results, each with its own scale. */
import type { RunDetail, SettingValue } from "../../../src/studio/api.js";
import { shown } from "../../shared/numbers.js";
import { written } from "../settings.js";

export interface Axis {
  readonly name: string;
  /** `setting` or the kind of the metric. */
  readonly over: string;
  /** From 0, its foot, to 1; null of a run that has no such value. */
  readonly place: (run: RunDetail) => number | null;
  readonly text: (run: RunDetail) => string;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

/** Numbers on a scale, logarithmic where they reach over two decades; all else evenly, in order. */
export function settingAxis(name: string, runs: readonly RunDetail[]): Axis {
  const initial = runs.flatMap((run) => run.configuration.filter((each) => each.name === name))[0]?.default;
  const valueIn = (run: RunDetail): SettingValue | undefined => run.settings[name] ?? initial;
  const text = (run: RunDetail): string => written(valueIn(run));
  const values = runs.map(valueIn);
  if (values.every((value) => typeof value === "number")) {
    const numbers = (run: RunDetail): number | null => {
      const value = valueIn(run);
      return typeof value === "number" ? value : null;
    };
    return { name, over: "setting", text, ...scaled(runs, numbers) };
  }
  const words = [...new Set(runs.map(text))].sort();
  const at = (word: string): number => (words.length === 1 ? 0.5 : words.indexOf(word) / (words.length - 1));
  return {
    name,
    over: "setting",
    text,
    place: (run) => at(text(run)),
    ticks: words.map((word) => ({ at: at(word), text: word.length > 14 ? `${word.slice(0, 13)}…` : word })),
  };
}

export function metricAxis(metric: string, part: "last" | "min" | "max", runs: readonly RunDetail[]): Axis {
  const valueIn = (run: RunDetail): number | null => run.metrics[metric]?.[part] ?? null;
  const slash = metric.indexOf("/");
  return {
    name: metric.slice(slash + 1),
    over: `${metric.slice(0, Math.max(0, slash))} · ${part}`,
    text: (run) => shown(valueIn(run)),
    ...scaled(runs, valueIn),
  };
}

function scaled(runs: readonly RunDetail[], valueIn: (run: RunDetail) => number | null): Pick<Axis, "place" | "ticks"> {
  const values = runs.map(valueIn).filter((v): v is number => v !== null && Number.isFinite(v));
  if (values.length === 0) return { place: () => null, ticks: [] };
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const isLog = low > 0 && high / low >= 100;
  const scale = isLog ? Math.log : (v: number): number => v;
  const [from, to] = [scale(low), scale(high)];
  const at = (v: number): number => (to === from ? 0.5 : (scale(v) - from) / (to - from));
  const place = (run: RunDetail): number | null => {
    const value = valueIn(run);
    return value === null || !Number.isFinite(value) ? null : at(value);
  };
  const middle = isLog ? Math.sqrt(low * high) : (low + high) / 2;
  const marks = low === high ? [low] : [low, middle, high];
  return { place, ticks: marks.map((v) => ({ at: at(v), text: shown(v, 3) })) };
}
