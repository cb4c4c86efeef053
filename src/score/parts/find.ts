/** A table in many files, each of which is scored by itself: its parts. */
import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { DataError } from "../../data/index.js";
import { filesLike } from "../../tables/index.js";

export interface Part {
  readonly path: string;
  /** Below the folder, or below what all names that a pattern finds begin with; with slashes. */
  readonly name: string;
  readonly bytes: number;
  /** When it was last written, in milliseconds since 1970. */
  readonly modified: number;
}

const PATTERN = /[*?[]/;

/**
 * The files of a folder and of those below it, of a pattern, or the one file, in the order of their names. Of folders what is hidden or begins
 * with `_` is no part: programs that write such folders keep their own notes there.
 * @param results a folder that results are written to: what lies in it is no part
 * @throws DataError where there is none
 */
export async function findParts(path: string, results: string): Promise<Part[]> {
  const found = statSync(path, { throwIfNoEntry: false });
  const root = found?.isDirectory() ? path : found === undefined ? rootOf(path) : dirname(path);
  const files = found?.isDirectory() ? below(path) : found !== undefined ? [path] : await likeIt(path);
  const own = `${real(results)}${sep}`;
  const parts = files
    .filter((file) => !real(file).startsWith(own))
    .map((file) => partOf(file, root))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (parts.length === 0) throw new DataError(path, "holds no file to score");
  return parts;
}

/** A link to nothing is a part, too, so that it is missed: it cannot be read. */
function partOf(path: string, root: string): Part {
  const { size = 0, mtimeMs = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return { path, name: relative(root, path).split(sep).join("/"), bytes: size, modified: mtimeMs };
}

function likeIt(path: string): Promise<string[]> {
  if (!PATTERN.test(path) || path.includes("://")) throw new DataError(path, "no such file or folder");
  return filesLike(path);
}

/** The folders before the first that a pattern leaves open. */
function rootOf(path: string): string {
  const steps = path.split(sep);
  const open = steps.findIndex((step) => PATTERN.test(step));
  return steps.slice(0, open).join(sep) || (path.startsWith(sep) ? sep : ".");
}

/** Links are followed, but no folder twice. */
function below(folder: string, seen = new Set<string>()): string[] {
  seen.add(real(folder));
  return readdirSync(folder)
    .filter((name) => !/^[._]/.test(name))
    .flatMap((name) => {
      const path = join(folder, name);
      if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
      return seen.has(real(path)) ? [] : below(path, seen);
    });
}

/** The path without links, as far as it is there. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(real(dirname(path)), basename(path));
  }
}
