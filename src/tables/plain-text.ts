/**
 * Text files as the database reads them: UTF-8, with lines that end in `\n` or `\r\n`, plain or gzip. A file of another kind is
 * rewritten as one to a temporary place. One reading of the whole file finds out which it is, and what lines it has.
 */
import { isUtf8 } from "node:buffer";
import { createWriteStream } from "node:fs";
import { mkdtemp, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Decompress } from "fzstd";
import { DataError, reason } from "../data/error.js";
import { openStream } from "../data/formats/gzip.js";
import { removedAtExit } from "./temporary.js";

export interface PlainText {
  /** What the database reads: the file itself, or its temporary copy. */
  readonly path: string;
  /** Its first lines, whole ones. */
  readonly sample: string;
  readonly compressed: boolean;
  /** Any quotation mark: a field may then hold line breaks. */
  readonly quotes: boolean;
  readonly lines: number;
  /** Any line without characters. */
  readonly blanks: boolean;
  /** Where it is not UTF-8. */
  readonly encoding: string | null;
  /** Removes the temporary copy. */
  remove(): Promise<void>;
}

const SAMPLE = 2 ** 18;
/** A line of more bytes is a file that is no table, or a quote that nobody closed. */
export const MAX_LINE = 2 ** 22;

/** @param encoding as the user says, by the WHATWG's names; default: found out. @throws DataError where it is no text. */
export async function plainText(path: string, encoding?: string): Promise<PlainText> {
  const { compression, start } = await firstBytes(path);
  const source = () => (compression === "zstd" ? unzstd(path) : openStream(path));
  const known = encoding ?? encodingOf(start);
  if (known === null && compression !== "zstd") {
    const found = await look(path, await source());
    if (found.valid && found.newlines) {
      return { ...found, path, compressed: compression !== null, encoding: null, remove: async () => {} };
    }
    return rewritten(path, source, found.valid ? "utf-8" : "windows-1252");
  }
  return rewritten(path, source, known ?? "utf-8");
}

interface Look {
  readonly valid: boolean;
  /** Lines end in `\n`. */
  readonly newlines: boolean;
  readonly quotes: boolean;
  readonly blanks: boolean;
  readonly lines: number;
  readonly sample: string;
}

/** Reads a file once for what it is. */
async function look(path: string, stream: Readable): Promise<Look> {
  let [valid, quotes, blanks, sampled, line, lines] = [true, false, false, 0, 0, 0];
  let [newlines, returns] = [false, false];
  const head: Buffer[] = [];
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of stream as AsyncIterable<Buffer>) {
    if (sampled < SAMPLE) {
      head.push(part);
      sampled += part.length;
    }
    quotes ||= part.includes(34) || part.includes(39);
    returns ||= part.includes(13);
    const end = part.lastIndexOf(10);
    for (let at = part.indexOf(10), from = 0; at !== -1; from = at + 1, at = part.indexOf(10, from)) {
      lines++;
      const length = at - from + (from === 0 ? line : 0);
      if (length === 0 || (length === 1 && at > 0 && part[at - 1] === 13)) blanks = true;
    }
    newlines ||= end >= 0;
    line = end === -1 ? line + part.length : part.length - end - 1;
    if (line > MAX_LINE && (newlines || !returns))
      throw new DataError(path, `a line of more than ${MAX_LINE >> 20} MB: no table, or a quote that is never closed`);
    // Characters may lie across parts: a line that does is checked as one.
    if (valid) {
      const first = part.indexOf(10) + 1;
      if (first === 0) rest = Buffer.concat([rest, part]);
      else {
        valid = isUtf8(Buffer.concat([rest, part.subarray(0, first)])) && isUtf8(part.subarray(first, end + 1));
        rest = Buffer.from(part.subarray(end + 1));
      }
    }
  }
  valid &&= isUtf8(rest);
  const bytes = Buffer.concat(head);
  if (bytes.subarray(0, SAMPLE).includes(0))
    throw new DataError(path, "not a text file: it holds bytes of 0", "save it as CSV in UTF-8");
  return {
    valid,
    newlines: newlines || !returns,
    quotes,
    blanks,
    lines: line > 0 ? lines + 1 : lines,
    sample: sampleOf(bytes, sampled > SAMPLE),
  };
}

/** Whole lines of the beginning. */
function sampleOf(bytes: Buffer, cut: boolean): string {
  const text = bytes
    .subarray(0, cut ? bytes.subarray(0, SAMPLE).lastIndexOf(10) + 1 || SAMPLE : bytes.length)
    .toString("utf8");
  return text.replace(/^\ufeff/, "");
}

async function firstBytes(path: string) {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE), 0, SAMPLE, 0);
      const start = buffer.subarray(0, bytesRead);
      const compression =
        start[0] === 0x1f && start[1] === 0x8b
          ? "gzip"
          : start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528
            ? "zstd"
            : null;
      return { compression, start: compression === null ? start : Buffer.alloc(0) } as const;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new DataError(path, `cannot be read (${reason(cause)})`, undefined, { cause });
  }
}

/** UTF-16 by its mark, or by the zeros of its Latin letters; null for what must be looked at whole. */
function encodingOf(start: Buffer): string | null {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  if (start.length < 4) return null;
  const zeros = [0, 0];
  const head = start.subarray(0, 1024);
  head.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2]!++;
  });
  if (zeros[1]! > head.length / 4 && zeros[0] === 0) return "utf-16le";
  if (zeros[0]! > head.length / 4 && zeros[1] === 0) return "utf-16be";
  return null;
}

const RUNS = /[ \t]+/g;

/** Whether fields are set in columns by runs of blanks, as in print: most lines have as many words as the first, and none has quotes. */
export function isAligned(sample: string): boolean {
  const lines = sample.split("\n").filter((line) => line.trim() !== "");
  const words = lines.map((line) => line.trim().split(RUNS).length);
  const same = words.filter((count) => count === words[0]).length;
  return words[0]! > 1 && same >= 0.95 * words.length && / {2}|\t/.test(sample) && !/["']/.test(sample);
}

/** The same text with a tab for each run of blanks, in the place of the file. */
export async function withTabs(file: PlainText, path: string): Promise<PlainText> {
  const { folder, remove } = removedAtExit(await mkdtemp(join(tmpdir(), "vera-table-")));
  const copy = join(folder, "table.tsv");
  try {
    const lines = createInterface({ input: await openStream(file.path) });
    const text = async function* () {
      for await (const line of lines) yield `${line.trim().replace(RUNS, "\t")}\n`;
    };
    await pipeline(Readable.from(text()), createWriteStream(copy));
    const found = await look(path, await openStream(copy));
    await file.remove();
    return { ...found, path: copy, compressed: false, encoding: file.encoding, remove };
  } catch (cause) {
    await remove();
    throw cause;
  }
}

/** Writes the text as UTF-8 with `\n` to a temporary file. */
async function rewritten(
  path: string,
  source: () => Promise<Readable> | Readable,
  encoding: string,
): Promise<PlainText> {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding);
  } catch {
    throw new DataError(
      path,
      `there is no encoding "${encoding}"`,
      "as utf-8, utf-16le, windows-1252, shift_jis, gb18030",
    );
  }
  const { folder, remove } = removedAtExit(await mkdtemp(join(tmpdir(), "vera-table-")));
  try {
    const copy = join(folder, "table.csv");
    const input = await source();
    await pipeline(
      input,
      async function* (parts: AsyncIterable<Buffer>) {
        let returned = false;
        const lines = (text: string) => {
          const whole = returned ? `\r${text}` : text;
          returned = whole.endsWith("\r");
          return (returned ? whole.slice(0, -1) : whole).replace(/\r\n?/g, "\n");
        };
        for await (const part of parts) yield lines(decoder.decode(part, { stream: true }));
        yield lines(decoder.decode());
      },
      createWriteStream(copy),
    );
    const found = await look(path, await openStream(copy));
    return { ...found, path: copy, compressed: false, encoding: encoding === "utf-8" ? null : encoding, remove };
  } catch (cause) {
    await remove();
    throw cause instanceof DataError
      ? cause
      : new DataError(path, `cannot be unpacked (${reason(cause)})`, undefined, { cause });
  }
}

/** Unpacks zstd, as Node of this version cannot. */
async function* zstdParts(path: string): AsyncGenerator<Buffer> {
  const ready: Buffer[] = [];
  const unpack = new Decompress((part) => {
    ready.push(Buffer.from(part));
  });
  const file = await open(path);
  try {
    for await (const part of file.createReadStream({ highWaterMark: 2 ** 18 })) {
      unpack.push(part as Buffer);
      yield* ready.splice(0);
    }
    unpack.push(new Uint8Array(0), true);
    yield* ready.splice(0);
  } finally {
    await file.close().catch(() => {});
  }
}

const unzstd = (path: string): Readable => Readable.from(zstdParts(path));
