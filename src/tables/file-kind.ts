/** What a file of a table is, by its content and not by its name. */
import { open } from "node:fs/promises";
import { DataError, reason } from "../data/error.js";

export type FileKind = "text" | "json" | "parquet" | "arrow" | "duckdb" | "sqlite";

const START = 4096;

/** @throws DataError where the file cannot be read, is empty, or is one that no table is read from. */
export async function fileKind(path: string): Promise<FileKind> {
  const start = await firstBytes(path);
  if (start.length === 0) throw new DataError(path, "the file is empty");
  const ascii = start.toString("latin1");
  if (ascii.startsWith("PAR1")) return "parquet";
  if (ascii.startsWith("ARROW1")) return "arrow";
  if (ascii.startsWith("SQLite format 3\0")) return "sqlite";
  if (ascii.slice(8, 12) === "DUCK") return "duckdb";
  const other = OTHERS.find(([magic]) => ascii.startsWith(magic));
  if (other !== undefined) throw new DataError(path, `${other[1]}, and no table`, other[2]);
  if (/\.(json|jsonl|ndjson)(\.(gz|zst))?$/i.test(path) || /^\ufeff?\s*(\[\s*)?\{\s*["}]/.test(start.toString("utf8")))
    return "json";
  return "text";
}

const OTHERS = [
  ["PK\x03\x04", "a zip archive or an Excel workbook", "unpack it, or save the sheet as CSV"],
  ["\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"],
  ["BZh", "compressed with bzip2", "unpack it: bunzip2 FILE"],
  ["\xfd7zXZ", "compressed with xz", "unpack it: unxz FILE"],
  ["%PDF", "a PDF document", "save the table as CSV"],
  ["\x89PNG", "a picture", "pictures are learned from folders: --image-folder"],
  ["\xff\xd8\xff", "a picture", "pictures are learned from folders: --image-folder"],
  ["\x93NUMPY", "an array of NumPy", "save it as CSV: numpy.savetxt(FILE, array, delimiter=',')"],
] as const;

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(START), 0, START, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new DataError(path, `cannot be read (${reason(cause)})`, undefined, { cause });
  }
}
