/** Writing files so that a crash, a full disk or Ctrl-C never leaves half of one. */
import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A file could not be written; the message says what to do. */
export class FileError extends Error {
  override readonly name = "FileError";
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: free some space, then resume the run",
  EACCES: "no permission to write there: choose another folder with --save-dir",
  EROFS: "the file system is read-only: choose another folder with --save-dir",
  ENOTDIR: "a part of the path is a file, not a folder",
};

/** Runs a file operation; failures become {@link FileError}s that name the path and the way out. */
export async function onFile<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    throw new FileError(`cannot write ${path}: ${REASONS[code] ?? message}`, { cause });
  }
}

/** Writes to a temporary name, flushes to disk, renames. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await onFile(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
    try {
      const file = await open(temporary, "w");
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
}
