/** What a run said. Runs of earlier versions kept no log: of these, what metrics.jsonl has in words. */

import type { LogEntry } from "../../runs/folder/log-file.js";
import { readMetrics } from "../../runs/folder/metrics-file.js";
import type { LogLine } from "../api.js";

type Said = Pick<LogLine, "level" | "text">;

/** "warning: f drifts" is a warning. */
export function said(text: string): Said {
  const [, level] = /^(note|warning|error): /.exec(text) ?? [];
  if (level !== "note" && level !== "warning" && level !== "error") return { level: "info", text };
  return { level, text: text.slice(level.length + 2) };
}

export async function readLog(folder: string, entries: readonly LogEntry[]): Promise<LogLine[]> {
  if (entries.length === 0) return fromMetrics(folder);
  return entries.map(({ time, iteration, text, end }) => ({
    time,
    iteration,
    ...(end === "diverged" || end === "failed" ? { level: "error", text } : said(text)),
  }));
}

async function fromMetrics(folder: string): Promise<LogLine[]> {
  const lines = await readMetrics(folder).catch(() => []);
  return lines.flatMap(({ iteration, kind, text, diverged_at, term }): LogLine[] => {
    if (kind === "warning" && typeof text === "string") return [{ time: null, iteration, ...said(text) }];
    if (kind !== "recovery") return [];
    const what = `training diverged (${term} at iteration ${diverged_at}): back to iteration ${iteration}, with smaller learning rates`;
    return [{ time: null, iteration, level: "warning", text: what }];
  });
}
