/** The columns of a CSV file: what is in them, and reading those that are kept. Two passes, so that memory holds only the result. */
import { DataError } from "../error.js";
import { type CsvFormat, csvRows } from "../formats/csv.js";
import { isMissing, levelOf, parseNumber } from "../table.js";

/** A column of text with more values than this is taken for an identifier or free text, and left out. */
const MAX_LEVELS = 256;
/** A column of numbers with so few different ones, and missing ones, is one of categories. */
const FEW_LEVELS = 10;

/** What a first reading finds out about a column. */
export interface Scan {
  readonly name: string;
  missing: number;
  /** Every value so far is a number. */
  numeric: boolean;
  /** Distinct values, up to {@link MAX_LEVELS} + 1. */
  readonly levels: Set<string>;
}

/** Position of a column given by name or index (from 0; negative from the end). @throws DataError listing those there are. */
export function columnIndex(path: string, header: readonly string[], column: string | number): number {
  const named = header.indexOf(String(column).trim());
  if (named >= 0) return named;
  const index = /^-?\d+$/.test(String(column)) ? Number(column) : Number.NaN;
  const at = index < 0 ? index + header.length : index;
  if (!(at >= 0 && at < header.length))
    throw new DataError(path, `no column "${column}"`, `there are ${header.map((h) => `"${h}"`).join(", ")}`);
  return at;
}

/** Reads the file for what its columns hold. */
export async function scan(path: string, format: CsvFormat, labelAt: number) {
  const scans = format.header.map((name): Scan => ({ name, missing: 0, numeric: true, levels: new Set() }));
  const rowLabels: (string | null)[] = [];
  let count = 0;
  for await (const fields of csvRows(path, format)) {
    count++;
    scans.forEach((column, j) => {
      const field = fields[j]!;
      const absent = isMissing(field);
      if (j === labelAt) rowLabels.push(absent ? null : field.trim());
      else if (absent) column.missing++;
      else {
        column.numeric &&= parseNumber(field) !== null;
        if (column.levels.size <= MAX_LEVELS) column.levels.add(levelOf(field));
      }
    });
  }
  return { scans, rowLabels, count };
}

/** What the user says of columns, by name. */
export interface ColumnChoice {
  /** Columns of numbers that stand for categories. */
  readonly categorical?: readonly string[];
  /** Columns to leave out, like identifiers. */
  readonly ignore?: readonly string[];
}

/** What to make of a column; null to leave it out, which `dropped` then explains. */
export function columnKind(
  column: Scan,
  { categorical = [], ignore = [] }: ColumnChoice,
  dropped: { name: string; why: string }[],
) {
  const { name, levels, missing } = column;
  const drop = (why: string): null => {
    dropped.push({ name, why });
    return null;
  };
  if (ignore.includes(name)) return drop("as asked");
  if (levels.size === 0) return drop("no values");
  // That a number is missing says something; where there are few numbers, it is a value like them.
  const coded = missing > 0 && levels.size <= FEW_LEVELS;
  if (column.numeric && !coded && !categorical.includes(name)) return "numeric";
  if (levels.size > MAX_LEVELS) return drop(`text of more than ${MAX_LEVELS} different values: an identifier?`);
  if (levels.size === 1 && missing === 0) return drop("the same value in every row");
  return "categorical";
}

/** Numbers in order of size, before text in order of its characters. */
export function byNumberOrText(a: string, b: string): number {
  const [x, y] = [parseNumber(a), parseNumber(b)];
  if (x !== null && y !== null && x !== y) return x - y;
  if ((x === null) !== (y === null)) return x === null ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

export interface Columns {
  /** Indices in the file. */
  readonly numeric: readonly number[];
  readonly categorical: readonly number[];
  /** f64 `[n, numeric.length]`, NaN where missing. */
  readonly numbers: Float64Array;
  /** `[n][categorical.length]`: the field, null where missing. */
  readonly texts: readonly (string | null)[];
}

/** Reads the columns of the given kinds; null skips one. */
export async function readColumns(
  path: string,
  format: CsvFormat,
  count: number,
  kinds: readonly ("numeric" | "categorical" | null)[],
): Promise<Columns> {
  const of = (kind: string) => kinds.flatMap((k, j) => (k === kind ? [j] : []));
  const [numeric, categorical] = [of("numeric"), of("categorical")];
  const numbers = new Float64Array(count * numeric.length);
  const texts: (string | null)[] = [];
  let at = 0;
  // One string per distinct value, however many rows have it.
  const interned = new Map<string, string>();
  for await (const fields of csvRows(path, format)) {
    for (const j of numeric) numbers[at++] = isMissing(fields[j]) ? Number.NaN : parseNumber(fields[j]!)!;
    for (const j of categorical) {
      const text = levelOf(fields[j]!);
      if (!interned.has(text)) interned.set(text, text);
      texts.push(isMissing(text) ? null : interned.get(text)!);
    }
  }
  return { numeric, categorical, numbers, texts };
}
