/** Any CSV file as a data set: column types inferred, missing values handled and reported. */
import { basename } from "node:path";
import { allRows, type Dataset } from "../dataset.js";
import { DataError, show } from "../error.js";
import { sniffCsv } from "../formats/csv.js";
import { partition, SPLIT_SEED } from "../partition.js";
import { featureNames, MISSING, moments, type TableColumn, type TablePreprocessing } from "../table.js";
import {
  byNumberOrText,
  type ColumnChoice,
  type Columns,
  columnIndex,
  columnKind,
  readColumns,
  scan,
} from "./csv-columns.js";
import { packTable } from "./tabular.js";

export interface CsvOptions extends ColumnChoice {
  /** Name or index (from 0; negative from the end) of the column with the class. Rows without one stay, as unlabelled training data. */
  readonly label?: string | number;
  /** Default: the file's name. */
  readonly name?: string;
  /** Parts of the rows; of those with a class, where there is a label. Defaults 0.1 and 0.2. */
  readonly validation?: number;
  readonly test?: number;
  readonly splitSeed?: number;
  /**
   * Rows whose mean and deviation standardise, and among which a column must differ to be kept: those that train, or all, for models that
   * hold rows out by themselves. Default `train`.
   */
  readonly measured?: "train" | "all";
}

const MAX_CLASSES = 1000;
/** A column that varies by less than this part of its mean varies by rounding only. */
const ROUNDING = 1e-9;

/**
 * Loads a CSV file: `,` `;` or tab, with or without header, plain or gzip. A column of numbers is standardised, its missing values
 * become the training mean; a column of text becomes one feature per value, missing being a value of its own. Standardisation is
 * measured on the training rows, levels on all. The file is read twice, so that memory holds only the result.
 * @throws DataError naming line or column: ragged rows, no such column, too many classes, no feature left.
 */
export async function loadCsv(path: string, options: CsvOptions = {}): Promise<Dataset> {
  const { validation = 0.1, test = 0.2, splitSeed = SPLIT_SEED, measured: of = "train" } = options;
  if (!(validation >= 0 && test >= 0 && validation + test < 1))
    throw new RangeError(`validation ${validation} and test ${test} leave nothing to train on`);
  const format = await sniffCsv(path, typeof options.label === "string" ? [options.label] : []);
  const labelAt = options.label === undefined ? -1 : columnIndex(path, format.header, options.label);
  for (const name of [...(options.categorical ?? []), ...(options.ignore ?? [])])
    columnIndex(path, format.header, name);
  const { scans, rowLabels, count } = await scan(path, format, labelAt);
  if (count === 0) throw new DataError(path, "no rows below the header");

  const classes = labelAt === -1 ? null : classesOf(path, scans[labelAt]!.name, rowLabels);
  const labels = classes && labelCodes(rowLabels, classes);
  const rows = splitRows(count, labels, validation, test, splitSeed);
  const dropped: { name: string; why: string }[] = [];
  const candidates = scans.map((s, j) => (j === labelAt ? null : columnKind(s, options, dropped)));

  const read = await readColumns(path, format, count, candidates);
  const columns: TableColumn[] = [];
  const sources: number[] = [];
  const measured = moments(read.numbers, read.numeric.length, of === "all" ? allRows(count) : rows.train);
  candidates.forEach((kind, j) => {
    const { name, missing, levels } = scans[j]!;
    if (kind === "categorical") {
      const sorted = [...levels].sort(byNumberOrText);
      columns.push({ kind, name, missing, levels: missing > 0 ? [...sorted, MISSING] : sorted });
      sources.push(read.categorical.indexOf(j));
    } else if (kind === "numeric") {
      const at = read.numeric.indexOf(j);
      const [mean, std] = [measured.mean[at]!, measured.std[at]!];
      if (std > ROUNDING * Math.abs(mean)) {
        columns.push({ kind, name, missing, mean, std });
        sources.push(at);
      } else dropped.push({ name, why: "no two different values in the training rows" });
    }
  });
  if (columns.length === 0) throw new DataError(path, `no column left to learn from (${reasons(dropped)})`);

  const label = classes && { name: scans[labelAt]!.name, classes };
  const preprocessing: TablePreprocessing = { kind: "table", columns, dropped, label };
  const store = { values: features(columns, sources, read, count), labels };
  return packTable({
    name: options.name ?? basename(path).replace(/(\.(csv|tsv|txt))?(\.gz)?$/i, ""),
    preprocessing,
    known: store,
    tested: store,
    ...rows,
    seed: splitSeed,
    notes: notesOf(preprocessing, count, labels),
  });
}

function classesOf(path: string, name: string, rowLabels: readonly (string | null)[]): string[] {
  const classes = [...new Set(rowLabels.filter((l) => l !== null))].sort(byNumberOrText);
  if (classes.length < 2)
    throw new DataError(path, `label column "${name}" has ${classes.length === 1 ? "one class only" : "no values"}`);
  if (classes.length > MAX_CLASSES)
    throw new DataError(
      path,
      `label column "${name}" has ${show(classes.length)} different values, which are no classes`,
      "name a column of classes",
    );
  return classes;
}

function labelCodes(rowLabels: readonly (string | null)[], classes: readonly string[]): Int32Array {
  const codes = new Map(classes.map((c, i) => [c, i]));
  return Int32Array.from(rowLabels, (l) => (l === null ? -1 : codes.get(l)!));
}

/** Rows without a class train, but cannot validate or test. */
function splitRows(count: number, labels: Int32Array | null, validation: number, test: number, seed: number) {
  const all = Int32Array.from({ length: count }, (_, i) => i);
  const known = labels === null ? all : all.filter((i) => labels[i]! >= 0);
  const y = labels && known.map((i) => labels[i]!);
  const sizes = [Math.round(validation * known.length), Math.round(test * known.length)];
  const parts = partition(known.length, y, [known.length - sizes[0]! - sizes[1]!, ...sizes], seed);
  const [train, carved, tested] = parts.map((part) => part.map((i) => known[i]!));
  const unlabelled = labels === null ? [] : all.filter((i) => labels[i]! < 0);
  return { train: Int32Array.from([...train!, ...unlabelled]).sort(), validation: carved!, test: tested! };
}

function features(
  columns: readonly TableColumn[],
  sources: readonly number[],
  read: Columns,
  count: number,
): Float32Array {
  const width = featureNames({ columns }).length;
  const values = new Float32Array(count * width);
  let start = 0;
  columns.forEach((column, c) => {
    const source = sources[c]!;
    if (column.kind === "numeric") {
      for (let i = 0; i < count; i++) {
        const v = read.numbers[i * read.numeric.length + source]!;
        values[i * width + start] = Number.isNaN(v) ? 0 : (v - column.mean) / column.std;
      }
      start++;
    } else {
      const codes = new Map(column.levels.map((level, k) => [level, k]));
      for (let i = 0; i < count; i++) {
        const text = read.texts[i * read.categorical.length + source] ?? MISSING;
        values[i * width + start + codes.get(text)!] = 1;
      }
      start += column.levels.length;
    }
  });
  return values;
}

const reasons = (dropped: TablePreprocessing["dropped"]): string =>
  dropped.map(({ name, why }) => `"${name}": ${why}`).join("; ");

function notesOf({ columns, dropped }: TablePreprocessing, count: number, labels: Int32Array | null): string[] {
  const filled = columns.flatMap((c) =>
    c.missing === 0
      ? []
      : [
          `column "${c.name}": ${show(c.missing)} of ${show(count)} values missing, ` +
            (c.kind === "numeric"
              ? `filled with the training mean ${Number(c.mean.toPrecision(6))}`
              : "a level of their own"),
        ],
  );
  const unlabelled = labels?.filter((y) => y < 0).length ?? 0;
  return [
    ...filled,
    ...dropped.map(({ name, why }) => `column "${name}" left out: ${why}`),
    ...(unlabelled > 0
      ? [`${show(unlabelled)} of ${show(count)} rows have no class: training uses them without one`]
      : []),
  ];
}
