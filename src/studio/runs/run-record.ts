/** A run as its folder says it is: read again only where files have changed. */
import { type Stats, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { type Holder, holderOf, isClaim } from "../../files/index.js";
import { checkedJson, type Schema } from "../../files/read-back.js";
import { CONFIG_FILE } from "../../runs/config/index.js";
import { type LogEntry, parseLog } from "../../runs/folder/log-file.js";
import { checkpointOf, LOG_FILE, METRICS_FILE, TAGS_FILE } from "../../runs/folder/run-files.js";
import type { RunState, RunSummary } from "../api.js";
import type { Place } from "../folders.js";
import { MetricsIndex } from "./metrics-index.js";
import { differing, readSettings, type SavedSettings } from "./saved-settings.js";

/** What is looked at to see that a run has changed. */
const WATCHED = [".", CONFIG_FILE, METRICS_FILE, LOG_FILE, TAGS_FILE, "figures", "checkpoints"] as const;
type Watched = (typeof WATCHED)[number];
type Found = Readonly<Partial<Record<Watched, Stats>>>;

const NOTHING: SavedSettings = { data: "", mode: "", architecture: "", values: {} };

export const TAGS: Schema<readonly string[]> = v.pipe(
  v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(60))),
  v.maxLength(50),
);

export class RunRecord {
  private readonly stamps = new Map<Watched, string>();
  private readonly index: MetricsIndex;
  private claims: readonly string[] = [];
  private settings: SavedSettings = NOTHING;
  private settingsProblem: string | null = null;
  private log: readonly LogEntry[] = [];
  private tags: readonly string[] = [];
  private times = { started: 0, updated: 0 };
  private holder: Holder | null = null;
  private hasModel = false;
  private made: RunSummary | null = null;
  private updating: Promise<void> | null = null;
  /** Another number where anything is another than before. */
  version = 0;

  constructor(readonly place: Place) {
    this.index = new MetricsIndex(join(place.path, METRICS_FILE));
  }

  /** Looks at the folder. Several that ask at once wait for the same look. */
  update(): Promise<void> {
    this.updating ??= this.look().finally(() => {
      this.updating = null;
    });
    return this.updating;
  }

  private async look(): Promise<void> {
    const { path } = this.place;
    // Not asynchronously: thousands of these would each wait for a thread, a hundred times as long as they take.
    const found: Found = Object.fromEntries(
      WATCHED.map((name) => [name, statSync(join(path, name), { throwIfNoEntry: false })]),
    );
    const changed = WATCHED.filter((name) => this.isOther(name, found[name]));
    if (changed.includes(".")) this.claims = (await readdir(path).catch((): string[] => [])).filter(isClaim);
    if (changed.includes(CONFIG_FILE)) this.readSettings();
    if (changed.includes(METRICS_FILE)) this.index.update();
    if (changed.includes(LOG_FILE)) this.log = parseLog(await textOf(join(path, LOG_FILE)));
    if (changed.includes(TAGS_FILE)) this.tags = await readTags(path);
    const former = this.holder;
    this.holder = this.claims.length === 0 ? null : await holderOf(path, this.claims);
    if (changed.length === 0 && former?.pid === this.holder?.pid) return;
    this.hasModel = this.settingsProblem === null && checkpointOf(path, this.checkpointElsewhere) !== null;
    this.times = timesOf(found, this.log);
    this.made = null;
    this.version++;
  }

  /** Who trains it. */
  get owner(): Holder | null {
    return this.holder;
  }

  get entries(): readonly LogEntry[] {
    return this.log;
  }

  get saved(): SavedSettings {
    return this.settings;
  }

  get summary(): RunSummary {
    this.made ??= this.summarise();
    return this.made;
  }

  private summarise(): RunSummary {
    const { place, settings, index, log, tags, times } = this;
    const { data, mode, architecture, values } = settings;
    const { nIters } = values;
    const iterations = log.findLast((entry) => entry.iterations !== undefined)?.iterations;
    return {
      id: place.id,
      name: place.name,
      folder: place.root.name,
      ...this.state(),
      data,
      mode,
      architecture,
      ...times,
      iteration: Math.max(index.iteration, log.at(-1)?.iteration ?? 0),
      iterations: iterations ?? (typeof nIters === "number" ? nIters : null),
      hasModel: this.hasModel,
      settings: differing(values, architecture),
      metrics: index.metrics,
      tags,
    };
  }

  private state(): { readonly state: RunState; readonly problem: string | null } {
    const problem = this.settingsProblem ?? this.index.problem;
    if (problem !== null) return { state: "broken", problem };
    if (this.holder !== null) return { state: "training", problem: null };
    // Lines that follow an end are of a run that went on, and was killed.
    const last = this.log.at(-1);
    if (last?.end === "diverged") return { state: "diverged", problem: last.text };
    if (last?.end === "done" || this.index.isTested) return { state: "done", problem: null };
    return { state: "stopped", problem: last?.end === "failed" ? last.text : null };
  }

  /** Where `--ckpt-path` keeps the latest one. */
  private get checkpointElsewhere(): string | null {
    const { ckptPath } = this.settings.values;
    return typeof ckptPath === "string" ? ckptPath : null;
  }

  private readSettings(): void {
    this.settingsProblem = null;
    try {
      this.settings = readSettings(this.place.path);
    } catch (cause) {
      this.settings = NOTHING;
      this.settingsProblem = (cause as Error).message;
    }
  }

  private isOther(name: Watched, found: Stats | undefined): boolean {
    const stamp = found === undefined ? "" : `${found.ino} ${found.size} ${found.mtimeMs}`;
    // What is not there is no change at first, but for the configuration, whose lack is told.
    const former = this.stamps.get(name) ?? (name === CONFIG_FILE ? "?" : "");
    this.stamps.set(name, stamp);
    return stamp !== former;
  }
}

const textOf = (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");

async function readTags(folder: string): Promise<readonly string[]> {
  try {
    return checkedJson(TAGS, await textOf(join(folder, TAGS_FILE)), (problem) => new Error(problem));
  } catch {
    return [];
  }
}

function timesOf(found: Found, log: readonly LogEntry[]): { readonly started: number; readonly updated: number } {
  const files = [found[CONFIG_FILE], found[METRICS_FILE], found[LOG_FILE], found.checkpoints, found.figures];
  const written = files.flatMap((each) => (each === undefined ? [] : [each.mtimeMs]));
  const born = [found["."], found.checkpoints].flatMap((each) =>
    each && each.birthtimeMs > 0 ? [each.birthtimeMs] : [],
  );
  const all = [...written, ...born];
  if (all.length === 0) return { started: 0, updated: 0 };
  return { started: Math.round(log[0]?.time ?? Math.min(...all)), updated: Math.round(Math.max(...written, 0)) };
}
