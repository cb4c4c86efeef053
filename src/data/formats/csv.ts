/** CSV: records as lists of fields, streamed; delimiter and header found out. Quoting follows RFC 4180. */
import { CsvError, parse } from "csv-parse";
import { DataError } from "../error.js";
import { isMissing, parseNumber } from "../table.js";
import { openStream } from "./gzip.js";

export type Delimiter = "," | ";" | "\t";

export interface CsvFormat {
  readonly delimiter: Delimiter;
  /** Names of the columns: from the first line, or `column0`, `column1`, … where it is none. */
  readonly header: readonly string[];
  /** Whether the first line is a header. */
  readonly hasHeader: boolean;
}

const SAMPLE = 2 ** 16;

/**
 * Finds out the delimiter (the one of `,` `;` tab that splits the first lines into the same number of fields, the largest) and
 * whether there is a header: a first line of distinct, non-empty fields none of which is a number, or one that has all the names that
 * are known. A name that occurs again is numbered.
 * @param known names of columns that the user or a model names
 * @throws DataError where the file is empty or no text.
 */
export async function sniffCsv(path: string, known: readonly string[] = []): Promise<CsvFormat> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of await openStream(path)) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= SAMPLE) break;
  }
  const bytes = Buffer.concat(chunks).subarray(0, SAMPLE);
  if (bytes.includes(0)) throw new DataError(path, "not a text file in UTF-8", "save it as CSV in UTF-8");
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  if (text.trim() === "") throw new DataError(path, "the file is empty");
  const delimiter = sniffDelimiter(text, size > SAMPLE);
  const first = await firstRecord(path, delimiter);
  const names = first.map((field) => field.trim());
  const looksLikeOne =
    new Set(names).size === names.length && names.every((name) => !isMissing(name) && parseNumber(name) === null);
  const hasHeader = looksLikeOne || (known.length > 0 && known.every((name) => distinct(names).includes(name.trim())));
  return { delimiter, hasHeader, header: hasHeader ? distinct(names) : names.map((_, i) => `column${i}`) };
}

/** `a`, `a` → `a`, `a (2)`. */
function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} (${count})`;
  });
}

function sniffDelimiter(text: string, cut: boolean): Delimiter {
  let best: Delimiter = ",";
  let most = 1;
  for (const delimiter of [",", ";", "\t"] as const) {
    const widths = recordWidths(text, delimiter);
    if (cut && widths.length > 1) widths.pop();
    if (widths[0]! > most && widths.every((w) => w === widths[0])) {
      best = delimiter;
      most = widths[0]!;
    }
  }
  return best;
}

/** Number of fields of each record, minding quotes. */
function recordWidths(text: string, delimiter: string): number[] {
  const widths: number[] = [];
  let fields = 1;
  let quoted = false;
  let empty = true;
  for (const c of text) {
    if (c === '"') quoted = !quoted;
    else if (!quoted && c === delimiter) fields++;
    else if (!quoted && c === "\n") {
      if (!empty) widths.push(fields);
      fields = 1;
      empty = true;
      continue;
    }
    if (c !== "\r") empty = false;
  }
  if (!empty) widths.push(fields);
  return widths;
}

async function firstRecord(path: string, delimiter: Delimiter): Promise<string[]> {
  for await (const record of records(path, delimiter, undefined, 1)) return record;
  throw new DataError(path, "the file is empty");
}

/**
 * The rows below the header, one by one.
 * @throws DataError where a row has more or fewer fields than the first, or a quote is not closed: with its line number.
 */
export async function* csvRows(path: string, { delimiter, hasHeader, header }: CsvFormat): AsyncGenerator<string[]> {
  let skip = hasHeader;
  for await (const record of records(path, delimiter, header.length)) {
    if (!skip) yield record;
    skip = false;
  }
}

/** @param limit stops after so many records: what is wrong below them does not matter then. */
async function* records(path: string, delimiter: Delimiter, width?: number, limit = -1): AsyncGenerator<string[]> {
  const source = await openStream(path);
  const parser = parse({ delimiter, bom: true, skip_empty_lines: true, to: limit });
  source.on("error", (cause) => parser.destroy(cause));
  try {
    for await (const record of source.pipe(parser)) yield record as string[];
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new DataError(path, csvProblem(cause, width), "check the file at that line", { cause });
  } finally {
    source.destroy();
  }
}

function csvProblem(error: CsvError, width: number | undefined): string {
  const { lines, record } = error as CsvError & { lines?: number; record?: unknown[] };
  const line = `line ${lines ?? "?"}`;
  if (error.code === "CSV_QUOTE_NOT_CLOSED")
    return `a quoted field is never closed (it begins near ${line}); the file may be truncated`;
  if (error.code === "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH")
    return `${line} has ${record?.length ?? "too many or too few"} fields, the first one ${width ?? "others"}`;
  return `${line}: ${error.message}`;
}
