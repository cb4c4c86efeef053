/** Any table as a data set: what its columns are is found out, shown, and may be overruled. */
import { allRows, type Dataset } from "../data/dataset.js";
import { DataError } from "../data/error.js";
import { PLAIN } from "../data/fields.js";
import { partition, SPLIT_SEED } from "../data/partition.js";
import { packTable } from "../data/sets/tabular.js";
import { MISSING, moments, type TableColumn, type TablePreprocessing } from "../data/table.js";
import { features, readColumns } from "./columns.js";
import { byNumberOrText, classesOf, type Decision, decide } from "./decide.js";
import type { ReadOptions } from "./part.js";
import { aboutColumns, badText, classNotes, placesOf } from "./remarks.js";
import { sentinelNote } from "./sentinels.js";
import { openTable, type TableSource } from "./source.js";
import { type ColumnChoice, survey } from "./survey.js";
import { tableName } from "./table-name.js";

export interface TableOptions extends ColumnChoice, Omit<ReadOptions, "known"> {
  /** Name or index (from 0; negative from the end) of the column with the class. Rows without one stay, as unlabelled training data. */
  readonly label?: string | number | undefined;
  /** Default: the file's name. */
  readonly name?: string | undefined;
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

/** A data set, and what was made of the table's columns. */
export interface TableDataset extends Dataset {
  readonly columns: readonly Decision[];
  /** How the file is made, and the notes that are not about single columns. */
  readonly remarks: readonly string[];
}

/** A column that varies by less than this part of its mean varies by rounding only. */
const ROUNDING = 1e-9;
/** With a larger part of bad rows, the file is not what it was taken for. */
const MOST_BAD = 0.1;

/**
 * Loads a table: a file (text with any delimiter, plain, gzip or zstd; Parquet; JSON; a database), several by a pattern, or
 * `:memory:` with a query that names its files. Numbers are standardised, missing ones become the training mean; text becomes one feature per value, missing being a value of its
 * own. Standardisation is measured on the training rows, levels on all. Rows with too many or too few fields are left out.
 * @throws DataError naming line or column: no such column, a label that is no class, no feature left, a file that is no table.
 */
export async function loadTable(path: string, options: TableOptions = {}): Promise<TableDataset> {
  const { validation = 0.1, test = 0.2 } = options;
  if (!(validation >= 0 && test >= 0 && validation + test < 1))
    throw new RangeError(`validation ${validation} and test ${test} leave nothing to train on`);
  const source = await openTable(path, { ...options, known: namesIn(options) });
  try {
    return await load(source, path, options);
  } finally {
    await source.close();
  }
}

/** The columns that the user names: a first line that has them is a header. */
const namesIn = ({ label, ignore = [], categorical = [], numeric = [] }: TableOptions): string[] => [
  ...(typeof label === "string" ? [label] : []),
  ...ignore,
  ...categorical,
  ...numeric,
];

async function load(source: TableSource, path: string, options: TableOptions): Promise<TableDataset> {
  const { validation = 0.1, test = 0.2, splitSeed = SPLIT_SEED, measured: of = "train", label } = options;
  const { where, columns: found } = source;
  const names = found.map(({ name }) => name);
  const labelAt = label === undefined ? -1 : columnIndex(where, names, label);
  for (const name of [...(options.categorical ?? []), ...(options.numeric ?? []), ...(options.ignore ?? [])])
    columnIndex(where, names, name);
  const about = await survey(source, options, labelAt, options);
  if (about.rows === 0) throw new DataError(where, "no rows below the header");
  if (about.unclosed !== null)
    throw new DataError(
      where,
      `${(await placesOf(source, about))(about.unclosed)}: a quoted field is never closed; the file may be truncated`,
      "check the file at that line",
    );
  if (about.bad > MOST_BAD * (about.rows + about.bad))
    throw new DataError(
      where,
      `${await badText(source, about)}: more than one in ten`,
      "check how the file separates its fields: --delimiter",
    );
  const place = await placesOf(source, about);
  const decided = decide(about.columns, options, { rows: about.rows, labelAt, named: source.named, place });
  const classes = labelAt === -1 ? null : classesOf(where, about.columns[labelAt]!, about.rows, options);

  const read = await readColumns(source, about, decided, classes, options.missing ?? []);
  const rows = splitRows(about.rows, read.labels, validation, test, splitSeed);
  const measured = moments(read.numbers, read.numeric.length, of === "all" ? allRows(about.rows) : rows.train);
  const columns: TableColumn[] = [];
  const sources: number[] = [];
  const final = decided.map((decision, i): Decision => {
    const { name, becomes, missing } = decision;
    const { style, levels, min, max } = about.columns[i]!;
    if (becomes === "categorical") {
      columns.push({ kind: "categorical", name, missing, levels: featureLevels(levels!, missing) });
      sources.push(read.categorical.indexOf(i));
    } else if (becomes === "numeric") {
      const at = read.numeric.indexOf(i);
      const [mean, std] = [measured.mean[at]!, measured.std[at]!];
      if (!(std > ROUNDING * Math.abs(mean)))
        return { ...decision, becomes: "left out", why: "no two different values in the training rows" };
      columns.push({ kind: "numeric", name, missing, mean, std, ...(style !== PLAIN && { style }) });
      sources.push(at);
      const odd = sentinelNote(read.numbers, read.numeric.length, at, min, max);
      if (odd !== "") return { ...decision, why: [decision.why, odd].filter((why) => why !== "").join("; ") };
    }
    return decision;
  });
  const dropped = final.flatMap(({ name, becomes, why }) => (becomes === "left out" ? [{ name, why }] : []));
  if (columns.length === 0)
    throw new DataError(
      where,
      `no column left to learn from (${dropped.map(({ name, why }) => `"${name}": ${why}`).join("; ")})`,
    );

  const preprocessing: TablePreprocessing = {
    kind: "table",
    columns,
    dropped,
    label: classes && { name: names[labelAt]!, classes },
    ...(options.missing !== undefined && options.missing.length > 0 && { markers: options.missing }),
  };
  const values = features(columns, sources, read, about.rows);
  const store = { values, labels: read.labels };
  const bad = about.bad > 0 ? [`${await badText(source, about)}: left out`] : [];
  const aboutClasses = labelAt === -1 ? [] : classNotes(about.columns[labelAt]!, about.rows, final[labelAt]!.missing);
  const dataset = await packTable({
    name: options.name ?? tableName(path),
    preprocessing,
    known: store,
    tested: store,
    ...rows,
    seed: splitSeed,
    notes: [...source.notes, ...bad, ...aboutColumns(preprocessing, final, about), ...aboutClasses],
  });
  return { ...dataset, columns: final, remarks: [source.format, ...source.notes, ...bad, ...aboutClasses] };
}

/** Position of a column given by name or index (from 0; negative from the end). @throws DataError listing those there are. */
function columnIndex(path: string, header: readonly string[], column: string | number): number {
  const named = header.indexOf(String(column).trim());
  if (named >= 0) return named;
  const index = /^-?\d+$/.test(String(column)) ? Number(column) : Number.NaN;
  const at = index < 0 ? index + header.length : index;
  if (!(at >= 0 && at < header.length))
    throw new DataError(path, `no column "${column}"`, `there are ${header.map((h) => `"${h}"`).join(", ")}`);
  return at;
}

const featureLevels = (levels: ReadonlyMap<string, number>, missing: number): string[] => {
  const sorted = [...levels.keys()].sort(byNumberOrText);
  return missing > 0 ? [...sorted, MISSING] : sorted;
};

/** Rows without a class train, but cannot validate or test. */
function splitRows(count: number, labels: Int32Array | null, validation: number, test: number, seed: number) {
  const all = allRows(count);
  const known = labels === null ? all : all.filter((i) => labels[i]! >= 0);
  const y = labels && known.map((i) => labels[i]!);
  const sizes = [Math.round(validation * known.length), Math.round(test * known.length)];
  const parts = partition(known.length, y, [known.length - sizes[0]! - sizes[1]!, ...sizes], seed);
  const [train, carved, tested] = parts.map((part) => part.map((i) => known[i]!));
  const unlabelled = labels === null ? [] : all.filter((i) => labels[i]! < 0);
  return { train: Int32Array.from([...train!, ...unlabelled]).sort(), validation: carved!, test: tested! };
}
