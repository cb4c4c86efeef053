/**
 * How often the reasons of `vera score --explain` name the column that is wrong: rows held out, one value of each replaced.
 *
 *   npx tsx bench/reasons.ts                 made tables
 *   npx tsx bench/reasons.ts a.csv b.csv     tables of one's own
 */
import { basename } from "node:path";
import { allRows, FloatSplit, featureRuns, type Split, type TablePreprocessing } from "../src/data/index.js";
import { basedModel } from "../src/ebm/index.js";
import { resolveConfig } from "../src/runs/index.js";
import { fitBase } from "../src/runs/setup/base.js";
import { nodeEngine } from "../src/runtime/engine-node.js";
import { NdArray, Rng, setDefaultEngine } from "../src/runtime/index.js";
import { columnGains } from "../src/score/explain.js";
import { loadTable } from "../src/tables/index.js";
import { Evaluator } from "../src/train/evaluator.js";

setDefaultEngine(nodeEngine({ provider: "cpu", threads: 1 }));

const ROWS = 1500;
const TRAIN = 1000;
const TESTED = 200;

type Table = { readonly train: Split; readonly held: Split; readonly columns: ReturnType<typeof featureRuns> };

/** Columns that share factors; their hyperbolic sines, for heavy tails; with two categories that shift the factors. */
function made(kind: "correlated" | "heavy tails" | "categories", width: number, rng: Rng): Table {
  const factors = Math.max(2, Math.round(width / 4));
  const gaussians = (n: number) => Array.from({ length: n }, () => rng.gaussian());
  const loadings = Array.from({ length: width }, () => gaussians(factors));
  const levels = ["a", "b", "c", "d"];
  const centres = levels.map(() => gaussians(factors).map((v) => (kind === "categories" ? 2 * v : 0)));
  const oneHot = (level: number) => levels.map((_, k) => Number(k === level));
  const rows = Array.from({ length: ROWS }, () => {
    const level = rng.below(4);
    const z = gaussians(factors).map((v, k) => v + centres[level]![k]!);
    const numbers = loadings.map((w) => w.reduce((sum, v, k) => sum + v * z[k]!, 0.3 * rng.gaussian()));
    const second = rng.random() < 0.9 ? level : rng.below(4);
    if (kind === "categories") return [...numbers, ...oneHot(level), ...oneHot(second)];
    return kind === "heavy tails" ? numbers.map((v) => Math.sinh(v / 1.5)) : numbers;
  });
  for (let j = 0; j < width; j++) {
    const known = rows.slice(0, TRAIN).map((row) => row[j]!);
    const mean = known.reduce((a, b) => a + b) / TRAIN;
    const std = Math.sqrt(known.reduce((sum, v) => sum + (v - mean) ** 2, 0) / TRAIN);
    for (const row of rows) row[j] = (row[j]! - mean) / std;
  }
  const numeric = { kind: "numeric", mean: 0, std: 1, missing: 0 } as const;
  const categorical = { kind: "categorical", levels, missing: 0 } as const;
  const names = Array.from({ length: width }, (_, j) => `x${j}`);
  const columns = [
    ...names.map((name) => ({ ...numeric, name })),
    ...(kind === "categories" ? ["first", "second"].map((name) => ({ ...categorical, name })) : []),
  ];
  const all = new FloatSplit(Float32Array.from(rows.flat()), [rows[0]!.length], allRows(ROWS), null);
  const held = all.subset(allRows(ROWS).subarray(TRAIN, TRAIN + TESTED));
  return { train: all.subset(allRows(TRAIN)), held, columns: featureRuns({ columns }) };
}

/** Makes a value wrong; false where it could not. */
type Fault = (x: Float32Array, column: Table["columns"][number], rng: Rng) => boolean;

/** So many standard deviations further out; of a category another level. */
const shifted =
  (by: number): Fault =>
  (x, { kind, start, width }, rng) => {
    if (kind === "numeric") {
      x[start]! += x[start]! >= 0 ? by : -by;
      return true;
    }
    const level = x.subarray(start, start + width).indexOf(1);
    x.fill(0, start, start + width);
    x[start + ((level + 1 + rng.below(Math.max(1, width - 1))) % width)] = 1;
    return true;
  };

/** Another row's value, at least two standard deviations off: usual by itself, not beside the others. */
const swapped =
  (pool: NdArray): Fault =>
  (x, column, rng) => {
    const { kind, start, width } = column;
    if (kind === "categorical") return shifted(0)(x, column, rng);
    const [rows, features] = pool.shape as [number, number];
    for (let tries = 0; tries < 200; tries++) {
      const value = pool.data[rng.below(rows) * features + start]!;
      if (Math.abs(value - x[start]!) < 2) continue;
      x.fill(value, start, start + width);
      return true;
    }
    return false;
  };

/** Share of rows where the column with the fault has the largest gain, and microseconds a row. */
async function found({ train, held, columns }: Table, fault: Fault, seed: number): Promise<readonly [number, number]> {
  const rng = new Rng(seed);
  const config = resolveConfig({ flags: { csv: "made.csv" } });
  const model = basedModel({ base: (await fitBase(config, [train], rng))!, network: null });
  const [evaluator, variables] = [new Evaluator(model), model.init(new Rng(0))];
  const clean = held.x(rng.permutation(held.size).subarray(0, TESTED));
  const [count, width] = clean.shape as [number, number];
  const x = new NdArray(Float32Array.from(clean.data), clean.shape);
  const faulty = Array.from({ length: count }, (_, i) => {
    const j = rng.below(columns.length);
    return fault(x.data.subarray(i * width, (i + 1) * width) as Float32Array, columns[j]!, rng) ? j : null;
  });
  const reference = train.x(new Rng(0).permutation(train.size).subarray(0, 1000));
  const f = async (rows: NdArray) => (await evaluator.array(variables, rows)).logDensity;
  const start = performance.now();
  const gains = await columnGains(f, x, reference, columns, 500);
  const hits = gains.filter((own, i) => own.indexOf(Math.max(...own)) === faulty[i]).length;
  return [hits / faulty.filter((j) => j !== null).length, (1000 * (performance.now() - start)) / count];
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

const files = process.argv.slice(2);
for (const file of files) {
  const { splits, preprocessing } = await loadTable(file);
  const table = {
    train: splits.train,
    held: splits.test,
    columns: featureRuns(preprocessing as TablePreprocessing),
  };
  const [far, time] = await found(table, shifted(6), 1);
  const [near] = await found(table, swapped(splits.test.x(allRows(splits.test.size))), 1);
  const figures = `6 sd ${percent(far)}, swapped ${percent(near)}, ${(time / 1000).toFixed(2)} ms a row`;
  console.log(`${basename(file)}: ${table.columns.length} columns, ${figures}`);
}
if (files.length === 0) {
  for (const kind of ["correlated", "heavy tails", "categories"] as const) {
    for (const width of [5, 10, 20]) {
      const shares: Record<string, number[]> = { "4 sd": [], "6 sd": [], swapped: [] };
      for (const seed of [1, 2, 3]) {
        const table = made(kind, width, new Rng(100 * seed + width));
        const pool = table.held.x(allRows(TESTED));
        const faults = { "4 sd": shifted(4), "6 sd": shifted(6), swapped: swapped(pool) };
        for (const [name, fault] of Object.entries(faults)) shares[name]!.push((await found(table, fault, seed))[0]);
      }
      const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
      console.log(
        kind,
        width,
        Object.entries(shares)
          .map(([name, v]) => `${name} ${percent(mean(v))}`)
          .join(", "),
      );
    }
  }
}
