/** A training that was asked for and is not over, as the queue keeps it. */
import * as v from "valibot";
import { type Entries, type Schema, whole } from "../../files/read-back.js";
import type { RunState, RunSummary, SettingValue } from "../api.js";
import { VALUE } from "../runs/saved-settings.js";

/** A process, so that a number that comes again is not taken for it. */
export interface Process {
  readonly pid: number;
  readonly started: string | null;
}

export interface Job {
  /** Of its own files in the studio's folder. */
  readonly key: string;
  /** Folder of the run. */
  readonly path: string;
  /** What `vera` is asked for. */
  readonly argv: readonly string[];
  readonly created: number;
  /** Null while it waits. */
  readonly process: Process | null;
  /** Why it ended without a run that could say so. */
  readonly problem: string | null;
  /** Of what is shown before there is a run. */
  readonly data: string;
  readonly mode: string;
  readonly architecture: string;
  readonly values: Readonly<Record<string, SettingValue>>;
}

const JOB: Schema<Job> = v.object({
  key: v.pipe(v.string(), v.uuid()),
  path: v.string(),
  argv: v.array(v.string()),
  created: v.number(),
  process: v.nullable(v.object({ pid: whole(1), started: v.nullable(v.string()) } satisfies Entries<Process>)),
  problem: v.nullable(v.string()),
  data: v.string(),
  mode: v.string(),
  architecture: v.string(),
  values: v.record(v.string(), VALUE),
} satisfies Entries<Job>);

export const JOBS: Schema<readonly Job[]> = v.array(JOB);

/** What the list of runs says of it where there is no folder yet. */
export const stateOf = ({ process, problem }: Job): RunState =>
  problem !== null ? "broken" : process === null ? "waiting" : "training";

/** A run with what the queue knows of it. */
export function withJob(summary: RunSummary, job: Job | undefined): RunSummary {
  if (job === undefined || summary.state === "training") return summary;
  if (job.problem !== null && summary.state !== "stopped") return summary; // it has ended otherwise since
  if (job.problem !== null) return { ...summary, problem: summary.problem ?? job.problem };
  return { ...summary, state: stateOf(job), problem: null };
}
