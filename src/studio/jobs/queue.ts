/**
 * Trainings one after another, each a process of its own.
 *
 * The processes are detached: they go on when the studio ends, or fails. What waits is in a file of this user's, and is started by the next
 * studio of that folder: not in the folder itself, where who sends somebody his runs could put trainings to be started. One studio at a
 * time has that file.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, existsSync, openSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  FolderLock,
  holderOf,
  isClaim,
  isRunning,
  makeFolder,
  onFile,
  startOf,
  writeAtomic,
} from "../../files/index.js";
import { checkedJson } from "../../files/read-back.js";
import type { Change } from "../api.js";
import { RequestError } from "../errors.js";
import type { Folders, Place } from "../folders.js";
import { errorIn, type Program } from "../program.js";
import { JOBS, type Job } from "./job.js";

/** Processes that a former studio started are looked after by their numbers. */
const LOOK = 2000;

/** Exit code of a training that was stopped in good order. */
const INTERRUPTED = 130;

export type Wish = Pick<Job, "path" | "argv" | "data" | "mode" | "architecture" | "values">;

export class Queue {
  private jobs: readonly Job[] = [];
  private lock: FolderLock | null = null;
  private readonly children = new Map<string, ChildProcess>();
  private timer: NodeJS.Timeout | null = null;
  private turn: Promise<unknown> = Promise.resolve();

  /** @param folder of its files */
  constructor(
    private readonly folder: string,
    private readonly folders: Folders,
    private readonly program: Program,
    private readonly tell: (change: Change) => void,
  ) {}

  /** Takes up what a former studio left. */
  async open(): Promise<void> {
    // Where another studio has it, or nothing can be written, the runs can be looked at all the same.
    if (existsSync(this.file)) await this.inTurn(() => this.step()).catch(() => undefined);
  }

  /** Running processes go on, and what waits is left to the next studio. */
  async close(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.turn;
    await this.lock?.release();
    this.lock = null;
  }

  get all(): readonly Job[] {
    return this.jobs;
  }

  placeOf({ path }: Pick<Job, "path">): Place {
    return this.folders.placeAt(path);
  }

  of(id: string): Job | undefined {
    return this.jobs.find((job) => this.placeOf(job).id === id);
  }

  /** Where a job's own file is, as long as it is not over. */
  fileOf(key: string, ending: "json" | "log"): string {
    return join(this.folder, `${key}.${ending}`);
  }

  /** Puts a training at the end. @param prepare writes what it needs */
  add(wish: (key: string) => Promise<Wish>): Promise<Job> {
    return this.inTurn(async () => {
      const key = randomUUID();
      const job: Job = { ...(await wish(key)), key, created: Date.now(), process: null, problem: null };
      const { id, name } = this.placeOf(job);
      const former = this.of(id);
      if (former !== undefined && former.problem === null)
        throw new RequestError(409, `${name} ${former.process === null ? "waits" : "trains"} already`);
      await this.set([...this.jobs.filter((each) => each !== former), job]);
      await this.step();
      return job;
    });
  }

  /** Forgets a job that does not run. */
  remove(id: string): Promise<void> {
    return this.inTurn(async () => {
      const job = this.of(id);
      if (job === undefined || job.process !== null) return;
      await this.set(this.jobs.filter((each) => each !== job));
      for (const ending of ["json", "log"] as const) await rm(this.fileOf(job.key, ending), { force: true });
    });
  }

  /** What a job's process has written. */
  said({ key }: Job): Promise<string> {
    return readFile(this.fileOf(key, "log"), "utf8").catch(() => "");
  }

  private get file(): string {
    return join(this.folder, "queue.json");
  }

  /** One thing at a time, with the file in hand. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.turn.then(async () => {
      await this.claim();
      return work();
    });
    this.turn = next.catch(() => undefined);
    return next;
  }

  /** @throws RequestError where another studio has the queue; FileError where nothing can be written */
  private async claim(): Promise<void> {
    if (this.lock !== null) return;
    await onFile(this.folder, () => makeFolder(this.folder));
    const holder = await holderOf(this.folder, (await readdir(this.folder)).filter(isClaim));
    if (holder !== null)
      throw new RequestError(
        409,
        `another studio (process ${holder.pid}${holder.isHere ? "" : ` on ${holder.host}`}) has the queue of ${this.folders.first.name}: start runs there, or end it`,
      );
    this.lock = await FolderLock.take(this.folder);
    const text = await readFile(this.file, "utf8").catch(() => "[]");
    this.jobs = checkedJson(
      JOBS,
      text,
      (problem) => new RequestError(500, `${this.file}: ${problem}; remove the file`),
    );
  }

  private async set(jobs: readonly Job[]): Promise<void> {
    const former = this.jobs;
    await writeAtomic(this.file, `${JSON.stringify(jobs, null, 1)}\n`);
    this.jobs = jobs;
    const other = [...former.filter((job) => !jobs.includes(job)), ...jobs.filter((job) => !former.includes(job))];
    this.tell({ runs: [...new Set(other.map((job) => this.placeOf(job).id))], list: true });
  }

  /** Sees which processes have ended, and starts the next. */
  private async step(): Promise<void> {
    for (const job of this.jobs) {
      if (job.process === null || this.children.has(job.key) || isRunning(job.process.pid, job.process.started))
        continue;
      await this.ended(job, null, null);
    }
    const next = this.jobs.find(({ process, problem }) => process === null && problem === null);
    if (next !== undefined && this.jobs.every(({ process }) => process === null)) await this.start(next);
    const others = this.jobs.some(({ key, process }) => process !== null && !this.children.has(key));
    if (others)
      this.timer ??= setInterval(() => void this.inTurn(() => this.step()).catch(() => undefined), LOOK).unref();
    else if (this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
  }

  private async start(job: Job): Promise<void> {
    const [command, argv] = this.program.command(job.argv);
    const output = openSync(this.fileOf(job.key, "log"), "w");
    const child = spawn(command, argv, { detached: true, stdio: ["ignore", output, output] });
    closeSync(output);
    child.unref();
    const over = (code: number | null, signal: NodeJS.Signals | null) => {
      this.children.delete(job.key);
      if (this.lock === null) return; // the studio has ended: the next one sees it
      const ending = async () => {
        const last = this.jobs.find(({ key }) => key === job.key);
        if (last !== undefined) await this.ended(last, code, signal);
        await this.step();
      };
      void this.inTurn(ending).catch(() => undefined);
    };
    child.once("exit", over);
    child.once("error", () => over(1, null));
    if (child.pid === undefined) return;
    this.children.set(job.key, child);
    const running = { ...job, process: { pid: child.pid, started: startOf(child.pid) } };
    await this.set(this.jobs.map((each) => (each === job ? running : each)));
  }

  /** What is over leaves the queue, unless there is something to tell of it that the run cannot tell itself. */
  private async ended(job: Job, code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const problem = await this.problemOf(job, code, signal);
    const left = problem === null ? [] : [{ ...job, process: null, problem }];
    await this.set(this.jobs.flatMap((each) => (each === job ? left : [each])));
    await rm(this.fileOf(job.key, "json"), { force: true });
    if (problem === null) await rm(this.fileOf(job.key, "log"), { force: true });
  }

  private async problemOf(job: Job, code: number | null, signal: NodeJS.Signals | null): Promise<string | null> {
    if (code === 0 || code === INTERRUPTED || signal === "SIGTERM" || signal === "SIGINT") return null;
    if (signal !== null) return `its process was ended from outside (${signal}), as systems do when memory runs out`;
    const err = await this.said(job);
    if (code !== null || /^vera: /m.test(err)) return errorIn(err);
    return null; // of a former studio, and without an error
  }
}
