/**
 * A table of any kind as one relation of the database: columns `c0`, `c1`, …, and `fields`, which is NULL for a row that is as it
 * should be, 0 for one without anything, and else the number of its fields: negative, where a field holds line breaks.
 */
import { statSync } from "node:fs";
import { basename } from "node:path";
import { DataError } from "../data/error.js";
import { Database, text } from "./duckdb.js";
import { at, type SourceColumn, TYPES } from "./expressions.js";
import { type FileKind, fileKind } from "./file-kind.js";
import { EvenLines, type Lines, linesAt } from "./lines.js";
import { type Part, pattern, type ReadOptions } from "./part.js";
import { databasePart, loadExtension, queryPart, relationPart } from "./relation-part.js";
import { IN_MEMORY } from "./table-name.js";
import { textPart } from "./text-part.js";

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

/** A file, several by a pattern with `*`, or {@link IN_MEMORY} with a query. @throws DataError where there is none or it cannot be read. */
export async function openTable(path: string, options: ReadOptions = {}): Promise<TableSource> {
  const database = await Database.open({ threads: options.threads ?? 1 });
  const opened: Part[] = [];
  const close = async () => {
    database.close();
    for (const part of opened) await part.remove();
  };
  try {
    for (const type of TYPES) await database.run(type);
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
  return globbed(database, path);
}

async function globbed(database: Database, path: string): Promise<string[]> {
  const files = (await database.rows(`SELECT file FROM glob(${text(path)}) ORDER BY file`)).map(({ file }) =>
    String(file),
  );
  if (files.length === 0) throw new DataError(path, "no file has a name like this");
  return files;
}

/** The files that a pattern finds, in the order of their names. @throws DataError where there is none */
export async function filesLike(path: string): Promise<string[]> {
  const database = await Database.open();
  try {
    return await globbed(database, path);
  } finally {
    database.close();
  }
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
