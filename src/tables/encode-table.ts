/** New rows of a table for a model: prepared by what was stored with it, some thousand at a time, in the order of the file. */
import { DataError } from "../data/error.js";
import { PLAIN } from "../data/fields.js";
import { classOf, featureNames, MISSING, type TableColumn, type TablePreprocessing } from "../data/table.js";
import { NdArray } from "../runtime/array.js";
import { column } from "./duckdb.js";
import { codeOf, levelOf, numberOrReason } from "./expressions.js";
import { openTable, type ReadOptions, type TableSource } from "./source.js";
import { stylesOf } from "./survey.js";

/** Some rows of a file. */
export interface EncodedRows {
  readonly count: number;
  /** f32 `[count, D]`; of rows with a problem without meaning. */
  readonly x: Float32Array;
  /** Classes, -1 where a row has none, or the model. */
  readonly y: Int32Array;
  /** Lines of the file, or rows where it has no lines. */
  readonly lines: readonly number[];
  /** Rows that cannot be read, and why. */
  readonly problems: ReadonlyMap<number, string>;
  /** By row, where there are any: columns that were missing, and those whose level did not occur in training. */
  readonly missing: ReadonlyMap<number, readonly string[]>;
  readonly unknown: ReadonlyMap<number, readonly string[]>;
  /** The columns that were asked for, as text; null where there is no value. */
  readonly kept: readonly (readonly (string | null)[])[];
}

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
/** Stands for the number of fields of a row that has as many as it should. */
const GOOD = 32767;

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
  const styles = await stylesOf(
    source,
    { ...options, missing: markers },
    found.map(({ name }) => {
      const column = table.columns.find((c) => c.name === name);
      return column?.kind === "numeric" ? (column.style ?? PLAIN) : undefined;
    }),
  );

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
      const part = new Part(count, width);
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

/** Rows in the making. */
class Part {
  private readonly x: Float32Array;
  private readonly y: Int32Array;
  private readonly problems = new Map<number, string>();
  private readonly missing = new Map<number, string[]>();
  private readonly unknown = new Map<number, string[]>();
  /** Rows with a value that is wrong, and in which column: null for the class. */
  readonly odd = new Map<number, string | null>();
  /** The last row is bad and holds line breaks: if nothing follows, a quote was never closed. */
  unclosed = false;

  constructor(
    private readonly count: number,
    private readonly width: number,
  ) {
    this.x = new Float32Array(count * width);
    this.y = new Int32Array(count).fill(-1);
  }

  /** Numbers; NaN is missing, what is infinite no number. */
  number(values: ArrayLike<number>, name: string, start: number, mean: number, std: number): void {
    const { x, width, count } = this;
    for (let i = 0, at = start; i < count; i++, at += width) {
      const z = (values[i]! - mean) / std;
      if (z - z === 0) x[at] = z;
      else if (Number.isNaN(values[i]!)) add(this.missing, i, name);
      else if (!this.odd.has(i)) this.odd.set(i, name);
    }
  }

  /** Places among so many levels: -1 is none of them, their number is missing. */
  level(codes: ArrayLike<number>, name: string, start: number, levels: number, missingAt: number): void {
    const { x, width, count } = this;
    for (let i = 0, at = start; i < count; i++, at += width) {
      const code = codes[i]!;
      if (code >= 0 && code < levels) x[at + code] = 1;
      else if (code === levels) {
        add(this.missing, i, name);
        if (missingAt >= 0) x[at + missingAt] = 1;
        else add(this.unknown, i, name);
      } else add(this.unknown, i, name);
    }
  }

  label(codes: ArrayLike<number>, classes: number): void {
    for (let i = 0; i < this.count; i++) {
      const code = codes[i]!;
      if (code === -1 && !this.odd.has(i)) this.odd.set(i, null);
      this.y[i] = code === classes ? -1 : code;
    }
  }

  /** {@link GOOD}, 0 for a row without anything, else the number of its fields, negative with line breaks in one. */
  fields(counts: ArrayLike<number>, expected: number): void {
    for (let i = 0; i < this.count; i++) {
      const n = counts[i]!;
      if (n === GOOD) continue;
      this.odd.delete(i);
      this.problems.set(i, n === 0 ? EMPTY : `${Math.abs(n)} fields, ${expected} expected`);
      this.unclosed = n < 0 && i === this.count - 1;
    }
  }

  explain(text: (row: number) => string, label: TablePreprocessing["label"]): void {
    for (const [row, name] of this.odd) {
      this.problems.set(
        row,
        name === null
          ? unknownClass(label!, text(row))
          : `column "${name}": a number was expected, found "${text(row)}"`,
      );
    }
  }

  done(lines: readonly number[], kept: EncodedRows["kept"]): EncodedRows {
    const { count, x, y, problems, missing, unknown } = this;
    return { count, x, y, lines, problems, missing, unknown, kept };
  }
}

/** The problem of a row without anything: it is none, and is passed over. */
export const EMPTY = "";

function add(to: Map<number, string[]>, row: number, name: string): void {
  const names = to.get(row);
  if (names === undefined) to.set(row, [name]);
  else names.push(name);
}

function unknownClass(label: NonNullable<TablePreprocessing["label"]>, text: string): string {
  try {
    classOf(label, text);
  } catch (cause) {
    if (cause instanceof DataError) return `${cause.where}: ${cause.problem}`;
    throw cause;
  }
  throw new TypeError(`class "${text}" is known`);
}

/** A whole file prepared for a model. */
export interface EncodedTable {
  /** f32 `[n, D]`. */
  readonly x: NdArray;
  /** Classes, -1 where the file has none. */
  readonly y: Int32Array;
  /** By column: values that were missing, and values of text that did not occur in training. */
  readonly missing: Readonly<Record<string, number>>;
  readonly unknown: Readonly<Record<string, number>>;
}

/**
 * Prepares all rows of a table for a model trained on another, by what was stored with the model.
 * @throws DataError where a column is absent or a row cannot be read, with its line.
 */
export async function encodeTable(
  path: string,
  preprocessing: TablePreprocessing,
  options: EncodeOptions = {},
): Promise<EncodedTable> {
  const source = await encodeRows(path, preprocessing, options);
  const parts: EncodedRows[] = [];
  const [missing, unknown]: Record<string, number>[] = [{}, {}];
  try {
    for await (const part of source.rows()) {
      const [first] = [...part.problems].filter(([, problem]) => problem !== EMPTY);
      if (first !== undefined) throw new DataError(`${path}, ${source.place} ${part.lines[first[0]]}`, first[1]);
      count(part.missing, missing!);
      count(part.unknown, unknown!);
      parts.push(part);
    }
  } finally {
    await source.close();
  }
  const width = featureNames(preprocessing).length;
  const good = parts.map((part) =>
    Array.from({ length: part.count }, (_, i) => i).filter((i) => !part.problems.has(i)),
  );
  const total = good.reduce((n, rows) => n + rows.length, 0);
  const x = new Float32Array(total * width);
  const y = new Int32Array(total);
  let row = 0;
  parts.forEach((part, p) => {
    for (const i of good[p]!) {
      x.set(part.x.subarray(i * width, (i + 1) * width), row * width);
      y[row++] = part.y[i]!;
    }
  });
  return { x: new NdArray(x, [total, width]), y, missing: missing!, unknown: unknown! };
}

function count(columns: ReadonlyMap<number, readonly string[]>, into: Record<string, number>): void {
  for (const names of columns.values()) for (const name of names) into[name] = (into[name] ?? 0) + 1;
}
