/** A run's metrics over its iterations, in no more points than a chart can show. */
import { join } from "node:path";
import { METRICS_FILE } from "../../runs/folder/run-files.js";
import type { Curve } from "../api.js";
import { isName, parseMetrics } from "./metrics-index.js";
import { TailReader } from "./tail.js";

interface Column {
  readonly iteration: number[];
  /** Null where it was no finite number. */
  readonly value: (number | null)[];
}

/** All numbers of a run, by `KIND/NAME`; kept as the file grows. */
export class MetricsColumns {
  private columns = new Map<string, Column>();
  /** Signs that training went wrong, as they were told. */
  warnings: readonly { readonly sign: string; readonly text: string }[] = [];
  private readonly tail: TailReader;

  constructor(folder: string) {
    this.tail = new TailReader(join(folder, METRICS_FILE));
  }

  update(): void {
    const { anew, lines } = this.tail.read();
    if (anew) {
      this.columns = new Map();
      this.warnings = [];
    }
    for (const line of lines) {
      try {
        if (line !== "") this.add(line);
      } catch {
        // A run with such a line is told to be broken; the others show what can be shown.
      }
    }
  }

  private add(line: string): void {
    const record = parseMetrics(line);
    const { kind, sign, text } = record;
    if (kind === "warning" && typeof sign === "string" && typeof text === "string")
      this.warnings = [...this.warnings, { sign, text }];
    for (const name in record) {
      const value = record[name];
      if (!isName(name) || (typeof value !== "number" && value !== null)) continue;
      const key = `${record.kind}/${name}`;
      let column = this.columns.get(key);
      if (column === undefined) {
        column = { iteration: [], value: [] };
        this.columns.set(key, column);
      }
      column.iteration.push(record.iteration);
      column.value.push(value);
    }
  }

  /** Names of all that the run has measured. */
  get names(): readonly string[] {
    return [...this.columns.keys()];
  }

  /** The numbers of a metric, in order. */
  course(name: string): readonly number[] {
    return this.columns.get(name)?.value.filter((value) => value !== null) ?? [];
  }

  /** A metric between two iterations, both included. One that the run has not is without points. */
  curve(name: string, points: number, from: number, to: number): Curve {
    const { iteration, value } = this.columns.get(name) ?? { iteration: [], value: [] };
    const first = firstAt(iteration, from);
    const end = firstAt(iteration, to + 1);
    const kept = chosenPoints(value, first, end, points);
    return { name, iteration: kept.map((i) => iteration[i]!), value: kept.map((i) => value[i]!) };
  }
}

/** Position of the first number that is not below `bound`, of numbers in order. */
function firstAt(numbers: readonly number[], bound: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Positions from `first` to before `end`, `points` of them at most: those at both ends, and of each bin between where it is least and
 * where it is greatest, so that no spike is lost. A bin without a number keeps its gap.
 */
export function chosenPoints(
  values: readonly (number | null)[],
  first: number,
  end: number,
  points: number,
): readonly number[] {
  const count = Math.max(0, end - first);
  if (count <= points) return Array.from({ length: count }, (_, i) => first + i);
  const bins = Math.max(1, Math.floor((points - 2) / 2));
  const kept = [first];
  for (let bin = 0; bin < bins; bin++) {
    const from = first + 1 + Math.floor((bin * (count - 2)) / bins);
    const to = first + 1 + Math.floor(((bin + 1) * (count - 2)) / bins);
    let [least, greatest] = [from, from];
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      if (value === null) continue;
      const [low, high] = [values[least]!, values[greatest]!];
      if (low === null || value < low) least = i;
      if (high === null || value > high) greatest = i;
    }
    kept.push(...new Set([Math.min(least, greatest), Math.max(least, greatest)]));
  }
  kept.push(end - 1);
  return kept;
}

/** Of the runs that were asked for last. */
export class ColumnCache {
  private readonly kept = new Map<string, MetricsColumns>();

  constructor(private readonly most: number) {}

  of(folder: string): MetricsColumns {
    const columns = this.kept.get(folder) ?? new MetricsColumns(folder);
    this.kept.delete(folder);
    this.kept.set(folder, columns); // the last of the map is the latest
    const [oldest] = this.kept.keys();
    if (this.kept.size > this.most && oldest !== undefined) this.kept.delete(oldest);
    columns.update();
    return columns;
  }
}
