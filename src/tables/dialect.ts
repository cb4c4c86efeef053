/** How a text file separates its fields, and which of its first lines are a header: found out from a sample, or as the user says. */
import { isMissing, trimmed } from "../data/fields.js";
import { looksNumeric } from "./number-styles.js";
import { type Quoting, type Splitting, splitRecords } from "./records.js";

export interface Dialect extends Splitting {
  /** Lines above the table: a title, `sep=;`. */
  readonly skip: number;
  /** Whether the first line of the table is a header. */
  readonly hasHeader: boolean;
  /** Distinct names, one for each column of the rows. */
  readonly names: readonly string[];
  readonly notes: readonly string[];
}

/** What the user says of it. */
export interface DialectChoice {
  readonly delimiter?: string | undefined;
  readonly header?: boolean | undefined;
  /** Names of columns that the user or a model names: a first line that has them is a header. */
  readonly known?: readonly string[] | undefined;
}

/** From the one that occurs least by chance to the one that occurs most. */
const DELIMITERS = ["\t", ";", "|", ",", " "] as const;
const ENOUGH = 0.8;
/** What lines above the table count against a delimiter: most files have none. */
const TITLE = 0.3;
/** Lines above a table that are looked through for its beginning. */
const PREAMBLE = 20;

/** Finds out the dialect of a text, given its first lines (whole ones, `\n` or `\r\n`). */
export function findDialect(sample: string, choice: DialectChoice = {}): Dialect {
  const hint = /^sep=(.)\r?\n/i.exec(sample);
  const body = hint === null ? sample : sample.slice(hint[0].length);
  const quoting = findQuoting(body);
  const delimiter = choice.delimiter ?? hint?.[1] ?? findDelimiter(body, quoting);
  const splitting: Splitting = { ...quoting, delimiter };
  const records = splitRecords(body, splitting);
  const width = commonWidth(records);
  const above = Math.max(
    0,
    records.slice(0, PREAMBLE).findIndex((r, i) => r.length >= width || isShiftedHeader(r, records[i + 1], width)),
  );
  const table = records.slice(above);
  const hasHeader = choice.header ?? isHeader(table, choice.known ?? []);
  const lines = above === 0 ? 0 : linesOf(body, splitting, above);
  const notes = above === 0 ? [] : [`${above === 1 ? "a line" : `${above} lines`} above the table left out`];
  return {
    ...splitting,
    skip: lines + (hint === null ? 0 : 1),
    hasHeader,
    ...namesOf(table, hasHeader, notes),
  };
}

/** Double quotes, unless only single ones enclose fields. */
function findQuoting(text: string): Quoting {
  const double = /(^|[,;\t|\n])\s*"/.test(text);
  const single = [...text.matchAll(/(?:^|[,;\t|\n])'[^'\n]*'(?=[,;\t|\r\n]|$)/g)].length;
  const quote = !double && single >= 2 ? "'" : '"';
  const escaper = double && /\\"/.test(text) && !/[^\\,;\t|\n]""/.test(text) ? "\\" : quote;
  return { quote, escaper };
}

/** The delimiter that gives the first line and most lines the same number of fields; of equals, the one that is rarest by chance. */
function findDelimiter(text: string, quoting: Quoting): string {
  let best: string = ",";
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const records = splitRecords(text, { ...quoting, delimiter });
    const width = commonWidth(records);
    if (width < 2) continue;
    // The first line of the table: a title above it has fewer fields.
    const first = records
      .slice(0, PREAMBLE)
      .findIndex((r, i) => r.length >= width || isShiftedHeader(r, records[i + 1], width));
    if (first === -1 || records[first]!.length > width + 1) continue;
    const rows = records.slice(first);
    const fit = rows.filter((r) => r.length === width || isTrailing(r, width)).length / rows.length;
    // A blank separates words, too: it must never be wrong.
    if (fit < (delimiter === " " ? 1 : 0.5) || (first > 0 && delimiter === " ")) continue;
    const agree = first > 0 ? fit - TITLE : fit;
    if (agree > most + 0.02 && !(most >= ENOUGH && agree < most + 0.1)) [best, most] = [delimiter, agree];
  }
  return best;
}

/** A row with nothing after its last delimiters. */
const isTrailing = (record: readonly string[], width: number): boolean =>
  record.length > width && record.slice(width).every((field) => field === "");

/** A header that has no name for the first column, as R writes it. */
const isShiftedHeader = (record: readonly string[], next: readonly string[] | undefined, width: number): boolean =>
  width > 2 && record.length === width - 1 && next?.length === width;

/** The number of fields that most records have. */
function commonWidth(records: readonly (readonly string[])[]): number {
  const counts = new Map<number, number>();
  for (const { length } of records) counts.set(length, (counts.get(length) ?? 0) + 1);
  return [...counts].sort(([v, a], [w, b]) => b - a || w - v)[0]?.[0] ?? 1;
}

/** Lines that some first records take. */
function linesOf(text: string, splitting: Splitting, records: number): number {
  let at = 0;
  let lines = 0;
  for (let found = 0; found < records; ) {
    const end = text.indexOf("\n", at);
    if (end === -1) return lines;
    lines++;
    found = splitRecords(text.slice(0, end + 1), splitting).length;
    at = end + 1;
  }
  return lines;
}

/**
 * Whether the first record is a header: it has the names that are known; or there is text above numbers; or no text of it occurs below
 * while what is below repeats; or it counts 0, 1, 2, …, as programs do that were given no names.
 */
function isHeader(records: readonly (readonly string[])[], known: readonly string[]): boolean {
  const [first, ...below] = records;
  if (first === undefined) return false;
  const names = first.map(trimmed);
  if (known.length > 0 && known.every((name) => distinct(names).includes(trimmed(name)))) return true;
  const isText = (field: string) => !isMissing(field, "numeric") && !looksNumeric(field);
  const texts = names.flatMap((name, j) => (isText(name) ? [j] : []));
  if (below.length === 0)
    return names.length > 0 && texts.length === names.length && new Set(names).size === names.length;
  const width = commonWidth(below);
  const shift = first.length === width - 1 ? 1 : 0;
  const columns = names.map((_, j) => below.flatMap((r) => (r.length === width ? [trimmed(r[j + shift] ?? "")] : [])));
  const present = columns.map((fields) => fields.filter((field) => !isMissing(field, "numeric")));
  const numeric = present.map(
    (fields) => fields.length > 0 && fields.filter(looksNumeric).length >= 0.9 * fields.length,
  );
  if (texts.some((j) => numeric[j])) return true;
  if (counts(names)) return true;
  if (texts.length === 0) return false;
  if (texts.some((j) => present[j]!.includes(names[j]!))) return false;
  // No number stands above a text, unless as the name of a column of text.
  const repeats = texts.filter((j) => new Set(present[j]).size <= present[j]!.length / 2);
  return repeats.length > 0 || texts.length === names.length;
}

/** 0, 1, 2, …, or nothing and then these. */
function counts(names: readonly string[]): boolean {
  const list = names[0] === "" ? names.slice(1) : names;
  return list.length >= 3 && list.every((name, i) => name === String(i));
}

function namesOf(records: readonly (readonly string[])[], hasHeader: boolean, notes: readonly string[]) {
  const [first = []] = records;
  const rows = hasHeader ? records.slice(1) : records;
  // Delimiters at the end of all lines are no column.
  let width = rows.length === 0 ? first.length : commonWidth(rows);
  while (
    width > 1 &&
    (!hasHeader || trimmed(first[width - 1] ?? "") === "") &&
    rows.length > 0 &&
    isEmptyAt(rows, width - 1)
  )
    width--;
  if (!hasHeader) return { names: Array.from({ length: width }, (_, i) => `column${i}`), notes };
  const given = first.map(trimmed);
  // Delimiters at the end of the header alone, or of the rows; else what the rows have more stands before the first name.
  while (given.length > width && given.at(-1) === "") given.pop();
  const trails = (r: readonly string[]) => r.length > given.length && r.slice(given.length).every((f) => f === "");
  const shift = width === given.length + 1 && !rows.every((r) => r.length <= given.length || trails(r));
  const full = shift ? ["", ...given] : given;
  const nameless = full.flatMap((name, i) => (name === "" ? [`column${i}`] : []));
  return {
    names: distinct(full.map((name, i) => name || `column${i}`)),
    notes: [
      ...notes,
      ...(nameless.length > 0
        ? [
            `${nameless.length === 1 ? "a column has" : "columns have"} no name, and ${nameless.length === 1 ? "is" : "are"} called ${listed(nameless)}`,
          ]
        : []),
      ...twice(full),
    ],
  };
}

const isEmptyAt = (rows: readonly (readonly string[])[], column: number): boolean =>
  rows.every((row) => (row[column] ?? "") === "");

const listed = (names: readonly string[]): string =>
  `${names
    .slice(0, 5)
    .map((n) => `"${n}"`)
    .join(", ")}${names.length > 5 ? ", …" : ""}`;

function twice(names: readonly string[]): string[] {
  const again = [...new Set(names.filter((name, i) => name !== "" && names.indexOf(name) !== i))];
  return again.length === 0
    ? []
    : [`more than one column is called ${listed(again)}: they are numbered, "${again[0]} (2)"`];
}

/** `a`, `a` → `a`, `a (2)`. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let i = 2; taken.has(own); i++) own = `${name} (${i})`;
    taken.add(own);
    return own;
  });
}
