/** A file of lines that grows: what came since it was last read, or all of it where it was written anew. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

export interface Tail {
  /** The file is another one than before: what was read is void. */
  readonly anew: boolean;
  /** Whole lines; one that is half written is read when it is whole. */
  readonly lines: readonly string[];
}

export class TailReader {
  private file = -1;
  private offset = 0;

  constructor(private readonly path: string) {}

  /**
   * A file that is not there has no lines. Not asynchronous: a thousand small files would each wait for a thread, many times as long as
   * reading them takes; and no line is read twice by two that ask at once.
   */
  read(): Tail {
    let file: number;
    try {
      file = openSync(this.path, "r");
    } catch {
      const anew = this.offset > 0;
      [this.file, this.offset] = [-1, 0];
      return { anew, lines: [] };
    }
    try {
      const { ino, size } = fstatSync(file);
      const anew = ino !== this.file || size < this.offset;
      if (anew) [this.file, this.offset] = [ino, 0];
      if (size === this.offset) return { anew, lines: [] };
      const buffer = Buffer.allocUnsafe(size - this.offset);
      const bytes = readSync(file, buffer, 0, buffer.length, this.offset);
      const end = buffer.subarray(0, bytes).lastIndexOf(10) + 1;
      this.offset += end;
      return { anew, lines: end === 0 ? [] : buffer.toString("utf8", 0, end - 1).split("\n") };
    } finally {
      closeSync(file);
    }
  }
}
