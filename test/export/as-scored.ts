/** Tables that are hard on an export, and whether the exported model says of their rows what `vera score` says. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { expect } from "vitest";
import { exportOnnx, type PublishedTable, readMetadata, tableInputs } from "../../src/export/index.js";
import { loadRun } from "../../src/runs/index.js";
import { Rng } from "../../src/runtime/index.js";
import { calibrationFor, thresholdAt } from "../../src/score/calibration.js";
import { Probe } from "../../src/score/probe.js";
import { type Scored, score } from "../../src/score/score.js";
import { csvLine } from "../../src/score/scored-lines.js";

type Row = Readonly<Record<string, string>>;

/** 32-bit floats have 6e-8; kernels for constant weights sum in another order. */
const TOLERANCE = 1e-5;

const LEVELS = [
  "a",
  '"q"',
  "it's",
  "x, y",
  "ü € 漢",
  "🙂",
  "1",
  "2.50",
  "007",
  " padded",
  "(other)",
  "two\nlines",
  "-3",
];

/** Columns of numbers, far from 0 and close to one another, and of categories. */
function hardColumns(rng: Rng, numeric: number, categorical: number) {
  const numbers = Array.from({ length: numeric }, (_, i) => {
    const offset = [0, 1.7e9, 1e10, -1e10, 1e5][i % 5]!;
    const scale = offset === 0 ? [1e-9, 1, 1e6][rng.below(3)]! : Math.abs(offset) * 1e-7 * 10 ** rng.below(3);
    return { name: `number, ${i}`, field: (z: number) => String(offset + scale * z) };
  });
  const categories = Array.from({ length: categorical }, (_, i) => {
    const levels = rng.permutation(LEVELS.length).slice(0, 2 + rng.below(5));
    return {
      name: `"kind" ${i}`,
      field: (_: number, y: number) => LEVELS[levels[(y + rng.below(2)) % levels.length]!]!,
    };
  });
  return [...numbers, ...categories];
}

/** Two files of the same kind: `train.csv` and `new.csv`, whose rows are partly like no other. @returns the rows of the latter. */
export async function hardTable(
  folder: string,
  { seed, numeric, categorical, count = 240 }: { seed: number; numeric: number; categorical: number; count?: number },
): Promise<Row[]> {
  const rng = new Rng(seed);
  const columns = hardColumns(rng, numeric, categorical);
  const rowsOf = (n: number, oddities: number) =>
    Array.from({ length: n }, (_, i): Row => {
      const y = i % 3;
      const fields = columns.map(({ name, field }) => {
        if (rng.random() < 0.05) return [name, ["", "NA", "NaN", "?", " n/a "][rng.below(5)]!];
        const far = rng.random() < oddities;
        if (far && name.startsWith('"')) return [name, "not in training"];
        return [name, field((y + rng.gaussian()) * (far ? 10 ** (1 + rng.below(3)) : 1), y)];
      });
      return Object.fromEntries([...fields, ["class", "abc"[y]]]);
    });
  const names = [...columns.map(({ name }) => name), "class"];
  const write = (file: string, rows: readonly Row[]) =>
    writeFile(join(folder, file), [names, ...rows.map((row) => names.map((n) => row[n]!))].map(csvLine).join("\n"));
  await write("train.csv", rowsOf(count, 0));
  const rows = rowsOf(60, 0.1);
  await write("new.csv", rows);
  return rows;
}

/** Holds the exported model of a run against `score`, row by row. @returns the largest differences. */
export async function expectAsScored(folder: string, file: string, rows: readonly Row[]) {
  const run = await loadRun(folder);
  const probe = new Probe(run);
  const calibration = await calibrationFor(probe, 0.05);
  const options = { threshold: thresholdAt(calibration, 0.05)!, temperature: calibration.temperature ?? 1 };
  const expected: Scored[] = [];
  for await (const input of score(probe, file, options)) expected.push(input as Scored);
  expect(expected.length).toBe(rows.length);

  const bytes = await exportOnnx(run);
  const { classes, values } = readMetadata(bytes);
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const {
    log_density: f,
    probabilities,
    out_of_distribution: flags,
  } = await session.run(tableInputs(values as PublishedTable, rows));
  await session.release();
  const worst = { f: 0, p: 0 };
  expected.forEach((row, i) => {
    worst.f = Math.max(worst.f, Math.abs(Number(f!.data[i]) - row.logDensity) / Math.max(1, Math.abs(row.logDensity)));
    expect(flags!.data[i], `row ${i}`).toBe(Number(row.ood));
    if (classes === null) return;
    const p = Array.from(probabilities!.data as Float32Array).slice(i * classes.length, (i + 1) * classes.length);
    row.probabilities!.forEach((q, k) => {
      worst.p = Math.max(worst.p, Math.abs(p[k]! - q));
    });
    expect(classes[p.indexOf(Math.max(...p))], `row ${i}`).toBe(row.class);
  });
  expect(worst.f).toBeLessThan(TOLERANCE);
  expect(worst.p).toBeLessThan(TOLERANCE);
  expect(new Set(expected.map(({ ood }) => ood)).size, "flagged rows and others").toBe(2);
  return worst;
}
