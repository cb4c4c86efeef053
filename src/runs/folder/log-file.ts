/** log.jsonl: what training said, and how it ended, so that who did not watch can read it. */
import * as v from "valibot";
import { checkedJson, type Entries, type Schema, whole } from "../../files/read-back.js";

const ENDS = ["done", "stopped", "diverged", "failed"] as const;

/** One line. */
export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Null before the first. */
  readonly iteration: number | null;
  /** As on the screen: what begins with "note:" or "warning:" is one. */
  readonly text: string;
  /** Where training begins or goes on: of how many iterations. */
  readonly iterations?: number;
  /** Where it ended: how. A run that was killed says nothing. */
  readonly end?: (typeof ENDS)[number];
}

const ENTRY: Schema<LogEntry> = v.object({
  time: v.number(),
  iteration: v.nullable(whole()),
  text: v.string(),
  iterations: v.exactOptional(whole()),
  end: v.exactOptional(v.picklist(ENDS)),
} satisfies Entries<LogEntry>);

/** The lines of a log that are whole; a log is for people, and what cannot be read is left out. */
export const parseLog = (text: string): LogEntry[] =>
  text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [checkedJson(ENTRY, line, (problem) => new Error(problem))];
    } catch {
      return [];
    }
  });
