/** New rows of a table for a model: prepared by what was stored with it, some thousand at a time, in the order of the file. */
import { DataError } from "../data/error.js";
import { PLAIN } from "../data/fields.js";
import { featureNames, MISSING, type TableColumn, type TablePreprocessing } from "../data/table.js";
import { column } from "./duckdb.js";
import { type EncodedRows, GOOD, RowsInMaking } from "./encoded-rows.js";
import { codeOf, levelOf, numberOrReason } from "./expressions.js";
import { findStyles } from "./number-styles.js";
import type { ReadOptions } from "./part.js";
import { openTable, type TableSource } from "./source.js";
import { sampleOf } from "./survey.js";

export interface EncodeOptions extends Omit<ReadOptions, "known"> {
  /** Columns of the file to copy through. */
  readonly keep?: readonly string[] | undefined;
}

/** A file that is open for a model. */
export interface EncodedSource {
  readonly place: "line" | "row";
  /** The database's types of the columns that are kept, where the file has types. */
  readonly keptTypes: readonly (string | undefined)[];
  /** Number of its rows, about; null where it is not known before they are read. */
  readonly about: number | null;
  /** What a user should know of the file. */
  readonly notes: readonly string[];
  rows(): AsyncGenerator<EncodedRows>;
  close(): Promise<void>;
}

/**
 * Opens a table for a model.
 * @param model what was stored with it; or for points, which are plain numbers whatever their columns are called, how many.
 * @throws DataError where a column is absent, or the file is none that can be read.
 */
export async function encodeRows(
  path: string,
  model: TablePreprocessing | number,
  options: EncodeOptions = {},
): Promise<EncodedSource> {
  const needed = typeof model === "number" ? [] : model.columns.map(({ name }) => name);
  const source = await openTable(path, { ...options, known: [...needed, ...(options.keep ?? [])] });
  try {
    const table = typeof model === "number" ? pointColumns(source, model) : model;
    const plan = await planFor(source, table, options);
    return {
      place: source.place,
      keptTypes: (options.keep ?? []).map((name) => source.columns.find((c) => c.name === name)!.type),
      about: source.about,
      notes: source.notes,
      rows: () => encoded(source, table, plan),
      close: source.close,
    };
  } catch (cause) {
    await source.close();
    throw cause;
  }
}

/** Points are tables of plain numbers. */
function pointColumns({ where, columns: found }: TableSource, width: number): TablePreprocessing {
  if (found.length !== width)
    throw new DataError(where, `${found.length} columns, but the model takes points of ${width} numbers`);
  const columns = found.map(({ name }) => ({ kind: "numeric", name, mean: 0, std: 1, missing: 0 }) as const);
  return { kind: "table", columns, dropped: [], label: null };
}

/** What is selected, and where in it everything is. */
interface Plan {
  readonly sql: string;
  /** By column of the model: where the feature begins, and its values. */
  readonly columns: readonly { readonly column: TableColumn; readonly start: number; readonly missingAt: number }[];
  readonly labelled: boolean;
  readonly kept: number;
}

const PROBLEM = "problem";

async function planFor(source: TableSource, table: TablePreprocessing, options: EncodeOptions): Promise<Plan> {
  const { columns: found, relation } = source;
  const names = found.map(({ name }) => name);
  const at = table.columns.map(({ name }) => names.indexOf(name));
  refuseAbsent(
    source,
    table.columns.flatMap(({ name }, i) => (at[i] === -1 ? [name] : [])),
    "which the model needs",
  );
  const keep = (options.keep ?? []).map((name) => names.indexOf(name));
  refuseAbsent(
    source,
    (options.keep ?? []).filter((_, i) => keep[i] === -1),
    "which shall be kept",
  );
  const markers = [...(table.markers ?? []), ...(options.missing ?? [])];
  const styles = findStyles(await sampleOf(source), {
    decimal: options.decimal,
    delimiter: source.delimiter,
    markers,
    expected: found.map(({ name }) => {
      const column = table.columns.find((c) => c.name === name);
      return column?.kind === "numeric" ? (column.style ?? PLAIN) : undefined;
    }),
  });

  const inner: string[] = [];
  const outer: string[] = [];
  const problems: string[] = [];
  let start = 0;
  const columns = table.columns.map((c, k) => {
    const i = at[k]!;
    const first = start;
    if (c.kind === "numeric") {
      inner.push(`${numberOrReason(i, found[i]!.holds, styles[i]!, markers)} AS v${k}`);
      problems.push(`WHEN isinf(v${k}) THEN CAST(c${i} AS VARCHAR)`);
      start++;
    } else {
      inner.push(`${codeOf(i, found[i]!.holds, known(c.levels), markers)} AS v${k}`);
      start += c.levels.length;
    }
    outer.push(`v${k}`);
    return { column: c, start: first, missingAt: c.kind === "numeric" ? -1 : c.levels.indexOf(MISSING) };
  });
  const labelAt = table.label === null ? -1 : names.indexOf(table.label.name);
  if (labelAt >= 0) {
    inner.push(`${codeOf(labelAt, found[labelAt]!.holds, table.label!.classes, markers)} AS label`);
    outer.push("label");
    problems.push(`WHEN label = -1 THEN ${levelOf(labelAt, found[labelAt]!.holds, markers)}`);
  }
  const problem = problems.length === 0 ? "NULL" : `CASE WHEN fields IS NOT NULL THEN NULL ${problems.join(" ")} END`;
  const sql =
    `SELECT ${outer.join(", ")}, CAST(coalesce(fields, ${GOOD}) AS SMALLINT), ${problem} AS ${PROBLEM}` +
    `${keep.map((i) => `, CAST(c${i} AS VARCHAR)`).join("")} FROM (SELECT *, ${inner.join(", ")} FROM ${relation})`;
  return { sql, columns, labelled: labelAt >= 0, kept: keep.length };
}

/** Levels other than that of missing values, in the order of their features: it stands last. */
const known = (levels: readonly string[]): string[] => levels.filter((level) => level !== MISSING);

function refuseAbsent({ where, named }: TableSource, absent: readonly string[], why: string): void {
  if (absent.length === 0) return;
  const some = absent
    .slice(0, 5)
    .map((n) => `"${n}"`)
    .join(", ");
  const list = some + (absent.length > 5 ? `, … (${absent.length} columns)` : "");
  const line = named
    ? ""
    : "; its first line is taken for values: it must name the columns (--header says that it does)";
  throw new DataError(where, `no column ${list}, ${why}${line}`);
}

async function* encoded(source: TableSource, table: TablePreprocessing, plan: Plan): AsyncGenerator<EncodedRows> {
  const { database, where, columns: found } = source;
  const width = featureNames(table).length;
  const lines = source.lines();
  let last: { readonly rows: EncodedRows; readonly unclosed: boolean } | null = null;
  try {
    for await (const chunk of database.chunks(plan.sql, where)) {
      const count = chunk.rowCount;
      const part = new RowsInMaking(count, width);
      plan.columns.forEach(({ column: c, start, missingAt }, k) => {
        if (c.kind === "numeric") part.number(column(chunk, k), c.name, start, c.mean, c.std);
        else part.level(column(chunk, k), c.name, start, known(c.levels).length, missingAt);
      });
      const after = plan.columns.length + (plan.labelled ? 1 : 0);
      if (plan.labelled) part.label(column(chunk, plan.columns.length), table.label!.classes.length);
      part.fields(column(chunk, after), found.length);
      if (part.odd.size > 0) {
        const texts = chunk.getColumnVector(after + 1);
        part.explain((row) => String(texts.getItem(row)), table.label);
      }
      const kept = Array.from({ length: plan.kept }, (_, j) =>
        chunk.getColumnValues(after + 2 + j).map((value) => (value === null ? null : String(value))),
      );
      if (last !== null) yield last.rows;
      last = { rows: part.done(await lines.next(count), kept), unclosed: part.unclosed };
    }
    if (last === null) return;
    if (!last.unclosed) yield last.rows;
    else {
      const { rows } = last;
      yield { ...rows, count: rows.count - 1 };
      throw new DataError(
        `${where}, after ${source.place} ${rows.lines[rows.count - 1]! - 1}`,
        "a quoted field is never closed; the rows from there on were not read",
        "check the file at that line",
      );
    }
  } finally {
    lines.close();
  }
}
