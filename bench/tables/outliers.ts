/** One table with marked anomalies, one split: what `vera train --csv` and `vera score` make of it, and what others do. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { auroc } from "../../src/metrics/index.js";
import { Rng } from "../../src/runtime/random.js";
import { script, vera } from "./commands.js";
import { type Matrix, readNpz } from "./npz.js";

/** Larger tables are cut to so many rows, each class in proportion. */
const MOST_ROWS = 10_000;
/** Test rows are also moved so many times further from the training rows' mean. */
const FAR = 16;

export interface Outcome {
  readonly set: string;
  readonly seed: number;
  readonly rows: number;
  readonly columns: number;
  /** Of training, in seconds; the command as a whole. */
  readonly seconds: number;
  /** AUROC by detector, `vera` among them. */
  readonly auroc: Readonly<Record<string, number>>;
  /** Of normal test rows, flagged at a promised 5 %; of anomalies; of test rows moved far out, not flagged. */
  readonly falseAlarms: number;
  readonly detected: number;
  readonly passedFarOut: number;
}

export interface Protocol {
  /** All rows train, anomalies among them, and are scored; else half of the normal rows train and the others are scored. */
  readonly unsupervised: boolean;
  readonly trainArgs: readonly string[];
  readonly python: string | null;
  readonly folder: string;
}

export async function outlierDetection(path: string, set: string, seed: number, protocol: Protocol): Promise<Outcome> {
  const arrays = await readNpz(path);
  const [x, y] = [arrays.get("X")!, arrays.get("y")!.values];
  const rng = new Rng(seed);
  const of = (mark: number, count: number) => {
    const rows = Array.from(y.keys()).filter((i) => (y[i] !== 0 ? 1 : 0) === mark);
    return Array.from(rng.permutation(rows.length).subarray(0, count), (i) => rows[i]!);
  };
  const share = Math.min(1, MOST_ROWS / y.length);
  const anomalies = y.reduce((n, v) => n + (v !== 0 ? 1 : 0), 0);
  const normal = of(0, Math.round(share * (y.length - anomalies)));
  const odd = of(1, Math.max(1, Math.round(share * anomalies)));
  const half = Math.floor(normal.length / 2);
  const train = protocol.unsupervised ? [...normal, ...odd] : normal.slice(0, half);
  const test = protocol.unsupervised ? train : [...normal.slice(half), ...odd];
  const truth = test.map((i) => (y[i] !== 0 ? 1 : 0));

  const folder = join(protocol.folder, `${set}-${seed}`);
  await mkdir(folder, { recursive: true });
  const mean = means(x, train);
  await writeRows(join(folder, "train.csv"), x, train);
  await writeRows(join(folder, "test.csv"), x, test);
  await writeRows(join(folder, "far.csv"), x, test, (v, j) => mean[j]! + FAR * (v - mean[j]!));
  await writeFile(join(folder, "truth.csv"), `anomaly\n${truth.join("\n")}\n`);

  const model = join(folder, "run");
  const start = performance.now();
  const common = ["--csv", join(folder, "train.csv"), "--save-dir", model, "--seed", String(seed)];
  await vera("train", ...common, "--no-plots", "--overwrite", ...protocol.trainArgs);
  const seconds = (performance.now() - start) / 1000;
  const scored = async (name: string) => {
    const out = join(folder, `${name}.scored.csv`);
    await vera("score", model, join(folder, `${name}.csv`), "--out", out);
    return readScores(out);
  };
  const [own, far] = [await scored("test"), await scored("far")];
  const flags = (mark: number) => own.flagged.filter((_, i) => truth[i] === mark);
  const partOf = (values: readonly boolean[]) => values.filter(Boolean).length / values.length;
  const positive = Float32Array.from(own.logDensity.filter((_, i) => truth[i] === 0));
  const negative = Float32Array.from(own.logDensity.filter((_, i) => truth[i] === 1));
  return {
    set,
    seed,
    rows: train.length,
    columns: x.columns,
    seconds,
    auroc: { ...(await baselines(protocol.python, folder, seed)), vera: auroc(positive, negative) },
    falseAlarms: partOf(flags(0)),
    detected: partOf(flags(1)),
    passedFarOut: 1 - partOf(far.flagged),
  };
}

async function baselines(python: string | null, folder: string, seed: number): Promise<Record<string, number>> {
  if (python === null) return {};
  return JSON.parse(await script(python, "baselines.py", folder, String(seed))) as Record<string, number>;
}

async function readScores(path: string): Promise<{ readonly logDensity: number[]; readonly flagged: boolean[] }> {
  const [header, ...lines] = (await readFile(path, "utf8")).trim().split("\n");
  const names = header!.split(",");
  const [f, ood] = [names.indexOf("log_density"), names.indexOf("ood")];
  const fields = lines.map((line) => line.split(","));
  return {
    logDensity: fields.map((row) => (row[f] === "" ? Number.NEGATIVE_INFINITY : Number(row[f]))),
    flagged: fields.map((row) => row[ood] === "true"),
  };
}

function means({ columns, values }: Matrix, rows: readonly number[]): Float64Array {
  const sums = new Float64Array(columns);
  for (const i of rows) for (let j = 0; j < columns; j++) sums[j]! += values[i * columns + j]!;
  return sums.map((s) => s / rows.length);
}

async function writeRows(
  path: string,
  { columns, values }: Matrix,
  rows: readonly number[],
  of: (value: number, column: number) => number = (v) => v,
): Promise<void> {
  const lines = [Array.from({ length: columns }, (_, j) => `c${j}`).join(",")];
  for (const i of rows)
    lines.push(Array.from({ length: columns }, (_, j) => of(values[i * columns + j]!, j)).join(","));
  await writeFile(path, `${lines.join("\n")}\n`);
}
