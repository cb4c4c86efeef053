/** All runs that are served, as they are on disk. */
import type { RunSummary } from "../api.js";
import { notFound } from "../errors.js";
import type { Folders } from "../folders.js";
import { RunRecord } from "./run-record.js";

/** Folders that are looked at side by side. */
const ABREAST = 32;

export class Catalogue {
  private held = new Map<string, RunRecord>();
  private refreshing: Promise<void> | null = null;

  constructor(private readonly folders: Folders) {}

  /** Looks at all folders; several that ask at once wait for the same look. */
  refresh(): Promise<void> {
    this.refreshing ??= this.look().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  async records(): Promise<readonly RunRecord[]> {
    await this.refresh();
    return [...this.held.values()];
  }

  async list(): Promise<readonly RunSummary[]> {
    return (await this.records()).map(({ summary }) => summary);
  }

  /** Null where there is no such run on disk. */
  async find(id: string): Promise<RunRecord | null> {
    if (!this.held.has(id)) await this.refresh();
    const record = this.held.get(id) ?? null;
    await record?.update();
    return record;
  }

  /** @throws RequestError where there is no such run on disk */
  async open(id: string): Promise<RunRecord> {
    const record = await this.find(id);
    if (record === null) throw notFound("such run");
    return record;
  }

  /** What each run is as of the last look, to be compared with another. */
  get versions(): ReadonlyMap<string, number> {
    return new Map([...this.held].map(([id, { version }]) => [id, version]));
  }

  private async look(): Promise<void> {
    const places = await this.folders.search();
    this.held = new Map(places.map((place) => [place.id, this.held.get(place.id) ?? new RunRecord(place)]));
    const waiting = [...this.held.values()];
    const work = async () => {
      for (let record = waiting.pop(); record !== undefined; record = waiting.pop()) await record.update();
    };
    await Promise.all(Array.from({ length: ABREAST }, work));
  }
}
