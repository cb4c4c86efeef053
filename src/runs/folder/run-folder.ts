/**
 * A run's folder: everything that a run leaves behind.
 *
 *   config.json       the resolved configuration, versions, the data's fingerprint
 *   metrics.jsonl     one object per line (docs/metrics.md)
 *   log.jsonl         what training said, and how it ended
 *   events.out.tfevents.*.vera   the same for TensorBoard
 *   checkpoints/      last.safetensors, best.safetensors
 *   figures/          PNG, and SVG and a Vega-Lite specification for charts
 *
 * Whoever writes to it owns it: there is no other way to a RunFolder than to claim one.
 */
import { appendFileSync } from "node:fs";
import { appendFile, readFile, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { clearTemporaries, FolderLock, makeFolder, onFile, writeAtomic } from "../../files/index.js";
import { CONFIG_FILE } from "../config/index.js";
import { type LogEntry, parseLog } from "./log-file.js";
import { type MetricsLine, readMetrics } from "./metrics-file.js";
import {
  type CheckpointName,
  discardRun,
  type FigureName,
  type FolderUse,
  filesIn,
  isEventFile,
  LOG_FILE,
  METRICS_FILE,
  OWN_FOLDERS,
  refuseFolder,
} from "./run-files.js";
import { EventFile } from "./tensorboard.js";

/** In the folder itself others write, too, like `vera eval` its calibration: what is younger than so many milliseconds may be theirs. */
const WRITING = 1000;

const jsonLines = (lines: readonly object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join("");

export class RunFolder {
  private readonly events: EventFile;
  /** Of the log: said before it was known whether the run begins or goes on. */
  private unwritten: LogEntry[] | null = [];

  private constructor(
    readonly path: string,
    private readonly lock: FolderLock,
    /** Whether it was made for this run. */
    private readonly isNew: boolean,
  ) {
    this.events = new EventFile(join(path, `events.out.tfevents.${Math.floor(Date.now() / 1000)}.vera`));
  }

  /**
   * Takes a folder for a run, new or resumed; nothing in it changes yet.
   * @throws ConfigError where it holds a run that is neither to be resumed nor to be replaced, or something else; FileError where
   * another process trains in it, or it cannot be written.
   */
  static async claim(path: string, use: FolderUse = {}): Promise<RunFolder> {
    await refuseFolder(path, use);
    const isNew = await onFile(path, () => makeFolder(path));
    const lock = await FolderLock.take(path);
    const folder = new RunFolder(path, lock, isNew);
    try {
      await refuseFolder(path, use); // again: another process may have begun a run since
      for (const below of OWN_FOLDERS)
        await clearTemporaries(join(path, below), below === "." ? lock.since - WRITING : lock.since);
      return folder;
    } catch (cause) {
      await folder.release();
      throw cause;
    }
  }

  /** Gives the folder back. One that was made for nothing goes again. */
  async release(): Promise<void> {
    await this.lock.release();
    if (this.isNew) await rmdir(this.path).catch(() => undefined); // refused where it is not empty
  }

  checkpoint(name: CheckpointName): string {
    return join(this.path, "checkpoints", `${name}.safetensors`);
  }

  /** Path of a figure, without its extension. */
  figure(name: FigureName): string {
    return join(this.path, "figures", name);
  }

  private get metricsFile(): string {
    return join(this.path, METRICS_FILE);
  }

  /** Makes the folder that of a new run: a former run's files would be mistaken for this one's. */
  async begin(config: unknown): Promise<void> {
    await discardRun(this.path);
    // Before anything else, so that a run that is killed from here on is known for one.
    await this.saveConfig(config);
    await writeAtomic(this.metricsFile, "");
    await this.startLog([]);
  }

  saveConfig(config: unknown): Promise<void> {
    return writeAtomic(join(this.path, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
  }

  /** Keeps lines up to the iteration that a run resumes from, as far as they are not to be written again. */
  async rewind(iteration: number, isKept: (line: MetricsLine) => boolean = () => true): Promise<void> {
    const lines = (await this.metrics()).filter((line) => line.iteration <= iteration && isKept(line));
    await writeAtomic(this.metricsFile, jsonLines(lines));
    for (const name of await filesIn(this.path)) {
      if (isEventFile(name)) await onFile(join(this.path, name), () => rm(join(this.path, name)));
    }
    for (const line of lines) await this.event(line);
    const former = parseLog(await readFile(this.logFile, "utf8").catch(() => ""));
    await this.startLog(former.filter((entry) => (entry.iteration ?? 0) <= iteration));
  }

  /**
   * Puts a line in the log, once the run has begun or gone on: one that is refused leaves its folder as it was. A log is not worth ending a
   * run for, where the disk is full.
   */
  say(entry: Omit<LogEntry, "time">): void {
    const timed = { time: Date.now(), ...entry };
    if (this.unwritten !== null) this.unwritten.push(timed);
    else this.append([timed]);
  }

  private async startLog(former: readonly LogEntry[]): Promise<void> {
    const lines = [...former, ...(this.unwritten ?? [])];
    await writeAtomic(this.logFile, jsonLines(lines));
    this.unwritten = null;
  }

  private append(entries: readonly LogEntry[]): void {
    try {
      appendFileSync(this.logFile, jsonLines(entries));
    } catch {
      // What was said stands on the screen.
    }
  }

  private get logFile(): string {
    return join(this.path, LOG_FILE);
  }

  async log(line: MetricsLine): Promise<void> {
    await onFile(this.metricsFile, () => appendFile(this.metricsFile, `${JSON.stringify(line)}\n`));
    await this.event(line);
  }

  metrics(): Promise<MetricsLine[]> {
    return readMetrics(this.path);
  }

  private event({ iteration, kind, ...values }: MetricsLine): Promise<void> {
    const numbers = Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === "number");
    return this.events.scalars(iteration, Object.fromEntries(numbers.map(([name, v]) => [`${kind}/${name}`, v])));
  }
}
