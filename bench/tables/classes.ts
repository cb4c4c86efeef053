/** One table with classes, one split: what `vera train --label` and `vera score` make of it, and what others do. */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { isMissing } from "../../src/data/fields.js";
import { partition } from "../../src/data/partition.js";
import { classifierScores } from "../../src/metrics/index.js";
import { Rng } from "../../src/runtime/random.js";
import { openTable } from "../../src/tables/source.js";
import { script, vera } from "./commands.js";

/** Larger tables are cut to so many rows. */
const MOST_ROWS = 20_000;
const TRAINED = 0.7;

export interface ClassesOutcome {
  readonly table: string;
  readonly seed: number;
  readonly seconds: number;
  /** Accuracy, NLL and ECE (15 bins) by method. */
  readonly scores: Readonly<Record<string, readonly [accuracy: number, nll: number, ece: number]>>;
}

export interface ClassesProtocol {
  /** Labels of each class in the training file; 0 for all. */
  readonly few: number;
  readonly trainArgs: readonly string[];
  readonly python: string | null;
  readonly folder: string;
}

export async function classification(
  path: string,
  label: string,
  seed: number,
  { few, trainArgs, python, folder: root }: ClassesProtocol,
): Promise<ClassesOutcome> {
  const table = basename(path).replace(/\..*$/, "");
  const { names: header, rows: read } = await readTexts(path, /^-?\d+$/.test(label) ? [] : [label]);
  const at = header.includes(label) ? header.indexOf(label) : (Number(label) + header.length) % header.length;
  const all = read.filter((row) => !isMissing(row[at], "categorical"));
  const rng = new Rng(seed);
  const rows = Array.from(rng.permutation(all.length).subarray(0, MOST_ROWS), (i) => all[i]!);
  const classes = [...new Set(rows.map((row) => row[at]!.trim()))].sort();
  const y = Int32Array.from(rows, (row) => classes.indexOf(row[at]!.trim()));
  const count = Math.round(TRAINED * rows.length);
  const [train, test] = partition(rows.length, y, [count, rows.length - count], seed) as [Int32Array, Int32Array];
  const seen = new Map<number, number>();
  const shown = (i: number): string => {
    const before = seen.get(y[i]!) ?? 0;
    seen.set(y[i]!, before + 1);
    return few === 0 || before < few ? classes[y[i]!]! : "";
  };

  const folder = join(root, `${table}-${seed}`);
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) if (name.endsWith(".csv")) await rm(join(folder, name));
  const fields = (i: number) => rows[i]!.filter((_, j) => j !== at).map((field) => field.trim());
  const names = header.filter((_, j) => j !== at);
  await write(join(folder, "train.csv"), [[...names, "class"], ...Array.from(train, (i) => [...fields(i), shown(i)])]);
  await write(join(folder, "test.csv"), [[...names, "class"], ...Array.from(test, (i) => [...fields(i), ""])]);

  const start = performance.now();
  const how = few === 0 ? ["--jem"] : ["--labels-per-class", String(few)];
  const where = ["--csv", join(folder, "train.csv"), "--label", "class", "--save-dir", join(folder, "run")];
  await vera("train", ...where, "--seed", String(seed), "--no-plots", "--overwrite", ...how, ...trainArgs);
  const seconds = (performance.now() - start) / 1000;
  const out = join(folder, "vera.csv");
  await vera("score", join(folder, "run"), join(folder, "test.csv"), "--probabilities", "--out", out);
  if (python !== null) await script(python, "classes.py", folder, String(seed));
  const truth = Int32Array.from(test, (i) => y[i]!);
  const scores: Record<string, readonly [number, number, number]> = {};
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".csv") || name === "train.csv" || name === "test.csv") continue;
    const { names: given, rows: lines } = await readTexts(join(folder, name));
    const places = classes.map((c) => given.indexOf(name === "vera.csv" ? `p(${c})` : c));
    const p = Float64Array.from(lines.flatMap((line) => normal(places.map((j) => (j < 0 ? 0 : Number(line[j]))))));
    const { accuracy, nll, ece } = classifierScores(p, truth, classes.length);
    scores[name.slice(0, -4)] = [accuracy, nll, ece];
  }
  return { table, seed, seconds, scores };
}

/** Probabilities of at least 1e-12 that sum to 1. */
function normal(p: readonly number[]): number[] {
  const least = p.map((v) => Math.max(v, 1e-12));
  const total = least.reduce((a, b) => a + b, 0);
  return least.map((v) => v / total);
}

const write = (path: string, rows: readonly (readonly string[])[]): Promise<void> =>
  writeFile(path, `${rows.map((row) => row.map(quoted).join(",")).join("\n")}\n`);

const quoted = (field: string): string => (/[",\n]/.test(field) ? `"${field.replace(/"/g, '""')}"` : field);

/** A file's names and fields, as text. */
async function readTexts(path: string, known: readonly string[] = []) {
  const source = await openTable(path, { known, header: known.length > 0 ? undefined : true });
  const rows: string[][] = [];
  try {
    const all = source.columns.map((_, i) => `c${i}`).join(", ");
    for await (const chunk of source.database.chunks(`SELECT ${all} FROM ${source.relation}`))
      for (const row of chunk.getRows()) rows.push(row.map((value) => (value === null ? "" : String(value))));
  } finally {
    await source.close();
  }
  return { names: source.columns.map(({ name }) => name), rows };
}
