/** Runs as training leaves them, but written in a moment: what the studio's pages are tested with. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaults } from "../../src/runs/config/options.js";
import type { LogEntry } from "../../src/runs/folder/log-file.js";
import { LOG_FILE, METRICS_FILE, padded, TAGS_FILE } from "../../src/runs/folder/run-files.js";

export interface WrittenRun {
  readonly name: string;
  readonly data?: string;
  readonly mode?: string;
  /** Where they differ from the defaults. */
  readonly settings?: Readonly<Record<string, number | string | boolean | readonly number[]>>;
  readonly iterations?: number;
  /** Lines of metrics so far. Default: all of them. */
  readonly lines?: readonly string[];
  /** Null: it is not at an end. */
  readonly end?: LogEntry["end"] | null;
  readonly said?: readonly string[];
  readonly tags?: readonly string[];
  /** Names of figures, with their pictures and specifications. */
  readonly figures?: readonly { readonly name: string; readonly png?: Uint8Array; readonly spec?: object }[];
}

/** A line of metrics.jsonl. */
export const metricsLine = (iteration: number, kind: string, values: Readonly<Record<string, number | null>>): string =>
  JSON.stringify({ iteration, kind, ...values });

/** Curves that fall and rise as those of training do, with the noise of `seed`. */
export function curves(iterations: number, every: number, seed: number, level = 0): string[] {
  const lines: string[] = [];
  const noise = (i: number): number => Math.sin(i * 12.9898 + seed * 78.233) * 0.05;
  for (let i = every; i <= iterations; i += every) {
    const t = i / iterations;
    lines.push(
      metricsLine(i, "train", {
        epoch: Math.floor(i / 10),
        f_data: -1 - t + noise(i),
        f_samples: -1.1 - t + noise(i + 1),
        f_spread: 0.6 + noise(i),
        loss_energy: 0.5 * Math.exp(-4 * t) + level + noise(i),
        sigma: 0.1 + 0.05 * t,
      }),
    );
    if (i % (5 * every) === 0) {
      const values = {
        accuracy: 0.95 - 0.5 * Math.exp(-5 * t) + noise(i) / 10 - level / 10,
        nll: 0.2 + Math.exp(-5 * t) + level,
      };
      lines.push(metricsLine(i, "validation", values));
    }
  }
  return lines;
}

/** Writes a run below a folder. @returns its path */
export async function writeRun(folder: string, run: WrittenRun): Promise<string> {
  const { iterations = 100, settings = {}, end = "done", said = [], tags = [], figures = [] } = run;
  const path = join(folder, run.name);
  await mkdir(join(path, "checkpoints"), { recursive: true });
  await mkdir(join(path, "figures"), { recursive: true });
  const dataset = run.data ?? "moons";
  const config = {
    ...defaults(),
    dataset,
    nIters: iterations,
    ...settings,
    mode: run.mode ?? "vera",
    architecture: "toy",
    dataName: dataset,
    run: { vera: "0.1.0", node: "v20", platform: "linux", data: {} },
  };
  const lines = run.lines ?? curves(iterations, Math.max(1, Math.floor(iterations / 20)), 1);
  const time = Date.now() - 60_000;
  const log: LogEntry[] = [
    { time, iteration: null, text: `training ${dataset}`, iterations },
    ...said.map((text, i) => ({ time: time + i + 1, iteration: i + 1, text })),
    ...(end === null ? [] : [{ time: time + 50_000, iteration: iterations, text: `training ${end}`, end }]),
  ];
  await Promise.all([
    writeFile(join(path, "config.json"), JSON.stringify(config)),
    writeFile(join(path, METRICS_FILE), lines.map((line) => `${line}\n`).join("")),
    writeFile(join(path, LOG_FILE), log.map((entry) => `${JSON.stringify(entry)}\n`).join("")),
    ...(tags.length > 0 ? [writeFile(join(path, TAGS_FILE), JSON.stringify(tags))] : []),
    ...figures.flatMap(({ name, png, spec }) => [
      ...(png ? [writeFile(join(path, "figures", `${name}.png`), png)] : []),
      ...(spec ? [writeFile(join(path, "figures", `${name}.vl.json`), JSON.stringify(spec))] : []),
    ]),
  ]);
  return path;
}

export const samplesAt = (iteration: number): string => `samples-${padded(iteration)}`;

/** A chart of one point, as a specification that has its data. */
export const pointChart = (title: string): object => ({
  $schema: "https://vega.github.io/schema/vega-lite/v6.json",
  title,
  width: 120,
  height: 80,
  data: { values: [{ x: 1, y: 2 }] },
  transform: [{ calculate: "datum.x * 2", as: "twice" }],
  mark: "point",
  encoding: { x: { field: "twice", type: "quantitative" }, y: { field: "y", type: "quantitative" } },
});

/** So many runs of so many metrics, as a long search leaves them: some settings with three seeds each. */
export async function writeSearch(folder: string, runs: number, metrics: number, lines = 20): Promise<void> {
  const states = ["done", "done", "done", "stopped", "diverged"] as const;
  for (let i = 0; i < runs; i++) {
    const recipe = Math.floor(i / 3);
    const values = (line: number): Record<string, number> =>
      Object.fromEntries(
        Array.from({ length: metrics }, (_, m) => [`metric_${m}`, Math.sin(i + m) + Math.exp(-line / 5) * Math.cos(m)]),
      );
    await writeRun(folder, {
      name: `search/run-${String(i).padStart(4, "0")}`,
      data: ["moons", "circles", "rings"][recipe % 3]!,
      mode: recipe % 2 === 0 ? "vera" : "jem",
      settings: { lr: [0.001, 0.003, 0.01][recipe % 3]!, hDim: 64 * (1 + (recipe % 5)), seed: i % 3 },
      iterations: 10 * lines,
      lines: Array.from({ length: lines }, (_, line) => metricsLine(10 * (line + 1), "train", values(line))),
      end: states[i % states.length]!,
      tags: i % 50 === 0 ? ["kept"] : [],
    });
  }
}
