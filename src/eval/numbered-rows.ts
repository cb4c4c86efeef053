/** The rows of a CSV file with their line numbers, bad ones among them: for files that nobody has looked through. */
import { CsvError, parse } from "csv-parse";
import type { CsvFormat } from "../data/formats/csv.js";
import { openStream } from "../data/formats/gzip.js";
import { DataError } from "../data/index.js";

/** Fields by column, or what is wrong with the row. */
export type NumberedRow =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly problem: string };

/** A longer record is a quote that nobody closed. */
const MAX_RECORD = 2 ** 20;

/**
 * Streams the rows below the header; memory holds a few of them. A row of another width is a problem of that row alone; a quote
 * inside a field is text.
 * @throws DataError with the line, where a quoted field never ends: what follows cannot be told apart.
 */
export async function* numberedRows(
  path: string,
  { delimiter, hasHeader, header }: CsvFormat,
): AsyncGenerator<NumberedRow> {
  const source = await openStream(path);
  const parser = parse({
    delimiter,
    bom: true,
    skip_empty_lines: true,
    relax_column_count: true,
    relax_quotes: true,
    info: true,
    max_record_size: MAX_RECORD,
  });
  source.on("error", (cause) => parser.destroy(cause));
  let line = 0;
  let skip = hasHeader;
  try {
    for await (const { record, info } of source.pipe(parser) as AsyncIterable<Parsed>) {
      line = info.lines;
      if (skip) skip = false;
      else if (record.length === header.length) yield { line, fields: record };
      else yield { line, problem: `${record.length} fields, ${header.length} expected` };
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new DataError(
      `${path}, after line ${line}`,
      `${endless(cause) ? "a quoted field is never closed" : cause.message}; the rows from there on were not read`,
      "check the file at that line",
      { cause },
    );
  } finally {
    source.destroy();
  }
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

const endless = ({ code }: CsvError): boolean => code === "CSV_QUOTE_NOT_CLOSED" || code === "CSV_MAX_RECORD_SIZE";
