/** What tables are called. */

/** The database of queries that name their files themselves. */
export const IN_MEMORY = ":memory:";

/** What a table is called: its file without what says how it is made, and without characters that no folder may be called by. */
export function tableName(path: string): string {
  const file = path.split(/[\\/]/).filter(Boolean).at(-1) ?? "";
  return file.replace(FORMATS, "").replace(/[*?:[\]"<>|]+/g, "") || "table";
}

const FORMATS =
  /(\.(csv|tsv|tab|txt|dat|data|json|jsonl|ndjson|parquet|pq|arrow|feather|db|duckdb|sqlite3?))?(\.(gz|zst))?$/i;
