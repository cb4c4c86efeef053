/** Data sets by name: load them, list what is there, fetch what is missing. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DATASETS, type DatasetEntry, type Download, type LoadOptions } from "./catalog.js";
import { type Found, locate, openContainer } from "./container.js";
import type { Dataset } from "./dataset.js";
import { DataError } from "./error.js";
import { type DownloadOptions, download, hashFile } from "./fetch.js";

/** Where data is looked for: `$VERA_DATA`, else `./data`. */
export const dataRoot = (): string => process.env.VERA_DATA || "data";

const plain = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, "");

/** The entry of a name; case, `-` and `_` do not matter. @throws DataError listing the names for an unknown one. */
export function datasetEntry(name: string): DatasetEntry {
  const entry = DATASETS.find((e) => plain(e.name) === plain(name));
  if (entry === undefined)
    throw new DataError(`data set "${name}"`, "unknown", `there are ${DATASETS.map((e) => e.name).join(", ")}`);
  return entry;
}

/** Loads a data set by name. @throws DataError where its files are missing, saying which, or damaged. */
export async function loadDataset(name: string, options: LoadOptions = {}): Promise<Dataset> {
  const entry = datasetEntry(name);
  if (entry.layouts.length === 0) return entry.load(null, options);
  const root = options.root ?? dataRoot();
  const found = locate(root, entry.layouts);
  if (found === null || !found.loadable) throw missingFiles(entry, root, found);
  const files = await openContainer(found);
  try {
    return await entry.load(files, options);
  } finally {
    files.close();
  }
}

function missingFiles(entry: DatasetEntry, root: string, found: Found | null): DataError {
  const where = found === null ? `${root}/${entry.layouts[0]!.at[0]}` : found.path;
  const missing = found === null ? entry.layouts[0]!.files : found.missing;
  const reduced = DATASETS.find((e) => e.name === `${entry.name}-test10k`);
  const instead = reduced && locate(root, reduced.layouts)?.loadable ? `, or use ${reduced.name}, which is there` : "";
  return new DataError(
    `data set "${entry.name}"`,
    `${found === null ? "not found" : "incomplete"}: ${where} lacks ${missing.join(", ")}`,
    `${entry.wayOut}, or name the folder that has it with --data-root or VERA_DATA${instead}`,
  );
}

export interface DatasetStatus {
  readonly name: string;
  readonly kind: Dataset["kind"];
  readonly summary: string;
  /** `partial`: it loads, with less than was published. `incomplete`: it does not load. */
  readonly state: "built in" | "ready" | "partial" | "incomplete" | "missing";
  /** Folder or archive where it was found. */
  readonly path: string | null;
  readonly missing: readonly string[];
  /** Can `fetchDataset` get it? */
  readonly fetchable: boolean;
}

/** What is there and what is missing. Files are looked for, not opened. */
export function listDatasets(root = dataRoot()): DatasetStatus[] {
  return DATASETS.map(({ name, kind, summary, layouts, downloads }) => {
    const found = locate(root, layouts);
    const state =
      layouts.length === 0
        ? "built in"
        : found === null
          ? "missing"
          : found.missing.length === 0
            ? "ready"
            : found.loadable
              ? "partial"
              : "incomplete";
    const missing = found?.missing ?? layouts[0]?.files ?? [];
    return { name, kind, summary, state, path: found?.path ?? null, missing, fetchable: downloads.length > 0 };
  });
}

/**
 * Downloads what a data set needs and is not there yet; files that are there are checked. Archives stay as they are: the loaders
 * read them.
 * @returns paths of the files.
 * @throws DataError where it cannot be fetched, no mirror delivers, or another file is in its place.
 */
export async function fetchDataset(
  name: string,
  root = dataRoot(),
  options: Omit<DownloadOptions, "checksum"> = {},
): Promise<string[]> {
  const entry = datasetEntry(name);
  if (entry.layouts.length === 0) return [];
  if (entry.downloads.length === 0) throw new DataError(`data set "${entry.name}"`, "cannot be fetched", entry.wayOut);
  return fetchFiles(entry.downloads, root, options);
}

/** Downloads files that are not there yet. @throws DataError where no mirror delivers one, or another file is in its place. */
export async function fetchFiles(
  files: readonly Download[],
  root: string,
  options: Omit<DownloadOptions, "checksum"> = {},
): Promise<string[]> {
  const paths: string[] = [];
  for (const { urls, path, checksum } of files) {
    const target = join(root, path);
    paths.push(target);
    if (!existsSync(target)) await fromMirrors(urls, target, { ...options, checksum });
    else if (checksum !== null && (await hashFile(target, checksum.algorithm)) !== checksum.hex)
      // Downloads come under another name until they are whole, so this one is somebody's.
      throw new DataError(target, "not the file as it was published", "move it away, then fetch again");
  }
  return paths;
}

async function fromMirrors(urls: readonly string[], target: string, options: DownloadOptions): Promise<void> {
  const failures: DataError[] = [];
  for (const url of urls) {
    try {
      return await download(url, target, options);
    } catch (cause) {
      if (!(cause instanceof DataError)) throw cause;
      failures.push(cause);
    }
  }
  if (failures.length === 1) throw failures[0];
  throw new DataError(target, failures.map((f) => f.message).join("; "));
}
