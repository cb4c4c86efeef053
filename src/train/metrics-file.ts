/** metrics.jsonl (docs/metrics.md). */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { METRICS_FILE } from "./run-files.js";

/** One line. */
export interface MetricsLine {
  readonly iteration: number;
  /** What the line is about: training since the last such line, an evaluation, or what figures show. */
  readonly kind: "train" | "validation" | "test" | "figure";
  readonly [name: string]: number | string;
}

/** All lines of a run so far. A half-written last line, left by a crash, is ignored. */
export async function readMetrics(folder: string): Promise<MetricsLine[]> {
  const text = await readFile(join(folder, METRICS_FILE), "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as MetricsLine];
    } catch {
      return [];
    }
  });
}
