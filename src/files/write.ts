/** Writing files so that a crash, a full disk or Ctrl-C never leaves half of one. */
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder, temporaryFor } from "./folder.js";

/** A file could not be written; the message says what to do. */
export class FileError extends Error {
  override readonly name = "FileError";
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: free some space, then resume the run",
  EACCES: "no permission to write there: choose another folder",
  EPERM: "no permission to write there: choose another folder",
  EROFS: "the file system is read-only: choose another folder",
  ENOENT: "no file or folder can be made there: choose another folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a part of the path is a file, not a folder",
  EISDIR: "there is a folder of this name",
};

/** Runs a file operation; failures become {@link FileError}s that name the path and the way out. */
export async function onFile<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    const { code = "", message } = cause as NodeJS.ErrnoException;
    throw new FileError(`cannot write ${path}: ${REASONS[code] ?? message}`, { cause });
  }
}

/**
 * Writes a file under a temporary name, then renames it: it is whole or as it was. `write` returns whether it is to stay.
 * @throws FileError, and what `write` throws
 */
export async function replaceFile(path: string, write: (temporary: string) => Promise<boolean>): Promise<boolean> {
  const temporary = temporaryFor(path);
  await onFile(path, async () => {
    // A folder, or a device like /dev/null, must not give way to a file.
    const found = await stat(path).catch(() => null);
    if (found !== null && !found.isFile())
      throw new FileError(`cannot write ${path}: it is ${found.isDirectory() ? "a folder" : "no file"}; name another`);
    await makeFolder(dirname(path));
  });
  try {
    const whole = await write(temporary);
    if (whole) await onFile(path, () => rename(temporary, path));
    return whole;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Writes a file whole, in one piece or in parts: to a temporary name, flushed to disk, then renamed. */
export async function writeAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[]): Promise<void> {
  await replaceFile(path, (temporary) =>
    onFile(path, async () => {
      const file = await open(temporary, "wx");
      try {
        for (const part of typeof content === "string" || content instanceof Uint8Array ? [content] : content)
          await file.writeFile(part); // from where the last one ended
        await file.sync();
      } finally {
        await file.close();
      }
      return true;
    }),
  );
}

/** Writes what is worth keeping but not worth failing for, such as beside a run that is read-only; `onNote` is told why it was not. */
export async function keep(write: () => Promise<void>, onNote: (text: string) => void): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (!(cause instanceof FileError)) throw cause;
    onNote(`not kept: ${cause.message}`);
  }
}
