/**
 * A run's folder: everything that a run leaves behind.
 *
 *   config.json       the resolved configuration, versions, the data's fingerprint
 *   metrics.jsonl     one object per line (docs/metrics.md)
 *   events.out.tfevents.*   the same for TensorBoard
 *   checkpoints/      last.safetensors, best.safetensors
 *   figures/          PNG, and SVG for plots
 */
import { appendFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { onFile, writeAtomic } from "./files.js";
import { EventFile } from "./tensorboard.js";

/** One line of metrics.jsonl. */
export interface MetricsLine {
  readonly iteration: number;
  /** What the line is about: training since the last such line, an evaluation, or what figures show. */
  readonly kind: "train" | "validation" | "test" | "figure";
  readonly [name: string]: number | string;
}

export class RunFolder {
  private readonly events: EventFile;

  constructor(readonly path: string) {
    this.events = new EventFile(join(path, `events.out.tfevents.${Math.floor(Date.now() / 1000)}.vera`));
  }

  checkpoint(name: "last" | "best"): string {
    return join(this.path, "checkpoints", `${name}.safetensors`);
  }

  /** Path of a figure, without its extension. */
  figure(name: string): string {
    return join(this.path, "figures", name);
  }

  private get metricsFile(): string {
    return join(this.path, "metrics.jsonl");
  }

  /** Makes the folder ready for a new run: a former run's metrics would be mistaken for this one's. */
  async begin(): Promise<void> {
    await onFile(this.path, () => mkdir(this.path, { recursive: true }));
    await this.discardEvents();
    await rm(join(this.path, "checkpoints"), { recursive: true, force: true });
    await rm(join(this.path, "figures"), { recursive: true, force: true });
    await writeAtomic(this.metricsFile, "");
  }

  saveConfig(config: unknown): Promise<void> {
    return writeAtomic(join(this.path, "config.json"), `${JSON.stringify(config, null, 2)}\n`);
  }

  /** Drops lines after the iteration that a run resumes from: they will be written again. */
  async rewind(iteration: number): Promise<void> {
    const lines = (await this.metrics()).filter((line) => line.iteration <= iteration);
    await writeAtomic(this.metricsFile, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    await this.discardEvents();
    for (const line of lines) await this.event(line);
  }

  async log(line: MetricsLine): Promise<void> {
    await onFile(this.metricsFile, () => appendFile(this.metricsFile, `${JSON.stringify(line)}\n`));
    await this.event(line);
  }

  /** All lines so far. A half-written last line, left by a crash, is ignored. */
  async metrics(): Promise<MetricsLine[]> {
    const text = await readFile(this.metricsFile, "utf8").catch(() => "");
    return text.split("\n").flatMap((line) => {
      try {
        return line === "" ? [] : [JSON.parse(line) as MetricsLine];
      } catch {
        return [];
      }
    });
  }

  private event({ iteration, kind, ...values }: MetricsLine): Promise<void> {
    const numbers = Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === "number");
    return this.events.scalars(iteration, Object.fromEntries(numbers.map(([name, v]) => [`${kind}/${name}`, v])));
  }

  private async discardEvents(): Promise<void> {
    for (const name of await readdir(this.path).catch(() => [] as string[])) {
      if (name.startsWith("events.out.tfevents.")) await rm(join(this.path, name), { force: true });
    }
  }
}
