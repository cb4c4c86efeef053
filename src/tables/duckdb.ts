/** DuckDB in this process: what reads tables and writes Parquet. Nothing is fetched, neither data nor extensions. */
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBResult } from "@duckdb/node-api";
import { DataError, reason } from "../data/error.js";

/** Of the buffers that a query may hold. */
const MEMORY = "1GB";

export type Row = Readonly<Record<string, unknown>>;

export class Database {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  /** @param path of a database to write; default: in memory. @param memory of the buffers, like `1GB` */
  static async open({ threads = 1, path = ":memory:", memory = MEMORY } = {}): Promise<Database> {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(path, {
      threads: String(threads),
      memory_limit: memory,
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
    });
    return new Database(instance, await instance.connect());
  }

  /** Runs a statement for its effect. @throws DataError with what DuckDB says of it. */
  async run(sql: string, where = "table"): Promise<void> {
    await asDataError(where, () => this.connection.run(sql));
  }

  /** A small result as objects by column name; counts are numbers. @throws DataError. */
  async rows(sql: string, where = "table"): Promise<Row[]> {
    const reader = await asDataError(where, () => this.connection.runAndReadAll(sql));
    return reader.getRowObjectsJS();
  }

  /** A result of any size, in the order of the source, a few thousand rows at a time. @throws DataError. */
  async *chunks(sql: string, where = "table"): AsyncGenerator<DuckDBDataChunk> {
    const result: DuckDBResult = await asDataError(where, () => this.connection.stream(sql));
    for (;;) {
      const chunk = await asDataError(where, () => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk;
    }
  }

  appender(table: string) {
    return this.connection.createAppender(table);
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

/** A name in SQL. */
export const name = (text: string): string => `"${text.replace(/"/g, '""')}"`;

/** Text in SQL. */
export const text = (value: string): string => `'${value.replace(/'/g, "''")}'`;

async function asDataError<T>(where: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (cause) {
    throw new DataError(where, problemOf(reason(cause)), undefined, { cause });
  }
}

/** DuckDB's message without its kind, its advice on its own settings, and the excerpt of the statement. */
function problemOf(message: string): string {
  const [first = ""] = message.split(/\n\s*(?:Possible|LINE \d|Please|Alternatively| {2}file = )/);
  return first
    .replace(/^[A-Z][A-Za-z ]+ Error: /, "")
    .replace(/CSV Error on Line: (\d+)\s*/, "line $1: ")
    .replace(/Original Line: .*\n/, "")
    .replace(/\s*\n\s*/g, " ")
    .trim();
}

/** The numbers of a column that is DOUBLE or SMALLINT and has no NULL. */
export function column(chunk: DuckDBDataChunk, index: number): Float64Array | Int16Array {
  const vector = chunk.getColumnVector(index);
  if ("items" in vector && (vector.items instanceof Float64Array || vector.items instanceof Int16Array))
    return vector.items;
  throw new TypeError(`column ${index} of a chunk is no column of numbers`);
}
