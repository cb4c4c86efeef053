/** The line of the file on which each of its records begins: the database does not tell. */
import { openStream } from "../data/formats/gzip.js";
import type { Dialect } from "./dialect.js";
import type { PlainText } from "./plain-text.js";

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const BACKSLASH = 92;

/** Lines of the rows of a table, in order, some at a time. */
export interface Lines {
  /** Of the next `count` rows. */
  next(count: number): Promise<readonly number[]>;
  close(): void;
}

/** Lines of a text file's rows, the first line of the file being 1. */
export function linesOf(file: PlainText, dialect: Dialect): Lines {
  const first = dialect.skip + (dialect.hasHeader ? 1 : 0);
  return file.quotes || file.blanks ? new CountedLines(file.path, dialect) : new EvenLines(first + 1);
}

/** Lines of some rows, given by their positions. */
export async function linesAt(lines: Lines, rows: readonly number[]): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  let done = 0;
  for (const row of [...new Set(rows)].sort((a, b) => a - b)) {
    const some = await lines.next(row + 1 - done);
    done = row + 1;
    found.set(row, some.at(-1) ?? row + 1);
  }
  lines.close();
  return found;
}

/** Rows of one line each; also of sources that have no lines. */
export class EvenLines implements Lines {
  /** @param at the first row's. */
  constructor(private at: number) {}

  async next(count: number): Promise<readonly number[]> {
    const lines = Array.from({ length: count }, (_, i) => this.at + i);
    this.at += count;
    return lines;
  }

  close(): void {}
}

/** Rows whose fields may hold line breaks, and lines that are empty. */
class CountedLines implements Lines {
  private readonly scanner: RecordScanner;
  private ready: number[] = [];
  private taken = 0;
  private parts: AsyncIterator<Buffer> | null = null;
  private ended = false;

  constructor(
    private readonly path: string,
    dialect: Dialect,
  ) {
    this.scanner = new RecordScanner(dialect);
  }

  async next(count: number): Promise<readonly number[]> {
    while (this.ready.length - this.taken < count && !this.ended) await this.more();
    const lines = this.ready.slice(this.taken, this.taken + count);
    this.taken += lines.length;
    return lines;
  }

  private async more(): Promise<void> {
    this.ready = this.ready.slice(this.taken);
    this.taken = 0;
    this.parts ??= (await openStream(this.path))[Symbol.asyncIterator]();
    const { value, done } = await this.parts.next();
    this.ended = done === true;
    if (done) this.scanner.end(this.ready);
    else this.scanner.push(value, this.ready);
  }

  close(): void {
    void this.parts?.return?.();
  }
}

/** Finds where records begin, in bytes that come in parts. */
class RecordScanner {
  private readonly quote: number;
  private readonly delimiter: number;
  /** Whether a backslash, and not a second quote, makes a quote within quotes. */
  private readonly backslash: boolean;
  private line = 1;
  /** Line of the record that has begun; 0 for none. */
  private begun = 0;
  private inside = false;
  private justClosed = false;
  private escaped = false;
  private fieldStart = true;
  /** Records that are no rows: the header. */
  private above: number;
  private readonly skip: number;

  constructor({ quote, escaper, delimiter, skip, hasHeader }: Dialect) {
    this.quote = quote.charCodeAt(0);
    this.delimiter = delimiter.charCodeAt(0);
    this.backslash = escaper !== quote;
    this.skip = skip;
    this.above = hasHeader ? 1 : 0;
  }

  push(part: Buffer, found: number[]): void {
    let at = 0;
    let quoteAt = part.indexOf(this.quote);
    while (at < part.length) {
      const end = part.indexOf(NEWLINE, at);
      const stop = end === -1 ? part.length : end;
      if (quoteAt !== -1 && quoteAt < at) quoteAt = part.indexOf(this.quote, at);
      if (this.line > this.skip) {
        if (this.inside || (quoteAt !== -1 && quoteAt < stop)) this.fields(part, at, stop);
        else if (this.begun === 0 && !isEmpty(part, at, stop)) this.begun = this.line;
        if (!this.inside && stop > at && quoteAt === -1) this.fieldStart = part[stop - 1] === this.delimiter;
      }
      if (end !== -1) this.newline(found);
      at = stop + 1;
    }
  }

  end(found: number[]): void {
    this.inside = false;
    this.newline(found);
  }

  private newline(found: number[]): void {
    this.line++;
    this.escaped = false;
    if (this.inside) return;
    if (this.begun > 0) {
      if (this.above > 0) this.above--;
      else found.push(this.begun);
    }
    this.begun = 0;
    this.justClosed = false;
    this.fieldStart = true;
  }

  private fields(part: Buffer, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const c = part[i]!;
      if (this.begun === 0 && !(c === RETURN && i === to - 1)) this.begun = this.line;
      if (this.inside) {
        if (this.escaped) this.escaped = false;
        else if (this.backslash && c === BACKSLASH) this.escaped = true;
        else if (c === this.quote) {
          this.inside = false;
          this.justClosed = true;
        }
      } else {
        if (c === this.quote && (this.fieldStart || (this.justClosed && !this.backslash))) this.inside = true;
        this.justClosed = false;
        this.fieldStart = c === this.delimiter || (this.fieldStart && c === SPACE);
      }
    }
  }
}

const isEmpty = (part: Buffer, from: number, to: number): boolean =>
  to === from || (to === from + 1 && part[from] === RETURN);
