/** What the columns of a table hold: counted by the database over all rows, in two readings. */
import { isMissing, levelOf, type NumberStyle } from "../data/fields.js";
import type { Row } from "./duckdb.js";
import { type Holds, numberOf, oddOf } from "./expressions.js";
import { groupsOf } from "./groups.js";
import { hasIdentifierName, mayCountRows } from "./identifiers.js";
import { findStyles, looksNumeric } from "./number-styles.js";
import type { ReadOptions } from "./part.js";
import type { TableSource } from "./source.js";

/** What the user says of columns, by name. */
export interface ColumnChoice {
  /** Columns to leave out, like identifiers. */
  readonly ignore?: readonly string[] | undefined;
  /** Columns of numbers that stand for categories; of the column of classes: that its numbers are classes. */
  readonly categorical?: readonly string[] | undefined;
  /** Columns that are numbers, whatever else stands in them; times become seconds. */
  readonly numeric?: readonly string[] | undefined;
}

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

/** The first fields of each column of text; nothing of others. */
export async function sampleOf({ columns, database, relation, where }: TableSource): Promise<string[][]> {
  const rows = Math.max(500, Math.min(10_000, Math.floor(SAMPLED_CELLS / Math.max(1, columns.length))));
  const texts = columns.flatMap(({ holds }, i) => (holds === "text" ? [i] : []));
  const fields: string[][] = columns.map(() => []);
  if (texts.length === 0) return fields;
  const sql = `SELECT ${texts.map((i) => `c${i}`).join(", ")} FROM ${relation} WHERE fields IS NULL LIMIT ${rows}`;
  for await (const chunk of database.chunks(sql, where)) {
    texts.forEach((i, j) => {
      for (const value of chunk.getColumnValues(j)) if (typeof value === "string") fields[i]!.push(value);
    });
  }
  return fields;
}

/** Different fields of a sample, for all to be counted in the first reading. */
const FEW = 50;

const isFew = (fields: readonly string[]): boolean => fields.length >= 500 && new Set(fields).size <= FEW;

/** Text in which few fields look like numbers: no number among it is looked for with care. */
const isText = (fields: readonly string[]): boolean => {
  const present = fields.filter((field) => !isMissing(field, "numeric"));
  return present.length > 0 && present.filter(looksNumeric).length < present.length / 2;
};

/**
 * @param labelAt the column of classes, whose levels are always counted; -1 for none.
 * @param choice what the user says: levels of categories, and what disturbs numbers, are always looked for.
 */
export async function survey(
  source: TableSource,
  options: ReadOptions,
  labelAt: number,
  { numeric = [], categorical = [] }: ColumnChoice = {},
): Promise<Survey> {
  const { columns, where, database } = source;
  const markers = options.missing ?? [];
  const sample = await sampleOf(source);
  const { decimal, missing } = options;
  const styles = findStyles(sample, { decimal, delimiter: source.delimiter, markers: missing });
  const words = sample.map(isText);
  const few = columns.flatMap((_, i) => (i === labelAt || isFew(sample[i]!) ? [i] : []));
  const reading: Reading = { styles, words, markers };
  const all = columns.map((_, i) => i);
  const read = async (rows?: string): Promise<Row> => {
    let found: Row = {};
    for (const some of groupsOf(all))
      found = { ...found, ...(await database.rows(firstReading(source, reading, some, few, rows), where))[0] };
    return found;
  };
  const every = await read();
  const [rows, bad] = [Number(every.rows), Number(every.bad)];
  const first = bad === 0 ? every : await read("WHERE fields IS NULL");
  const found = columns.map((_, i) => firstOf(first, i));
  // Complete numbers have no levels, unless the user says so.
  const mayBeLevels = (i: number) => found[i]!.numbers < rows || categorical.includes(columns[i]!.name);
  const counted = columns.flatMap(({ holds }, i) =>
    !few.includes(i) && holds !== "other" && found[i]!.distinct <= 1.5 * MAX_LEVELS && mayBeLevels(i) ? [i] : [],
  );
  const nearly = columns.flatMap(({ name }, i) =>
    found[i]!.odd > 0 && (found[i]!.numbers > 0 || numeric.includes(name)) ? [i] : [],
  );
  const levels = new Map([
    ...few.map((i): [number, Map<string, number>] => [i, joined(first[`h${i}`], markers)]),
    ...(await levelsOf(source, counted, markers)),
  ]);
  const firstOdd = await firstOddOf(source, reading, nearly);
  // The database's estimate is a tenth off, and more: where it decides, values are counted.
  const identifiers = all.filter(
    (i) =>
      !levels.has(i) &&
      found[i]!.whole &&
      (hasIdentifierName(columns[i]!.name, source.named) || mayCountRows(found[i]!, rows)),
  );
  const exact = await distinctOf(source, reading, identifiers);
  return {
    rows,
    bad,
    ...(bad === 0 ? { firstBad: [], unclosed: null } : await badRows(source)),
    columns: columns.map(({ name, holds }, i): ColumnSurvey => {
      const own = levels.get(i);
      return {
        ...found[i]!,
        name,
        holds,
        style: styles[i]!,
        firstOdd: firstOdd.get(i) ?? null,
        distinct: own?.size ?? exact.get(i) ?? found[i]!.distinct,
        levels: own !== undefined && own.size <= MAX_CLASSES ? own : null,
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

/** How columns are read as numbers. */
interface Reading {
  readonly styles: readonly NumberStyle[];
  /** Columns of words, whose few numbers do not matter. */
  readonly words: readonly boolean[];
  readonly markers: readonly string[];
}

/** @param where which rows: bad ones are rare, and only where there are some are they kept apart */
function firstReading(
  source: TableSource,
  reading: Reading,
  some: readonly number[],
  few: readonly number[],
  where = "",
): string {
  const aggregates = some.map((i) => {
    const { holds } = source.columns[i]!;
    return [
      `count(n${i}) AS numbers${i}`,
      `count_if(isinf(x${i})) AS infinite${i}`,
      `count(o${i}) AS odd${i}`,
      `min(n${i}) AS min${i}`,
      `max(n${i}) AS max${i}`,
      `bool_and(n${i} = floor(n${i})) AS whole${i}`,
      ...(few.includes(i) ? [rawLevels(i, holds)] : []),
      ...(few.includes(i) || holds === "other" ? [] : [`approx_count_distinct(c${i}) AS distinct${i}`]),
    ].join(", ");
  });
  const bad = "count_if(fields IS NULL) AS rows, count_if(fields <> 0) AS bad";
  return `SELECT ${bad}, ${aggregates.join(", ")} FROM ${numbered(source, reading, some)} ${where}`;
}

/** The relation with each column as a number, x0, x1, …, where it is finite, n0, n1, …, and where it is odd, o0, o1, … */
function numbered(
  { columns, relation }: TableSource,
  { styles, words, markers }: Reading,
  wanted: readonly number[],
): string {
  const of = wanted.map((i) => [i, columns[i]!.holds] as const);
  const numbers = of.map(([i, holds]) =>
    words[i] ? `TRY_CAST(c${i} AS DOUBLE) AS x${i}` : `${numberOf(i, holds, styles[i]!, markers)} AS x${i}`,
  );
  const finite = of.map(([i]) => `CASE WHEN isfinite(x${i}) THEN x${i} END AS n${i}`);
  const odd = of.map(([i, holds]) =>
    words[i]
      ? `CASE WHEN x${i} IS NULL AND c${i} <> '' THEN c${i} END AS o${i}`
      : `${oddOf(i, holds, `x${i}`, markers)} AS o${i}`,
  );
  const own = ["fields", ...wanted.map((i) => `c${i}`)].join(", ");
  const inner = `SELECT ${own}, ${numbers.join(", ")} FROM ${relation}`;
  return `(SELECT ${[own, ...wanted.map((i) => `x${i}`), ...finite, ...odd].join(", ")} FROM (${inner}))`;
}

const rawLevels = (i: number, holds: Holds): string =>
  `histogram(${holds === "text" ? `c${i}` : `CAST(c${i} AS VARCHAR)`}) AS h${i}`;

/** Values of columns of few, and how many rows have them. */
async function levelsOf(
  { database, relation, columns, where }: TableSource,
  counted: readonly number[],
  markers: readonly string[],
): Promise<Map<number, Map<string, number>>> {
  const levels = new Map<number, Map<string, number>>();
  for (const some of groupsOf(counted)) {
    const raw = some.map((i) => rawLevels(i, columns[i]!.holds));
    const [row] = await database.rows(`SELECT ${raw.join(", ")} FROM ${relation} WHERE fields IS NULL`, where);
    for (const i of some) levels.set(i, joined(row![`h${i}`], markers));
  }
  return levels;
}

/** Fields as levels, from a histogram of the database: a list of keys and values, or nothing where there was no value. */
function joined(histogram: unknown, markers: readonly string[]): Map<string, number> {
  const entries: readonly Row[] = Array.isArray(histogram) ? histogram : [];
  const levels = new Map<string, number>();
  for (const { key, value } of entries) {
    const field = String(key);
    if (isMissing(field, "categorical", markers)) continue;
    const level = levelOf(field);
    levels.set(level, (levels.get(level) ?? 0) + Number(value));
  }
  return levels;
}

/** Different numbers of some columns. */
async function distinctOf(
  source: TableSource,
  reading: Reading,
  wanted: readonly number[],
): Promise<Map<number, number>> {
  const distinct = new Map<number, number>();
  for (const some of groupsOf(wanted)) {
    const counts = some.map((i) => `count(DISTINCT n${i}) AS d${i}`);
    const sql = `SELECT ${counts.join(", ")} FROM ${numbered(source, reading, some)} WHERE fields IS NULL`;
    const [row] = await source.database.rows(sql, source.where);
    for (const i of some) distinct.set(i, Number(row![`d${i}`]));
  }
  return distinct;
}

/** The first odd value of some columns, and in which row. */
async function firstOddOf(
  source: TableSource,
  reading: Reading,
  nearly: readonly number[],
): Promise<Map<number, { readonly value: string; readonly row: number }>> {
  const first = new Map<number, { readonly value: string; readonly row: number }>();
  for (const some of groupsOf(nearly)) {
    const found = some.map((i) => `arg_min(o${i}, row) AS odd${i}, min(row) FILTER (o${i} IS NOT NULL) AS row${i}`);
    const rows = `(SELECT *, row_number() OVER () AS row FROM ${numbered(source, reading, some)})`;
    const [row] = await source.database.rows(
      `SELECT ${found.join(", ")} FROM ${rows} WHERE fields IS NULL`,
      source.where,
    );
    for (const i of some) first.set(i, { value: String(row![`odd${i}`]), row: Number(row![`row${i}`]) - 1 });
  }
  return first;
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
