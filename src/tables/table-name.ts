/** What tables are called. */

/** The database of queries that name their files themselves. */
export const IN_MEMORY = ":memory:";

/** What a table is called: its file without what says how it is made, and without characters that no folder may be called by. */
export function tableName(path: string): string {
  const file = path.split(/[\\/]/).filter(Boolean).at(-1) ?? "";
  return withoutFormat(file).replace(/[*?:[\]"<>|]+/g, "") || "table";
}

/** A file's name, or path, without what says how it is made. */
export const withoutFormat = (file: string): string => file.replace(FORMATS, "");

const FORMATS =
  /(\.(csv|tsv|tab|txt|dat|data|json|jsonl|ndjson|parquet|pq|arrow|feather|db|duckdb|sqlite3?))?(\.(gz|zst))?$/i;
