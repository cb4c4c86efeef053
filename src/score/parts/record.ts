/**
 * What is kept of each part that was scored, in `.vera-scored` of the folder of results: of which part, model and options the result is.
 * The record is there before the result gets its name, so that a result is never without one, wherever the program ends.
 */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { hashFile } from "../../data/index.js";
import { checkedJson, type Entries, finite, type Schema, whole } from "../../files/read-back.js";
import { FileError, writeAtomic } from "../../files/write.js";
import type { Part } from "./find.js";

/** How many inputs there were. */
export interface Counts {
  readonly inputs: number;
  /** Of these, that could not be read. */
  readonly bad: number;
  /** Flagged as out of distribution. */
  readonly flagged: number;
}

/** What makes results comparable: they can stand in one folder. */
export interface Asked {
  /** SHA-256 of the checkpoint. */
  readonly model: string;
  /** SHA-256 of calibration and options. */
  readonly options: string;
}

export interface PartRecord extends Asked {
  readonly part: { readonly bytes: number; readonly modified: number; readonly sha256: string };
  /** Length of the result. */
  readonly resultBytes: number;
  readonly counts: Counts;
}

const RECORD: Schema<PartRecord> = v.object({
  model: v.string(),
  options: v.string(),
  part: v.object({ bytes: whole(), modified: finite(), sha256: v.string() }),
  resultBytes: whole(),
  counts: v.object({ inputs: whole(), bad: whole(), flagged: whole() } satisfies Entries<Counts>),
} satisfies Entries<PartRecord>);

const FOLDER = ".vera-scored";

/** Where the record of a result is. @param result its name below the folder of results */
export const recordFile = (folder: string, result: string): string => join(folder, FOLDER, `${result}.json`);

export const writeRecord = (folder: string, result: string, record: PartRecord): Promise<void> =>
  writeAtomic(recordFile(folder, result), `${JSON.stringify(record)}\n`);

/** Null where there is none, or what is there is none. */
async function readRecord(folder: string, result: string): Promise<PartRecord | null> {
  try {
    return checkedJson(RECORD, await readFile(recordFile(folder, result), "utf8"), (problem) => new Error(problem));
  } catch {
    return null;
  }
}

/**
 * The counts of a part whose result is there; null where it is to be scored. A part is told by its length and time, and where the time
 * differs, as of a copy, by its content.
 * @throws FileError where another file has the result's name
 */
export async function resultOf(folder: string, result: string, part: Part, asked: Asked): Promise<Counts | null> {
  const path = join(folder, result);
  const there = await stat(path).catch(() => null);
  if (there === null) return null;
  const record = await readRecord(folder, result);
  const objection = !there.isFile()
    ? "is there, and no file"
    : record === null
      ? "is there, and no result of this command"
      : record.resultBytes !== there.size
        ? "is not as it was written"
        : record.model !== asked.model
          ? "is the result of another model"
          : record.options !== asked.options
            ? "was made with other options, or another calibration"
            : (await isOf(record, part))
              ? null
              : `is the result of another ${part.name}: that has changed since`;
  if (objection === null) return record!.counts;
  throw new FileError(`${path} ${objection}: name another folder with --out-dir, or replace it with --overwrite`);
}

async function isOf({ part: scored }: PartRecord, { path, bytes, modified }: Part): Promise<boolean> {
  if (scored.bytes !== bytes) return false;
  return scored.modified === modified || scored.sha256 === (await hashFile(path, "sha256"));
}
