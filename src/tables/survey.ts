/** What the columns of a table hold: counted by the database over all rows, in two readings. */
import type { NumberStyle } from "../data/fields.js";
import type { Row } from "./duckdb.js";
import { type Holds, levelOf, numberOf, oddOf } from "./expressions.js";
import { findStyles } from "./number-styles.js";
import type { ReadOptions, TableSource } from "./source.js";

/** A column of more values than this is none of categories. */
export const MAX_LEVELS = 256;
/** Levels of a column of classes are all counted up to this many. */
export const MAX_CLASSES = 1000;

export interface ColumnSurvey {
  readonly name: string;
  readonly holds: Holds;
  readonly style: NumberStyle;
  /** Finite numbers, and among them the least, the greatest, and whether all are whole. */
  readonly numbers: number;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  readonly infinite: number;
  /** Values that are no numbers and do not stand for a missing one; the first of them, and in which row (from 0). */
  readonly odd: number;
  readonly firstOdd: { readonly value: string; readonly row: number } | null;
  /** Different values, about; exact up to {@link MAX_CLASSES}. */
  readonly distinct: number;
  /** Values and how many rows have them, where there are at most {@link MAX_CLASSES}. */
  readonly levels: ReadonlyMap<string, number> | null;
}

export interface Survey {
  /** Rows that are as they should be. */
  readonly rows: number;
  /** Rows with too many or too few fields; the first of them, as positions among all rows, with the number of their fields. */
  readonly bad: number;
  readonly firstBad: readonly { readonly row: number; readonly fields: number }[];
  /** The last row, where it holds line breaks and is bad: a quote that is never closed. */
  readonly unclosed: number | null;
  readonly columns: readonly ColumnSurvey[];
}

const BAD_ROWS = 10;
const SAMPLED_CELLS = 200_000;

/** Styles of a source's columns of text. @param expected by column, as a model has them */
export async function stylesOf(
  source: TableSource,
  options: ReadOptions,
  expected?: readonly (NumberStyle | undefined)[],
): Promise<NumberStyle[]> {
  const { columns, database, relation, where } = source;
  const rows = Math.max(500, Math.min(10_000, Math.floor(SAMPLED_CELLS / Math.max(1, columns.length))));
  const texts = columns.flatMap(({ holds }, i) => (holds === "text" ? [i] : []));
  const fields: string[][] = columns.map(() => []);
  if (texts.length > 0) {
    const sql = `SELECT ${texts.map((i) => `c${i}`).join(", ")} FROM ${relation} WHERE fields IS NULL LIMIT ${rows}`;
    for await (const chunk of database.chunks(sql, where)) {
      texts.forEach((i, j) => {
        for (const value of chunk.getColumnValues(j)) if (typeof value === "string") fields[i]!.push(value);
      });
    }
  }
  return findStyles(fields, {
    decimal: options.decimal,
    delimiter: source.delimiter,
    expected,
    markers: options.missing,
  });
}

/**
 * @param labelAt the column of classes, whose levels are always counted; -1 for none.
 * @param numeric names of columns that shall be numbers: what disturbs them is always looked for.
 */
export async function survey(
  source: TableSource,
  options: ReadOptions,
  labelAt: number,
  numeric: readonly string[] = [],
): Promise<Survey> {
  const { columns, where, database } = source;
  const markers = options.missing ?? [];
  const styles = await stylesOf(source, options);
  const [first] = await database.rows(firstReading(source, styles, markers), where);
  const rows = Number(first!.rows);
  const bad = Number(first!.bad);
  const columnOf = (i: number) => firstOf(first!, i);
  const counted = columns.flatMap(({ holds }, i) =>
    holds !== "other" && (i === labelAt || columnOf(i).distinct <= 1.5 * MAX_LEVELS) ? [i] : [],
  );
  const nearly = columns.flatMap(({ name }, i) =>
    columnOf(i).odd > 0 && (columnOf(i).numbers > 0 || numeric.includes(name)) ? [i] : [],
  );
  const [second] =
    counted.length + nearly.length === 0
      ? [{}]
      : await database.rows(secondReading(source, styles, counted, nearly, markers), where);
  return {
    rows,
    bad,
    ...(bad === 0 ? { firstBad: [], unclosed: null } : await badRows(source)),
    columns: columns.map(({ name, holds }, i): ColumnSurvey => {
      const levels = counted.includes(i) ? levelsOf(second![`levels${i}`]) : null;
      return {
        ...columnOf(i),
        name,
        holds,
        style: styles[i]!,
        firstOdd:
          second![`odd${i}`] == null
            ? null
            : { value: String(second![`odd${i}`]), row: Number(second![`row${i}`]) - 1 },
        distinct: levels?.size ?? columnOf(i).distinct,
        levels: levels !== null && levels.size <= MAX_CLASSES ? levels : null,
      };
    }),
  };
}

function firstOf(row: Row, i: number) {
  const count = (key: string) => Number(row[`${key}${i}`] ?? 0);
  return {
    numbers: count("numbers"),
    infinite: count("infinite"),
    odd: count("odd"),
    min: count("min"),
    max: count("max"),
    whole: row[`whole${i}`] === true,
    distinct: count("distinct"),
  };
}

function firstReading(source: TableSource, styles: readonly NumberStyle[], markers: readonly string[]): string {
  const aggregates = source.columns.map(({ holds }, i) =>
    [
      `count(n${i}) FILTER (isfinite(n${i})) AS numbers${i}`,
      `count_if(isinf(n${i})) AS infinite${i}`,
      `count(o${i}) AS odd${i}`,
      `min(n${i}) FILTER (isfinite(n${i})) AS min${i}`,
      `max(n${i}) FILTER (isfinite(n${i})) AS max${i}`,
      `bool_and(n${i} = floor(n${i})) FILTER (isfinite(n${i})) AS whole${i}`,
      ...(holds === "other" ? [] : [`approx_count_distinct(c${i}) AS distinct${i}`]),
    ].join(", "),
  );
  return `SELECT count_if(fields IS NULL) AS rows, count_if(fields <> 0) AS bad, ${aggregates.join(", ")} FROM ${numbered(source, styles, markers)}`;
}

/** The relation with each column as a number, n0, n1, …, and where it is odd, o0, o1, …; of bad rows nothing. */
function numbered(
  { columns, relation }: TableSource,
  styles: readonly NumberStyle[],
  markers: readonly string[],
  wanted: readonly number[] = columns.map((_, i) => i),
): string {
  if (wanted.length === 0) return relation;
  const of = wanted.map((i) => [i, columns[i]!.holds] as const);
  const numbers = of.map(
    ([i, holds]) => `CASE WHEN fields IS NULL THEN ${numberOf(i, holds, styles[i]!, markers)} END AS n${i}`,
  );
  const odd = of.map(([i, holds]) => `CASE WHEN fields IS NULL THEN ${oddOf(i, holds, `n${i}`, markers)} END AS o${i}`);
  return `(SELECT *, ${odd.join(", ")} FROM (SELECT *, ${numbers.join(", ")} FROM ${relation}))`;
}

/** Levels of columns of few values, and the first odd value of those that are nearly numeric. */
function secondReading(
  source: TableSource,
  styles: readonly NumberStyle[],
  counted: readonly number[],
  nearly: readonly number[],
  markers: readonly string[],
): string {
  const levels = counted.map(
    (i) => `CASE WHEN fields IS NULL THEN ${levelOf(i, source.columns[i]!.holds, markers)} END AS l${i}`,
  );
  const aggregates = [
    ...counted.map((i) => `histogram(l${i}) AS levels${i}`),
    ...nearly.flatMap((i) => [`arg_min(o${i}, row) AS odd${i}`, `min(row) FILTER (o${i} IS NOT NULL) AS row${i}`]),
  ];
  const inner = [`*`, ...levels, ...(nearly.length > 0 ? ["row_number() OVER () AS row"] : [])];
  return `SELECT ${aggregates.join(", ")} FROM (SELECT ${inner.join(", ")} FROM ${numbered(source, styles, markers, nearly)})`;
}

/** A histogram of the database: a list of keys and values, or nothing where there was no value. */
function levelsOf(value: unknown): Map<string, number> {
  const entries: readonly Row[] = Array.isArray(value) ? value : [];
  return new Map(entries.map(({ key, value: count }) => [String(key), Number(count)]));
}

/** The first rows with too many or too few fields. */
async function badRows({ database, relation, where }: TableSource) {
  const all = `(SELECT fields, row_number() OVER () AS row FROM ${relation})`;
  const found = await database.rows(
    `SELECT row, fields FROM ${all} WHERE fields <> 0 ORDER BY row LIMIT ${BAD_ROWS}`,
    where,
  );
  const [end] = await database.rows(
    `SELECT max(row) AS last, arg_max(coalesce(fields, 1), row) AS fields FROM ${all}`,
    where,
  );
  return {
    firstBad: found.map(({ row, fields }) => ({ row: Number(row) - 1, fields: Math.abs(Number(fields)) })),
    unclosed: Number(end!.fields) < 0 ? Number(end!.last) - 1 : null,
  };
}
