/**
 * Folders that the studio serves, and the runs below them.
 *
 * A run is asked for by an id, which is looked up among the runs that were found: no path comes from a request. Links are not followed.
 */
import { createHash } from "node:crypto";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { basename, join, relative, resolve, sep } from "node:path";
import { CONFIG_FILE } from "../runs/config/index.js";
import { METRICS_FILE } from "../runs/folder/run-files.js";
import { RequestError } from "./errors.js";

/** A folder with runs somewhere below. */
export interface Root {
  /** As it was named. */
  readonly name: string;
  /** Without links. */
  readonly path: string;
}

export interface Place {
  readonly id: string;
  readonly root: Root;
  readonly path: string;
  /** Below its root, with slashes. */
  readonly name: string;
}

/** A folder that is named cannot be served; the message says what to do. */
export class FolderError extends Error {
  override readonly name = "FolderError";
}

/** In the first root folder: files that were given to runs. */
export const OWN_FOLDER = ".vera-studio";

/** Folder of what the studio keeps about a root folder, and nobody else may write. */
export const stateOf = (state: string, root: Root): string =>
  join(state, createHash("sha256").update(root.path).digest("hex").slice(0, 16));

/** Folders are searched to this depth. */
const DEPTH = 6;

export class Folders {
  private constructor(readonly roots: readonly Root[]) {}

  /** @throws FolderError where one is not there, or is none */
  static async open(names: readonly string[]): Promise<Folders> {
    const roots: Root[] = [];
    for (const name of names) {
      const found = await stat(name).catch(() => null);
      if (found === null)
        throw new FolderError(`there is no folder ${name}: name one that holds runs, or make it first`);
      if (!found.isDirectory()) throw new FolderError(`${name} is no folder: name one that holds runs`);
      roots.push({ name, path: await realpath(name) });
    }
    // What lies below another is served with that.
    const outer = roots.filter(
      ({ path }, i) => !roots.some((other, j) => (path === other.path ? j < i : isBelow(other.path, path))),
    );
    return new Folders(outer);
  }

  /** New runs and the trash are here. */
  get first(): Root {
    return this.roots[0]!;
  }

  place(root: Root, path: string): Place {
    const name = relative(root.path, path).split(sep).join("/") || basename(path);
    const slug = name.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "");
    const hash = createHash("sha256").update(path).digest("hex").slice(0, 10);
    return { id: `${slug.slice(0, 50)}-${hash}`, root, path, name };
  }

  /** Of a path that is known to be below one of the folders. */
  placeAt(path: string): Place {
    const root = this.roots.find((each) => each.path === path || isBelow(each.path, path));
    return this.place(root ?? this.first, path);
  }

  /** All runs, by path. */
  async search(): Promise<Place[]> {
    const found: Place[] = [];
    for (const root of this.roots) {
      for (const path of await runsBelow(root.path, DEPTH)) found.push(this.place(root, path));
    }
    return found;
  }

  /**
   * The folder that a run of this name has or will have.
   * @throws RequestError where it is no name, or a link leads elsewhere
   */
  async placeFor(root: Root, name: string): Promise<Place> {
    const parts = name.split("/");
    const wrong = parts.find((part) => !NAME.test(part) || part.length > 100);
    if (wrong !== undefined || name.length > 250)
      throw new RequestError(
        400,
        `${JSON.stringify(name)} is no name for a run: letters, digits, spaces and . _ - + = , ( ) are, not first a dot or hyphen`,
      );
    const path = resolve(root.path, ...parts);
    for (let above = join(path, ".."); above !== root.path; above = join(above, "..")) {
      const found = await lstat(above).catch(() => null);
      if (found !== null && !found.isDirectory())
        throw new RequestError(400, `${relative(root.path, above)} is no folder: choose another name`);
    }
    return this.place(root, path);
  }
}

/** Part of a run's name: what needs no care in shells and on other systems. */
const NAME = /^[\p{L}\p{N}_(][\p{L}\p{M}\p{N} ._+=,()-]*(?<![ .])$/u;

export const isBelow = (root: string, path: string): boolean => path !== root && path.startsWith(root + sep);

async function runsBelow(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = new Set(entries.map(({ name }) => name));
  // Of the three, a run has two at least: one whose configuration is lost is one, too.
  if ([CONFIG_FILE, METRICS_FILE, "checkpoints"].filter((name) => names.has(name)).length > 1) return [folder];
  if (depth === 0) return [];
  const below = entries.filter((e) => e.isDirectory() && !e.name.startsWith(".") && e.name !== "node_modules");
  const found = await Promise.all(below.map(({ name }) => runsBelow(join(folder, name), depth - 1)));
  return found.flat();
}

/**
 * A file below a folder, by a path from a request.
 * @returns its path without links; null where there is no such file below the folder
 */
export async function fileBelow(folder: string, path: string): Promise<string | null> {
  if (path.includes("\0") || path.includes("\\")) return null;
  const found = await realpath(resolve(folder, `./${path}`)).catch(() => null);
  if (found === null || !isBelow(await realpath(folder), found)) return null;
  return (await stat(found)).isFile() ? found : null;
}
