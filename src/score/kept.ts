/** What is learned about a model and kept with it: in the folder of its run, or beside a checkpoint that lies by itself. */
import { readFile } from "node:fs/promises";
import { FileError, keep, writeAtomic } from "../files/index.js";
import { keptAt, type TrainedRun } from "../runs/index.js";

/**
 * Writes such a file if that can be done; else `onNote` is told why not. In a run's folder its name is the run's; beside a checkpoint a
 * file that is not this program's stays.
 * @param isOurs whether a file of this name, that is there, may be replaced
 */
export const keepWith = (
  run: TrainedRun,
  name: string,
  { content, isOurs }: { readonly content: string | Uint8Array; readonly isOurs: (there: Uint8Array) => boolean },
  onNote: (text: string) => void = () => {},
): Promise<void> =>
  keep(async () => {
    const path = keptAt(run, name);
    const there = run.folder === null ? await readFile(path).catch(() => null) : null;
    if (there !== null && !isOurs(there)) throw new FileError(`cannot write ${path}: it is there, and not vera's`);
    await writeAtomic(path, content);
  }, onNote);
