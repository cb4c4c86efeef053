/** A file of text as a part of a table. */
import { DataError } from "../data/error.js";
import { type Dialect, findDialect } from "./dialect.js";
import { text } from "./duckdb.js";
import { at } from "./expressions.js";
import { linesOf } from "./lines.js";
import { type Part, pattern, type ReadOptions } from "./part.js";
import { isAligned, MAX_LINE, type PlainText, plainText, withTabs } from "./plain-text.js";

export async function textPart(path: string, options: ReadOptions): Promise<Part> {
  const file = await plainText(path, options.encoding);
  try {
    if (file.sample.trim() === "") throw new DataError(path, "the file is empty");
    const dialect = findDialect(file.sample, options);
    if (dialect.names.length > 1 || options.delimiter !== undefined || !isAligned(file.sample))
      return partOf(path, file, dialect);
    const tabbed = await withTabs(file, path);
    return partOf(path, tabbed, findDialect(tabbed.sample, { ...options, delimiter: "\t" }));
  } catch (cause) {
    await file.remove();
    throw cause;
  }
}

const partOf = (path: string, file: PlainText, dialect: Dialect): Part => ({
  where: path,
  about: Math.max(0, file.lines - dialect.skip - (dialect.hasHeader ? 1 : 0)),
  columns: dialect.names.map((name) => ({ name, holds: "text" })),
  select: selectText(file, dialect),
  place: "line",
  named: dialect.hasHeader,
  delimiter: dialect.delimiter,
  format: describeDialect(file, dialect),
  notes: [...encodingNote(file), ...dialect.notes],
  lines: () => linesOf(file, dialect),
  remove: file.remove,
});

/** Fields beyond the last column that are told apart; a row with more is an error of the whole file. */
const OVERFLOW = 16;
/** A text that no field holds: the database shall take no field for a missing one, or it could not tell a short row. */
const NEVER = "\u0001";

function selectText(file: PlainText, { delimiter, quote, escaper, skip, hasHeader, names }: Dialect): string {
  const width = names.length;
  const all = Array.from({ length: width + OVERFLOW }, (_, i) => `${text(at(i))}: 'VARCHAR'`);
  const options = [
    `delim=${text(delimiter)}`,
    `quote=${text(quote)}`,
    `escape=${text(escaper)}`,
    `skip=${skip}`,
    `header=${hasHeader}`,
    `nullstr=${text(NEVER)}`,
    `columns={${all.join(", ")}}`,
    `parallel=${!file.quotes}`,
    `max_line_size=${MAX_LINE}`,
    `buffer_size=${MAX_LINE}`,
    `compression='${file.compressed ? "gzip" : "none"}'`,
    "auto_detect=false, strict_mode=false, null_padding=true",
  ];
  const columns = Array.from({ length: width }, (_, i) => at(i));
  const overflow = Array.from({ length: OVERFLOW }, (_, i) => at(width + i));
  const present = `CAST(list_count([${[...columns, ...overflow].join(", ")}]) AS INTEGER)`;
  const long = `concat(${overflow.join(", ")}) <> ''`;
  const blank = width === 1 ? "false" : `(${at(1)} IS NULL AND trim(${at(0)}) = '')`;
  const broken = `contains(concat(${columns.join(", ")}), chr(10))`;
  // What is costly stands where few rows come.
  const fields =
    `CASE WHEN ${at(width - 1)} IS NOT NULL AND ${overflow[0]} IS NULL THEN NULL ` +
    `ELSE CASE WHEN ${at(width - 1)} IS NOT NULL AND NOT (${long}) THEN NULL WHEN ${blank} THEN 0 ` +
    `WHEN ${broken} THEN -(${present}) ELSE ${present} END END`;
  return `SELECT ${columns.join(", ")}, ${fields} AS fields FROM read_csv(${pattern(file.path)}, ${options.join(", ")})`;
}

const DELIMITER_NAMES: Readonly<Record<string, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
  " ": "blanks",
};

const describeDialect = ({ compressed }: PlainText, { delimiter, hasHeader }: Dialect): string =>
  [
    `fields separated by ${DELIMITER_NAMES[delimiter] ?? `"${delimiter}"`}`,
    hasHeader ? "names in the first line" : "no line of names",
    ...(compressed ? ["compressed"] : []),
  ].join(", ");

const encodingNote = ({ encoding }: PlainText): string[] =>
  encoding === null ? [] : [`not in UTF-8: read as ${encoding} (--encoding says otherwise)`];
