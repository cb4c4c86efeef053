/**
 * Columns of any length as a Parquet file: gathered part by part in a temporary database on disk, and written from there. Memory holds
 * one part.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBAppender, DuckDBDataChunk, DuckDBType } from "@duckdb/node-api";
import { distinct } from "./dialect.js";
import { Database, name, text } from "./duckdb.js";
import { removedAtExit } from "./temporary.js";

export interface WrittenColumn {
  readonly name: string;
  /** `code` is a place in `levels`, -1 for none. */
  readonly type: "DOUBLE" | "BIGINT" | "BOOLEAN" | "VARCHAR" | "code";
  readonly levels?: readonly string[];
  /** Of text: the database's type that it is written as. */
  readonly as?: string | undefined;
}

/** Values of a column, one for each row; null for none. */
export type Values = readonly (string | number | boolean | null)[] | Float32Array | Float64Array | Int32Array;

/** Rows that the database takes at a time. */
const PART = 2048;

export class ParquetWriter {
  private constructor(
    private readonly database: Database,
    private readonly appender: DuckDBAppender,
    private readonly types: readonly DuckDBType[],
    private readonly columns: readonly WrittenColumn[],
    private readonly create: (types: readonly DuckDBType[], rows: number) => DuckDBDataChunk,
    private readonly remove: () => Promise<void>,
  ) {}

  static async open(columns: readonly WrittenColumn[]): Promise<ParquetWriter> {
    const duckdb = await import("@duckdb/node-api");
    const { folder, remove } = removedAtExit(await mkdtemp(join(tmpdir(), "vera-parquet-")));
    try {
      const database = await Database.open({ path: join(folder, "rows.duckdb"), memory: "128MB" });
      const list = columns.map(({ type }, j) => `c${j} ${type === "code" ? "INTEGER" : type}`);
      await database.run(`CREATE TABLE written (${list.join(", ")})`);
      const types = columns.map(({ type }) => (type === "code" ? duckdb.INTEGER : duckdb[type]));
      const create = (of: readonly DuckDBType[], rows: number) => duckdb.DuckDBDataChunk.create(of, rows);
      return new ParquetWriter(database, await database.appender("written"), types, columns, create, remove);
    } catch (cause) {
      await remove();
      throw cause;
    }
  }

  /** Appends rows, given column by column. */
  append(values: readonly Values[]): void {
    const rows = values[0]!.length;
    for (let from = 0; from < rows; from += PART) {
      const count = Math.min(PART, rows - from);
      const chunk = this.create(this.types, count);
      values.forEach((column, j) => {
        const vector = chunk.getColumnVector(j);
        for (let i = 0; i < count; i++) {
          const value = column[from + i]!;
          vector.setItem(i, this.columns[j]!.type === "BIGINT" && typeof value === "number" ? BigInt(value) : value);
        }
        vector.flush();
      });
      this.appender.appendDataChunk(chunk);
    }
  }

  /** Writes the file. @throws DataError where it cannot be written */
  async finish(path: string): Promise<void> {
    this.appender.closeSync();
    const names = distinct(this.columns.map(({ name }) => name));
    const list = this.columns.map(({ type, levels = [], as }, j) => {
      const value =
        type === "code"
          ? `[${levels.map(text).join(", ")}][c${j} + 1]`
          : as === undefined
            ? `c${j}`
            : `TRY_CAST(c${j} AS ${as})`;
      return `${value} AS ${name(names[j]!)}`;
    });
    await this.database.run(`COPY (SELECT ${list.join(", ")} FROM written) TO ${text(path)} (FORMAT parquet)`, path);
  }

  async close(): Promise<void> {
    this.database.close();
    await this.remove();
  }
}
