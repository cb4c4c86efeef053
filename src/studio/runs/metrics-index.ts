/**
 * What the list of runs says of a run's metrics.jsonl, kept as the file grows.
 *
 * The lines are looked at without the schema that readMetrics has: a thousand runs of a hundred metrics are millions of numbers.
 */
import type { MetricSummary } from "../api.js";
import { TailReader } from "./tail.js";

export type MetricsRecord = Readonly<Record<string, unknown>> & { readonly iteration: number; readonly kind: string };

/** A line of metrics.jsonl. @throws Error with what is wrong */
export function parseMetrics(line: string): MetricsRecord {
  const record: unknown = JSON.parse(line);
  if (!isRecord(record)) throw new Error("no iteration and kind");
  return record;
}

const isRecord = (value: unknown): value is MetricsRecord =>
  typeof value === "object" &&
  value !== null &&
  "iteration" in value &&
  "kind" in value &&
  Number.isSafeInteger(value.iteration) &&
  typeof value.kind === "string";

/** Names that every line has. */
export const isName = (name: string): boolean => name !== "iteration" && name !== "kind";

interface Extent {
  last: number;
  min: number;
  max: number;
}

export class MetricsIndex {
  private extents = new Map<string, Map<string, Extent>>();
  private lines = 0;
  iteration = 0;
  /** The run was tested at its end. */
  isTested = false;
  /** Why the file cannot be used, or null. */
  problem: string | null = null;
  private readonly tail: TailReader;

  constructor(path: string) {
    this.tail = new TailReader(path);
  }

  /** Takes what has been written since. */
  update(): void {
    const { anew, lines } = this.tail.read();
    if (anew) this.clear();
    for (const line of lines) {
      this.lines++;
      try {
        if (line !== "") this.add(parseMetrics(line));
      } catch (cause) {
        this.problem ??= `metrics.jsonl, line ${this.lines}: ${(cause as Error).message}`;
      }
    }
  }

  /** By `KIND/NAME`. */
  get metrics(): Record<string, MetricSummary> {
    return Object.fromEntries(
      [...this.extents].flatMap(([kind, names]) => [...names].map(([name, extent]) => [`${kind}/${name}`, extent])),
    );
  }

  private clear(): void {
    this.extents = new Map();
    this.lines = 0;
    this.iteration = 0;
    this.isTested = false;
    this.problem = null;
  }

  private add(record: MetricsRecord): void {
    const { iteration, kind } = record;
    this.iteration = Math.max(this.iteration, iteration);
    if (kind === "test") this.isTested = true;
    let names = this.extents.get(kind);
    if (names === undefined) {
      names = new Map();
      this.extents.set(kind, names);
    }
    for (const name in record) {
      const value = record[name];
      if (typeof value !== "number" || !isName(name)) continue;
      const extent = names.get(name);
      if (extent === undefined) names.set(name, { last: value, min: value, max: value });
      else {
        extent.last = value;
        if (value < extent.min) extent.min = value;
        else if (value > extent.max) extent.max = value;
      }
    }
  }
}
