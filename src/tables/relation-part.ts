/** What the database reads by itself, with types of its own: other formats, databases, queries. */
import { DataError } from "../data/error.js";
import { distinct } from "./dialect.js";
import { type Database, name, text } from "./duckdb.js";
import { at, type Holds, type SourceColumn } from "./expressions.js";
import { EvenLines } from "./lines.js";
import type { Part, ReadOptions } from "./part.js";

/** Extensions are never fetched; one that the user has is used. */
export async function loadExtension(
  database: Database,
  path: string,
  extension: string,
  wayOut: string,
): Promise<void> {
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

export const queryPart = (database: Database, where: string, query: string): Promise<Part> =>
  relationPart(database, where, query.trim().replace(/;\s*$/, ""), "a query");

/** A SELECT of the database's own, whose columns have types. */
export async function relationPart(database: Database, where: string, select: string, format: string): Promise<Part> {
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

export async function databasePart(
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
