/** metrics.jsonl (docs/metrics.md). */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { checkedJson, type Schema, whole } from "../../files/read-back.js";
import { ConfigError } from "../config/index.js";
import { METRICS_FILE } from "./run-files.js";

const KINDS = ["train", "validation", "test", "figure", "warning", "recovery"] as const;

/** One line. */
export interface MetricsLine {
  readonly iteration: number;
  /** What the line is about: training since the last such line, an evaluation, what figures show, a sign that it goes wrong, or that it went back. */
  readonly kind: (typeof KINDS)[number];
  readonly [name: string]: number | string;
}

const LINE: Schema<MetricsLine> = v.objectWithRest(
  { iteration: whole(), kind: v.picklist(KINDS) },
  v.pipe(
    v.nullable(v.union([v.number(), v.string()])),
    v.transform((x) => x ?? Number.NaN), // for which JSON has null
  ),
);

/**
 * All lines of a run so far. A half-written last line, left by a crash, is ignored.
 * @throws ConfigError for any other that training did not write
 */
export async function readMetrics(folder: string): Promise<MetricsLine[]> {
  const file = join(folder, METRICS_FILE);
  const text = await readFile(file, "utf8").catch(() => "");
  const ended = text.slice(0, text.lastIndexOf("\n") + 1);
  return ended.split("\n").flatMap((line, i) => {
    if (line === "") return [];
    const refuse = (problem: string) =>
      new ConfigError(`${file}, line ${i + 1}: ${problem}; restore the line, or remove it`);
    return [checkedJson(LINE, line, refuse)];
  });
}
