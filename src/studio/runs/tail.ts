/** A file of lines that grows: what came since it was last read, or all of it where it was written anew. */
import { open } from "node:fs/promises";

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

  private last: Promise<unknown> = Promise.resolve();

  /** A file that is not there has no lines. Who asks while it is read waits, so that no line is read twice. */
  read(): Promise<Tail> {
    const next = this.last.then(() => this.readOn());
    this.last = next.catch(() => undefined);
    return next;
  }

  private async readOn(): Promise<Tail> {
    const handle = await open(this.path, "r").catch(() => null);
    if (handle === null) {
      const anew = this.offset > 0;
      [this.file, this.offset] = [-1, 0];
      return { anew, lines: [] };
    }
    try {
      const { ino, size } = await handle.stat();
      const anew = ino !== this.file || size < this.offset;
      if (anew) [this.file, this.offset] = [ino, 0];
      if (size === this.offset) return { anew, lines: [] };
      const buffer = Buffer.allocUnsafe(size - this.offset);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.offset);
      const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
      this.offset += end;
      return { anew, lines: end === 0 ? [] : buffer.toString("utf8", 0, end - 1).split("\n") };
    } finally {
      await handle.close();
    }
  }
}
