/** `vera score` of a table in many files: one result for each, shared out among the ranks of a job where there is one. */
import { open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Job } from "../cluster/mpi.js";
import { DataError, hashFile } from "../data/index.js";
import { clearTemporaries, FileError, FolderLock, makeFolder, onFile } from "../files/index.js";
import { assign } from "../score/parts/assign.js";
import { findParts, type Part } from "../score/parts/find.js";
import { type Asked, type Counts, recordFile, resultOf, writeRecord } from "../score/parts/record.js";
import { withoutFormat } from "../tables/index.js";
import type { Output } from "./command.js";
import { formatError, UsageError } from "./errors.js";
import { type Ending, type Scoring, scoreFile, summaryOf } from "./score-file.js";
import { formatOf, openSink, type ScoreFormat } from "./score-sink.js";

export interface PartsRequest {
  /** A folder, a pattern or a file. */
  readonly from: string;
  /** Folder of the results. */
  readonly to: string;
  /** Of the results; null for that of each part. */
  readonly format: ScoreFormat | null;
  readonly overwrite: boolean;
  readonly asked: Asked;
}

interface Task {
  readonly part: Part;
  /** Below the folder of results. */
  readonly result: string;
}

/** What is to be done, as rank 0 finds it. */
export interface Plan {
  readonly due: readonly Task[];
  /** Parts that are done, and their inputs. */
  readonly done: number;
  readonly counts: Counts;
}

/** What a rank has done. */
interface Report {
  readonly counts: Counts;
  readonly done: number;
  readonly failed: readonly string[];
}

const NONE: Counts = { inputs: 0, bad: 0, flagged: 0 };

const plus = (a: Counts, b: Counts): Counts => ({
  inputs: a.inputs + b.inputs,
  bad: a.bad + b.bad,
  flagged: a.flagged + b.flagged,
});

/**
 * Makes the folder of results one's own, until the lock is released.
 * @throws FileError where another process has it
 */
export async function takeResults(folder: string): Promise<FolderLock> {
  await onFile(folder, () => makeFolder(folder));
  return FolderLock.take(folder, "vera score");
}

/**
 * Which parts are to be scored; what killed writers left beside their results goes.
 * @param refuse throws where a path must not be written
 * @throws DataError where there is no part
 * @throws FileError where something else has a result's name, and is not to be replaced
 */
export async function planParts(
  { from, to, format, overwrite, asked }: PartsRequest,
  since: number,
  refuse: (path: string) => Promise<void>,
): Promise<Plan> {
  const tasks = (await findParts(from, to)).map((part): Task => {
    const made = format ?? formatOf(part.name);
    return { part, result: `${withoutFormat(part.name)}.${made}` };
  });
  refuseTwins(tasks);
  for (const { result } of tasks) await refuse(join(to, result));
  const written = tasks.flatMap(({ result }) => [join(to, result), recordFile(to, result)]);
  for (const folder of new Set(written.map((file) => dirname(file)))) await clearTemporaries(folder, since);
  const due: Task[] = [];
  let counts = NONE;
  for (const task of tasks) {
    const found = await resultOf(to, task.result, task.part, asked).catch((cause: unknown) => {
      if (overwrite && cause instanceof FileError) return null;
      throw cause;
    });
    if (found === null) due.push(task);
    else counts = plus(counts, found);
  }
  return { due, done: tasks.length - due.length, counts };
}

function refuseTwins(tasks: readonly Task[]): void {
  const seen = new Map<string, Part>();
  for (const { part, result } of tasks) {
    const other = seen.get(result);
    if (other !== undefined)
      throw new UsageError(
        `${other.path} and ${part.path} would both have ${result} for their result: name one kind of them by a pattern, like '*.parquet'`,
      );
    seen.set(result, part);
  }
}

/**
 * Scores what is due, each rank its share, and says at the end what there is. A part that cannot be read leaves the others alone.
 * @param loud where a rank that is not the first tells what went wrong with its parts
 * @throws FileError where a result cannot be written, or with `strict` DataError at the first bad input
 */
export async function scoreParts(
  plan: Plan,
  request: PartsRequest,
  scoring: Scoring,
  job: Job | null,
  loud: Output,
): Promise<Ending> {
  const { due, done } = plan;
  const { display } = scoring;
  const all = due.length + done;
  if (done > 0) display.say(`${done} of ${all} parts are done already, and are skipped`);
  const shares = assign(
    due.map(({ part }) => part.bytes),
    job?.size ?? 1,
  );
  const mine = shares[job?.rank ?? 0]!.map((i) => due[i]!);
  const own = await scoreShare(mine, request, scoring, (text) =>
    job === null || job.rank === 0 ? display.say(text) : loud.write(`rank ${job.rank}: ${text}\n`),
  );
  const reports = await reportsOf(own, job);
  const made = reports.reduce((sum, report) => sum + report.done, 0);
  const failed = reports.flatMap((report) => report.failed).sort();
  const left = due.length - made - failed.length;
  const counts = reports.reduce((sum, report) => plus(sum, report.counts), plan.counts);
  if (left > 0) display.say(`stopped before the end; the same command goes on with the ${left} of ${all} parts left`);
  if (failed.length > 0)
    display.say(
      `${failed.length} of ${all} parts could not be scored: ${failed.slice(0, NAMED).join(", ")}${failed.length > NAMED ? ", …" : ""}`,
    );
  display.say(`parts: ${made} scored, ${done} skipped; results of ${made + done} of ${all} are in ${request.to}`);
  display.say(summaryOf(counts, scoring));
  return failed.length > 0 ? "failed" : left > 0 ? "stopped" : "done";
}

/** Parts that failed, named at the end. */
const NAMED = 20;

async function scoreShare(
  tasks: readonly Task[],
  request: PartsRequest,
  scoring: Scoring,
  say: (text: string) => void,
): Promise<Report> {
  const failed: string[] = [];
  let [counts, done] = [NONE, 0];
  for (const [i, task] of tasks.entries()) {
    if (scoring.signal.aborted) break;
    try {
      const found = await scorePart(task, request, scoring, `part ${i + 1} of ${tasks.length}, scored`);
      if (found === null) break;
      counts = plus(counts, found);
      done++;
    } catch (cause) {
      if (!(cause instanceof DataError) || scoring.values.strict) throw cause;
      say(formatError(cause, false));
      failed.push(task.part.path);
    }
  }
  return { counts, done, failed };
}

/** Null where the user stopped it. */
async function scorePart(
  { part, result }: Task,
  { to, asked, overwrite }: PartsRequest,
  scoring: Scoring,
  stage: string,
): Promise<Counts | null> {
  const { path, bytes, modified } = part;
  const out = join(to, result);
  const sha256 = await contentOf(path);
  let counts = NONE;
  const whole = await openSink(
    formatOf(result),
    out,
    { write: () => true },
    async (sink) => {
      counts = await scoreFile(scoring, path, sink, stage);
      return !scoring.signal.aborted;
    },
    async (temporary) => {
      const now = await stat(path).catch(() => null);
      if (now?.size !== bytes || now.mtimeMs !== modified)
        throw new DataError(path, "has changed while it was scored", "score it when it is whole");
      const resultBytes = await onFile(out, () => flushed(temporary));
      if (overwrite) await onFile(out, () => rm(out, { force: true })); // the record must never be beside what it is not of
      await writeRecord(to, result, { ...asked, part: { bytes, modified, sha256 }, resultBytes, counts });
    },
  );
  return whole ? counts : null;
}

const contentOf = (path: string): Promise<string> =>
  hashFile(path, "sha256").catch((cause: Error) => {
    throw new DataError(path, `cannot be read (${cause.message})`, undefined, { cause });
  });

/** Brings a file to the disk. @returns its length */
async function flushed(path: string): Promise<number> {
  const file = await open(path, "r+");
  try {
    await file.sync();
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

const encoded = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** What rank 0 finds out, on all ranks: the others wait for it. @param make plain data, as JSON has it */
export async function fromLeader<T>(job: Job | null, make: () => Promise<T>): Promise<T> {
  if (job === null) return make();
  const made = job.rank === 0 ? encoded(await make()) : null;
  await job.barrier();
  return JSON.parse(new TextDecoder().decode(job.broadcast(made))) as T; // which rank 0 wrote
}

/** What all ranks have done, when all have. */
async function reportsOf(own: Report, job: Job | null): Promise<readonly Report[]> {
  if (job === null) return [own];
  await job.barrier();
  return job.gather(encoded(own)).map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Report); // as above
}
