/** What can be learned: data sets by name, and tables and folders of pictures below the studio's folders. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { listDatasets } from "../../data/index.js";
import { DATASET_NAMES } from "../../runs/config/index.js";
import type { Sources } from "../ask-api.js";

const TABLE = /\.(csv|tsv|txt|parquet|pq|jsonl?|ndjson|duckdb|sqlite)(\.(gz|zst))?$/i;
/** How deep files are looked for, and how many are listed. */
const DEPTH = 3;
const MOST = 500;

/** @param folders without links */
export async function sources(folders: readonly string[]): Promise<Sources> {
  const files: { path: string; bytes: number | null }[] = [];
  for (const folder of folders) await collect(folder, DEPTH, files);
  return {
    datasets: listDatasets().filter(({ name }) => DATASET_NAMES.includes(name)),
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

/** Files of runs are none to learn from: a folder with a config.json is left out. Links are not followed. */
async function collect(folder: string, depth: number, found: { path: string; bytes: number | null }[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some(({ name }) => name === "config.json")) return;
  for (const entry of entries) {
    if (found.length >= MOST) return;
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 0) await collect(path, depth - 1, found);
    else if (entry.isFile() && TABLE.test(entry.name)) found.push({ path, bytes: (await stat(path)).size });
  }
}
