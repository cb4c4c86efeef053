/** Splits a sample of text into records and fields, leniently, as the database will: to find out what the text is like. */

export interface Quoting {
  readonly quote: '"' | "'";
  /** What makes a quote within quotes: another, or a backslash. */
  readonly escaper: '"' | "'" | "\\";
}

export interface Splitting extends Quoting {
  readonly delimiter: string;
}

/** The records of a text with `\n` or `\r\n` at the end of lines; lines without any character are none. */
export function splitRecords(text: string, { delimiter, quote, escaper }: Splitting): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = "";
  let at = 0;
  const end = (): void => {
    record.push(field.endsWith("\r") ? field.slice(0, -1) : field);
    field = "";
    if (record.length > 1 || record[0] !== "") records.push(record);
    record = [];
  };
  while (at < text.length) {
    const c = text[at]!;
    if (c === quote && field.trim() === "") {
      [field, at] = quoted(text, at + 1, quote, escaper);
    } else if (c === delimiter) {
      record.push(field);
      field = "";
      at++;
    } else if (c === "\n") {
      end();
      at++;
    } else {
      field += c;
      at++;
    }
  }
  if (field !== "" || record.length > 0) end();
  return records;
}

/** The content of quotes that begin before `at`, and the position after them. */
function quoted(text: string, at: number, quote: string, escaper: string): [content: string, after: number] {
  let content = "";
  while (at < text.length) {
    const c = text[at]!;
    if (c === escaper && (escaper !== quote || text[at + 1] === quote) && at + 1 < text.length) {
      content += text[at + 1]!;
      at += 2;
    } else if (c === quote) return [content, at + 1];
    else {
      content += c;
      at++;
    }
  }
  return [content, at];
}
