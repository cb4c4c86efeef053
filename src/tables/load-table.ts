/** Any table as a data set: what its columns are is found out, shown, and may be overruled. */
import { basename } from "node:path";
import { allRows, type Dataset } from "../data/dataset.js";
import { DataError, show } from "../data/error.js";
import { PLAIN } from "../data/fields.js";
import { partition, SPLIT_SEED } from "../data/partition.js";
import { packTable } from "../data/sets/tabular.js";
import { featureNames, MISSING, moments, type TableColumn, type TablePreprocessing } from "../data/table.js";
import { byNumberOrText, type ColumnChoice, classesOf, type Decision, decide } from "./decide.js";
import { column } from "./duckdb.js";
import { codeOf, numberOf } from "./expressions.js";
import { openTable, type ReadOptions, type TableSource } from "./source.js";
import { type ColumnSurvey, type Survey, survey } from "./survey.js";

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
  const about = await survey(source, options, labelAt, options.numeric);
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

  const read = await readColumns(source, about, decided, classes, options);
  const rows = splitRows(about.rows, read.labels, validation, test, splitSeed);
  const measured = moments(read.numbers, read.numeric.length, of === "all" ? allRows(about.rows) : rows.train);
  const columns: TableColumn[] = [];
  const sources: number[] = [];
  const final = decided.map((decision, i): Decision => {
    const { name, becomes, missing } = decision;
    const { style, levels } = about.columns[i]!;
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

const tableName = (path: string): string =>
  basename(path).replace(
    /(\.(csv|tsv|tab|txt|dat|data|json|jsonl|ndjson|parquet|pq|arrow|feather|db|duckdb|sqlite3?))?(\.(gz|zst))?$/i,
    "",
  );

const featureLevels = (levels: ReadonlyMap<string, number>, missing: number): string[] => {
  const sorted = [...levels.keys()].sort(byNumberOrText);
  return missing > 0 ? [...sorted, MISSING] : sorted;
};

/** Rows as messages name them: those that have an odd value or are bad, which are few. */
async function placesOf(source: TableSource, about: Survey): Promise<(row: number) => string> {
  const wanted = [
    ...about.columns.flatMap(({ firstOdd }) => (firstOdd === null ? [] : [firstOdd.row])),
    ...about.firstBad.map(({ row }) => row),
    ...(about.unclosed === null ? [] : [about.unclosed]),
  ];
  const lines = await source.linesAt(wanted);
  return (row) => `${source.place} ${lines.get(row) ?? row + 1}`;
}

async function badText(source: TableSource, about: Survey): Promise<string> {
  const place = await placesOf(source, about);
  const expected = source.columns.length;
  const list = about.firstBad.map(({ row, fields }) => `${place(row)} has ${fields}`).join(", ");
  const more = about.bad > about.firstBad.length ? ", …" : "";
  return `${show(about.bad)} of ${show(about.rows + about.bad)} rows ${about.bad === 1 ? "has" : "have"} not the ${expected} fields that the others have (${list}${more})`;
}

interface Columns {
  /** Positions in the file. */
  readonly numeric: readonly number[];
  readonly categorical: readonly number[];
  /** f64 `[n, numeric.length]`, NaN where missing. */
  readonly numbers: Float64Array;
  /** `[n, categorical.length]`: places among the levels, in their order as features; the last + 1 where missing. */
  readonly codes: Int16Array;
  readonly labels: Int32Array | null;
}

async function readColumns(
  { database, relation, where, columns }: TableSource,
  about: Survey,
  decided: readonly Decision[],
  classes: readonly string[] | null,
  { missing: markers = [] }: TableOptions,
): Promise<Columns> {
  const of = (kind: Decision["becomes"]) => decided.flatMap(({ becomes }, i) => (becomes === kind ? [i] : []));
  const [numeric, categorical, labelAt] = [of("numeric"), of("categorical"), of("label")];
  const numbers = new Float64Array(about.rows * numeric.length);
  const codes = new Int16Array(about.rows * categorical.length);
  const labels = classes && new Int32Array(about.rows);
  const selected = [
    ...numeric.map((i) => finiteNumber(numberOf(i, columns[i]!.holds, about.columns[i]!.style, markers))),
    ...categorical.map((i) =>
      codeOf(i, columns[i]!.holds, [...about.columns[i]!.levels!.keys()].sort(byNumberOrText), markers),
    ),
    ...labelAt.map((i) => codeOf(i, columns[i]!.holds, classes!, markers)),
  ];
  let row = 0;
  for await (const chunk of database.chunks(
    `SELECT ${selected.join(", ")} FROM ${relation} WHERE fields IS NULL`,
    where,
  )) {
    for (let j = 0; j < numeric.length; j++)
      scatter(column(chunk, j), numbers, row * numeric.length + j, numeric.length);
    for (let j = 0; j < categorical.length; j++)
      scatter(column(chunk, numeric.length + j), codes, row * categorical.length + j, categorical.length);
    if (labels) scatter(column(chunk, numeric.length + categorical.length), labels, row, 1);
    row += chunk.rowCount;
  }
  // A place after the last class is no class.
  return {
    numeric,
    categorical,
    numbers,
    codes,
    labels: labels === null ? null : labels.map((y) => (y < classes!.length ? y : -1)),
  };
}

/** NaN for what is missing. */
const finiteNumber = (number: string): string => `CASE WHEN isfinite(${number}) THEN ${number} ELSE 'nan'::DOUBLE END`;

function scatter(
  from: ArrayLike<number>,
  to: Float64Array | Int16Array | Int32Array,
  start: number,
  stride: number,
): void {
  for (let i = 0, at = start; i < from.length; i++, at += stride) to[at] = from[i]!;
}

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

/** Rows whose features are made together: they fit the processor's cache. */
const BLOCK = 2048;

function features(
  columns: readonly TableColumn[],
  sources: readonly number[],
  read: Columns,
  count: number,
): Float32Array {
  const width = featureNames({ columns }).length;
  const values = new Float32Array(count * width);
  for (let from = 0; from < count; from += BLOCK) {
    const to = Math.min(count, from + BLOCK);
    let start = 0;
    columns.forEach((column, c) => {
      const source = sources[c]!;
      if (column.kind === "numeric") {
        const [{ mean, std }, stride] = [column, read.numeric.length];
        for (let i = from; i < to; i++) {
          const v = read.numbers[i * stride + source]!;
          values[i * width + start] = Number.isNaN(v) ? 0 : (v - mean) / std;
        }
        start++;
      } else {
        const stride = read.categorical.length;
        for (let i = from; i < to; i++) values[i * width + start + read.codes[i * stride + source]!] = 1;
        start += column.levels.length;
      }
    });
  }
  return values;
}

function aboutColumns({ columns }: TablePreprocessing, decisions: readonly Decision[], { rows }: Survey): string[] {
  const filled = columns.flatMap((c) =>
    c.missing === 0
      ? []
      : [
          `column "${c.name}": ${show(c.missing)} of ${show(rows)} values missing, ` +
            (c.kind === "numeric"
              ? `filled with the training mean ${Number(c.mean.toPrecision(6))}`
              : "a level of their own"),
        ],
  );
  const told = (leftOut: boolean) =>
    decisions.filter(({ becomes, why }) => why !== "" && (becomes === "left out") === leftOut);
  return [
    ...filled,
    ...told(false).map(({ name, why }) => `column "${name}": ${why}`),
    ...told(true).map(({ name, why }) => `column "${name}" left out: ${why}`),
  ];
}

/** Classes that may be none: of one row, or alike but for case; and rows without one. */
function classNotes({ levels }: ColumnSurvey, rows: number, unlabelled: number): string[] {
  const single = [...levels!].flatMap(([name, count]) => (count === 1 ? [`"${name}"`] : []));
  const folded = new Map<string, string[]>();
  for (const name of levels!.keys())
    folded.set(name.toLowerCase(), [...(folded.get(name.toLowerCase()) ?? []), `"${name}"`]);
  const alike = [...folded.values()].filter((names) => names.length > 1);
  return [
    ...(single.length > 0
      ? [
          `${single.length === 1 ? "class" : "classes"} with one row, too few to learn from and test on: ${single.slice(0, 5).join(", ")}${single.length > 5 ? ", …" : ""}`,
        ]
      : []),
    ...alike.map((names) => `classes that differ in case only: ${names.join(", ")}`),
    ...(unlabelled > 0
      ? [`${show(unlabelled)} of ${show(rows)} rows have no class: training uses them without one`]
      : []),
  ];
}
