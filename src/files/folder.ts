/** Making folders, and what is left in them of writers that were killed. */
import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/**
 * Makes a folder and those above it; says whether it was not there. Node's own `recursive` never returns where a folder is there and none can be made in it, as in
 * /proc: it takes ENOENT for a missing parent and makes that again.
 */
export async function makeFolder(path: string): Promise<boolean> {
  if (await isFolder(path)) return false;
  const parent = dirname(resolve(path));
  if (parent !== resolve(path)) await makeFolder(parent);
  try {
    await mkdir(path);
    return true;
  } catch (cause) {
    if (await isFolder(path)) return false; // another process has made it meanwhile
    throw cause;
  }
}

const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => null))?.isDirectory() ?? false;

/** A name beside a file, to write under before renaming: no user's file is called so. */
export const temporaryFor = (path: string): string => join(dirname(path), `.vera-${randomUUID()}.tmp`);

const TEMPORARY = /^\.vera-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.tmp$/;

export const isTemporary = (name: string): boolean => TEMPORARY.test(name);

/** Removes what killed writers left in a folder, if it was last written before `since` (milliseconds since 1970). */
export async function clearTemporaries(folder: string, since: number): Promise<void> {
  for (const name of await readdir(folder).catch((): string[] => [])) {
    if (!isTemporary(name)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && found.mtimeMs < since) await rm(path, { force: true });
  }
}
