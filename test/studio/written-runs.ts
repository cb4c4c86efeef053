/** Runs as someone sees them in the studio: with curves, figures, tags and an end, but written in a moment. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogEntry } from "../../src/runs/folder/log-file.js";
import { padded, TAGS_FILE } from "../../src/runs/folder/run-files.js";
import { writeRun as writeSynthetic } from "./synthetic-runs.js";

type Line = Readonly<Record<string, unknown>>;

export interface WrittenRun {
  readonly name: string;
  /** A density in the plane. Default `moons`. */
  readonly data?: string;
  /** Where they differ from the defaults. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly iterations?: number;
  /** Metrics so far. Default: of all iterations. */
  readonly lines?: readonly Line[];
  /** Null: it is not at an end. */
  readonly end?: LogEntry["end"] | null;
  readonly said?: readonly string[];
  readonly tags?: readonly string[];
  /** Whether it has a checkpoint, which cannot be read. Default false. */
  readonly checkpoint?: boolean;
  /** Names of figures, with their pictures and specifications. */
  readonly figures?: readonly { readonly name: string; readonly png?: Uint8Array; readonly spec?: object }[];
}

/** A line of metrics.jsonl. */
export const metrics = (iteration: number, kind: string, values: Readonly<Record<string, number | null>>): Line => ({
  iteration,
  kind,
  ...values,
});

/** Curves that fall and rise as those of training do, with the noise of `seed`. */
export function curves(iterations: number, every: number, seed: number, level = 0): Line[] {
  const lines: Line[] = [];
  const noise = (i: number): number => Math.sin(i * 12.9898 + seed * 78.233) * 0.05;
  for (let i = every; i <= iterations; i += every) {
    const t = i / iterations;
    const values = {
      epoch: Math.floor(i / 10),
      f_data: -1 - t + noise(i),
      f_samples: -1.1 - t + noise(i + 1),
      f_spread: 0.6 + noise(i),
      loss_energy: 0.5 * Math.exp(-4 * t) + level + noise(i),
      sigma: 0.1 + 0.05 * t,
    };
    lines.push(metrics(i, "train", values));
    if (i % (5 * every) === 0) {
      const accuracy = 0.95 - 0.5 * Math.exp(-5 * t) + noise(i) / 10 - level / 10;
      lines.push(metrics(i, "validation", { accuracy, nll: 0.2 + Math.exp(-5 * t) + level }));
    }
  }
  return lines;
}

/** Writes a run below a folder. @returns its path */
export async function writeRun(folder: string, run: WrittenRun): Promise<string> {
  const {
    name,
    data = "moons",
    iterations = 100,
    settings = {},
    end = "done",
    said = [],
    tags = [],
    figures = [],
    checkpoint = false,
  } = run;
  const time = Date.now() - 60_000;
  const log: Line[] = [
    { time, iteration: null, text: `training ${data}`, iterations },
    ...said.map((text, i) => ({ time: time + i + 1, iteration: i + 1, text })),
    ...(end === null ? [] : [{ time: time + 50_000, iteration: iterations, text: `training ${end}`, end }]),
  ];
  const flags = { dataset: data, nIters: iterations, ...settings };
  const lines = run.lines ?? curves(iterations, Math.max(1, Math.floor(iterations / 20)), 1);
  const path = await writeSynthetic(folder, { name, flags, lines, log });
  await mkdir(join(path, "figures"));
  await Promise.all([
    ...(checkpoint ? [writeFile(join(path, "checkpoints/last.safetensors"), "")] : []),
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
