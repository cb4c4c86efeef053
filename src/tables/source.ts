/**
 * A table of any kind as one relation of the database: columns `c0`, `c1`, …, and `fields`, which is NULL for a row that is as it
 * should be, 0 for one without anything, and else the number of its fields: negative, where a field holds line breaks.
 */
import { statSync } from "node:fs";
import { basename } from "node:path";
import { DataError } from "../data/error.js";
import { type Dialect, type DialectChoice, distinct, findDialect } from "./dialect.js";
import { Database, name, text } from "./duckdb.js";
import { at, type Holds, type SourceColumn } from "./expressions.js";
import { type FileKind, fileKind } from "./file-kind.js";
import { EvenLines, type Lines, linesAt, linesOf } from "./lines.js";
import { MAX_LINE, type PlainText, plainText } from "./plain-text.js";

/** How to read a table where it does not tell, or not what is true. */
export interface ReadOptions extends DialectChoice {
  /** Of text; default: UTF-8, UTF-16 or Windows-1252, as it is. */
  readonly encoding?: string | undefined;
  readonly decimal?: "." | "," | undefined;
  /** What stands for missing values, beside what always does. */
  readonly missing?: readonly string[] | undefined;
  /** What is read from a database file, or from files that it names. */
  readonly query?: string | undefined;
  /** Of the database's work. Default 1. */
  readonly threads?: number | undefined;
}

export interface TableSource {
  /** For messages. */
  readonly where: string;
  /** Number of its rows, about; null where it is not known before they are read. */
  readonly about: number | null;
  readonly database: Database;
  readonly columns: readonly SourceColumn[];
  /** What stands in SQL after FROM. */
  readonly relation: string;
  /** How rows are told apart: by line of a text file, or counted. */
  readonly place: "line" | "row";
  readonly delimiter: string | undefined;
  /** Whether it names its columns. */
  readonly named: boolean;
  /** How the file is made, in words. */
  readonly format: string;
  /** What a user should know of it. */
  readonly notes: readonly string[];
  /** Lines of its rows from the beginning. */
  lines(): Lines;
  /** Lines of some rows, by their position. */
  linesAt(rows: readonly number[]): Promise<ReadonlyMap<number, number>>;
  close(): Promise<void>;
}

/** The database of queries that name their files themselves. */
export const IN_MEMORY = ":memory:";

/** A file, several by a pattern with `*`, or {@link IN_MEMORY} with a query. @throws DataError where there is none or it cannot be read. */
export async function openTable(path: string, options: ReadOptions = {}): Promise<TableSource> {
  const database = await Database.open({ threads: options.threads ?? 1 });
  const opened: Part[] = [];
  const close = async () => {
    database.close();
    for (const part of opened) await part.remove();
  };
  try {
    if (path === IN_MEMORY) {
      if (options.query === undefined) throw new DataError(path, "holds nothing without a query");
      return { ...joined("query", [await queryPart(database, "query", options.query)]), database, close };
    }
    refuseNetwork(path);
    for (const file of await filesOf(database, path)) opened.push(await openFile(database, file, options));
    return { ...joined(path, opened), database, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

/** One file. */
interface Part {
  readonly where: string;
  readonly about: number | null;
  readonly columns: readonly SourceColumn[];
  /** A SELECT of the relation's columns. */
  readonly select: string;
  readonly format: string;
  readonly notes: readonly string[];
  readonly delimiter?: string;
  readonly named: boolean;
  readonly place: "line" | "row";
  lines(): Lines;
  remove(): Promise<void>;
}

function refuseNetwork(path: string): void {
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(path) && !/^postgres(ql)?:\/\//i.test(path))
    throw new DataError(path, "an address: nothing is read over the network", "fetch the file, and name it");
}

/** The file itself, or those that a pattern finds, in the order of their names. */
async function filesOf(database: Database, path: string): Promise<string[]> {
  if (/^postgres(ql)?:\/\//i.test(path)) return [path];
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory())
    throw new DataError(path, "a folder; a table is a file", `or several: '${path.replace(/\/$/, "")}/*.csv'`);
  if (found !== undefined) return [path];
  if (!/[*?[]/.test(path)) throw new DataError(path, "cannot be read (no such file)");
  const files = (await database.rows(`SELECT file FROM glob(${text(path)}) ORDER BY file`)).map(({ file }) =>
    String(file),
  );
  if (files.length === 0) throw new DataError(path, "no file has a name like this");
  return files;
}

async function openFile(database: Database, path: string, options: ReadOptions): Promise<Part> {
  const kind: FileKind | "postgres" = /^postgres(ql)?:\/\//i.test(path) ? "postgres" : await fileKind(path);
  const isDatabase = kind === "duckdb" || kind === "sqlite" || kind === "postgres";
  if (options.query !== undefined && !isDatabase)
    throw new DataError(path, "a query is for a database file", `or without a file, as "select * from '${path}'"`);
  switch (kind) {
    case "text":
      return textPart(path, options);
    case "json":
      return relationPart(database, path, `SELECT * FROM read_json(${pattern(path)}, sample_size=-1)`, "JSON");
    case "parquet":
      return relationPart(database, path, `SELECT * FROM read_parquet(${pattern(path)})`, "Parquet");
    case "arrow":
      await loadExtension(database, path, "nanoarrow", "write it as Parquet");
      return relationPart(database, path, `SELECT * FROM read_arrow(${pattern(path)})`, "Arrow");
    default:
      return databasePart(database, path, kind, options);
  }
}

/** A path whose own characters are not taken for a pattern. */
const pattern = (path: string): string => text(path.replace(/[*?[]/g, "[$&]"));

/** Extensions are never fetched; one that the user has is used. */
async function loadExtension(database: Database, path: string, extension: string, wayOut: string): Promise<void> {
  try {
    await database.run(`LOAD ${extension}`, path);
  } catch (cause) {
    throw new DataError(
      path,
      `DuckDB reads it by its extension "${extension}", which is not installed here`,
      `${wayOut}, or install it with DuckDB: INSTALL ${extension}`,
      { cause },
    );
  }
}

async function textPart(path: string, options: ReadOptions): Promise<Part> {
  const file = await plainText(path, options.encoding);
  try {
    if (file.sample.trim() === "") throw new DataError(path, "the file is empty");
    const dialect = findDialect(file.sample, options);
    return {
      where: path,
      about: Math.max(0, file.lines - dialect.skip - (dialect.hasHeader ? 1 : 0)),
      columns: dialect.names.map((name) => ({ name, holds: "text" })),
      select: selectText(file, dialect),
      place: "line",
      named: dialect.hasHeader,
      delimiter: dialect.delimiter,
      format: describeDialect(file, dialect),
      notes: [...encodingNote(file), ...dialect.notes],
      lines: () => linesOf(file, dialect),
      remove: file.remove,
    };
  } catch (cause) {
    await file.remove();
    throw cause;
  }
}

/** Fields beyond the last column that are told apart; a row with more is an error of the whole file. */
const OVERFLOW = 16;
/** A text that no field holds: the database shall take no field for a missing one, or it could not tell a short row. */
const NEVER = "\u0001";

function selectText(file: PlainText, { delimiter, quote, escaper, skip, hasHeader, names }: Dialect): string {
  const width = names.length;
  const all = Array.from({ length: width + OVERFLOW }, (_, i) => `${text(at(i))}: 'VARCHAR'`);
  const options = [
    `delim=${text(delimiter)}`,
    `quote=${text(quote)}`,
    `escape=${text(escaper)}`,
    `skip=${skip}`,
    `header=${hasHeader}`,
    `nullstr=${text(NEVER)}`,
    `columns={${all.join(", ")}}`,
    `parallel=${!file.quotes}`,
    `max_line_size=${MAX_LINE}`,
    `buffer_size=${MAX_LINE}`,
    `compression='${file.compressed ? "gzip" : "none"}'`,
    "auto_detect=false, strict_mode=false, null_padding=true",
  ];
  const columns = Array.from({ length: width }, (_, i) => at(i));
  const overflow = Array.from({ length: OVERFLOW }, (_, i) => at(width + i));
  const present = [...columns, ...overflow].map((c) => `(${c} IS NOT NULL)::INTEGER`).join(" + ");
  const long = `concat(${overflow.join(", ")}) <> ''`;
  const blank = width === 1 ? "false" : `(${at(1)} IS NULL AND trim(${at(0)}) = '')`;
  const broken = `contains(concat(${columns.join(", ")}), chr(10))`;
  // What is costly stands where few rows come.
  const fields =
    `CASE WHEN ${at(width - 1)} IS NOT NULL AND ${overflow[0]} IS NULL THEN NULL ` +
    `ELSE CASE WHEN ${at(width - 1)} IS NOT NULL AND NOT (${long}) THEN NULL WHEN ${blank} THEN 0 ` +
    `WHEN ${broken} THEN -(${present}) ELSE ${present} END END`;
  return `SELECT ${columns.join(", ")}, ${fields} AS fields FROM read_csv(${pattern(file.path)}, ${options.join(", ")})`;
}

const DELIMITER_NAMES: Readonly<Record<string, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
  " ": "blanks",
};

const describeDialect = ({ compressed }: PlainText, { delimiter, hasHeader }: Dialect): string =>
  [
    `fields separated by ${DELIMITER_NAMES[delimiter] ?? `"${delimiter}"`}`,
    hasHeader ? "names in the first line" : "no line of names",
    ...(compressed ? ["compressed"] : []),
  ].join(", ");

const encodingNote = ({ encoding }: PlainText): string[] =>
  encoding === null ? [] : [`not in UTF-8: read as ${encoding} (--encoding says otherwise)`];

const queryPart = (database: Database, where: string, query: string): Promise<Part> =>
  relationPart(database, where, query.trim().replace(/;\s*$/, ""), "a query");

/** A SELECT of the database's own, whose columns have types. */
async function relationPart(database: Database, where: string, select: string, format: string): Promise<Part> {
  const described = await database.rows(`DESCRIBE ${select}`, where);
  const names = distinct(described.map(({ column_name }, i) => String(column_name).trim() || `column${i}`));
  const columns = described.map(
    ({ column_type }, i): SourceColumn => ({
      name: names[i]!,
      holds: holdsOf(String(column_type)),
      type: String(column_type),
    }),
  );
  const inner = described.map((_, i) => `x${i}`).join(", ");
  const list = columns
    .map(({ holds }, i) => `${holds === "text" ? `CAST(x${i} AS VARCHAR)` : `x${i}`} AS ${at(i)}`)
    .join(", ");
  return {
    where,
    about: null,
    columns,
    select: `SELECT ${list}, CAST(NULL AS INTEGER) AS fields FROM (${select}) AS t(${inner})`,
    place: "row",
    named: true,
    format,
    notes: [],
    lines: () => new EvenLines(1),
    remove: async () => {},
  };
}

function holdsOf(type: string): Holds {
  if (/^(VARCHAR|UUID|ENUM|JSON)/.test(type) && !type.endsWith("[]")) return "text";
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/.test(type)) return "number";
  if (type === "BOOLEAN") return "boolean";
  return /^(DATE|TIMESTAMP.*)$/.test(type) && !type.endsWith("[]") ? "time" : "other";
}

async function databasePart(
  database: Database,
  path: string,
  kind: "duckdb" | "sqlite" | "postgres",
  { query }: ReadOptions,
): Promise<Part> {
  if (kind !== "duckdb") await loadExtension(database, path, kind, "write the table as CSV or Parquet");
  const type = kind === "duckdb" ? "" : `TYPE ${kind}, `;
  await database.run(`ATTACH ${text(path)} AS source (${type}READ_ONLY)`, path);
  await database.run("USE source", path);
  if (query !== undefined) return queryPart(database, path, query);
  const tables = (
    await database.rows("SELECT table_name FROM information_schema.tables WHERE table_catalog = 'source'", path)
  ).map((r) => String(r.table_name));
  const [only, more] = tables;
  if (only === undefined || more !== undefined)
    throw new DataError(
      path,
      tables.length === 0
        ? "a database without tables"
        : `a database of ${tables.length} tables: ${tables.slice(0, 10).join(", ")}`,
      `say which: --query "select * from ${only ?? "…"}"`,
    );
  return relationPart(database, path, `SELECT * FROM ${name(only)}`, `table ${only} of a database`);
}

/** Several files as one table: columns by name, as the first file has them. */
function joined(where: string, parts: readonly Part[]): Omit<TableSource, "database" | "close"> {
  const [first, ...others] = parts as [Part, ...Part[]];
  for (const other of others) refuseOthers(first, other);
  const columns = first.columns.map(({ name, holds, type }) => ({
    name,
    ...(type !== undefined && { type }),
    holds: others.every((o) => o.columns.find((c) => c.name === name)!.holds === holds) ? holds : ("text" as const),
  }));
  const selects = parts.map((part) => {
    const list = columns.map(({ name, holds }, i) => {
      const from = part.columns.findIndex((c) => c.name === name);
      return `${holds === part.columns[from]!.holds ? at(from) : `CAST(${at(from)} AS VARCHAR)`} AS ${at(i)}`;
    });
    return parts.length === 1 ? part.select : `SELECT ${list.join(", ")}, fields FROM (${part.select})`;
  });
  const lines = () => (others.length === 0 ? first.lines() : new EvenLines(1));
  return {
    where,
    about: parts.reduce((sum: number | null, { about }) => (sum === null || about === null ? null : sum + about), 0),
    columns,
    relation: `(${selects.join(" UNION ALL ")})`,
    place: others.length === 0 ? first.place : "row",
    delimiter: first.delimiter,
    named: first.named,
    format: others.length > 0 ? `${parts.length} files as one table: ${first.format}` : first.format,
    notes: first.notes,
    lines,
    linesAt: (rows) => linesAt(lines(), rows),
  };
}

function refuseOthers(first: Part, other: Part): void {
  const names = (part: Part) => new Set(part.columns.map((c) => c.name));
  const lacking = [...names(first)].filter((n) => !names(other).has(n));
  if (lacking.length > 0)
    throw new DataError(
      other.where,
      `no column ${lacking
        .slice(0, 5)
        .map((n) => `"${n}"`)
        .join(", ")}, which ${basename(first.where)} has`,
      "files of one table have the same columns",
    );
}
