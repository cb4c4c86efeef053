/** Archives: tar (also compressed) and zip. Entries are found by the end of their path, in whatever folder they were packed. */
import { statSync } from "node:fs";
import { type Readable, Transform } from "node:stream";
import { crc32 } from "node:zlib";
import { list, type ReadEntry } from "tar";
import yauzl from "yauzl";
import { DataError, reason, show } from "../error.js";
import { allowance } from "./budget.js";

/** Does a path in an archive name this file? */
export const endsWith = (path: string, name: string): boolean => path === name || path.endsWith(`/${name}`);

/**
 * Reads files of a tar archive (also .tar.gz), in one pass.
 * @returns by name; those that are not in it are absent.
 * @throws DataError where the archive is truncated or corrupt, or the files together are larger than its size allows.
 */
export async function readTar(path: string, names: readonly string[]): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const max = allowance(statSync(path, { throwIfNoEntry: false })?.size ?? 0, "inflated");
  const wanted = (entry: string) => names.find((name) => endsWith(entry, name));
  let total = 0;
  let tooLarge = false;
  let entries = 0;
  const collect = (entry: ReadEntry): void => {
    entries++;
    const name = wanted(entry.path);
    total += name === undefined ? 0 : entry.size;
    tooLarge ||= total > max;
    if (name === undefined || entry.type !== "File" || tooLarge) {
      entry.resume();
      return;
    }
    const content = Buffer.allocUnsafe(entry.size);
    let at = 0;
    entry.on("data", (chunk: Buffer) => {
      at += chunk.copy(content, at);
    });
    entry.on("end", () => {
      if (at === content.length) files.set(name, content);
    });
  };
  try {
    await list({ file: path, strict: true, onReadEntry: collect });
  } catch (cause) {
    // Of what is too large anyway tar refuses the end.
    if (!tooLarge)
      throw new DataError(path, `truncated or corrupt archive (${reason(cause)})`, "fetch the file again", { cause });
  }
  if (tooLarge)
    throw new DataError(path, `the files in it exceed ${show(max)} bytes, which no sound archive of its size holds`);
  if (entries === 0) throw new DataError(path, "no archive, or an empty one", "fetch the file again");
  return files;
}

/** An open zip archive. */
export class Zip {
  private constructor(
    private readonly path: string,
    private readonly file: yauzl.ZipFile,
    private readonly entries: readonly yauzl.Entry[],
  ) {}

  /** @param source path, or the content of a zip within a zip. @throws DataError where it is truncated or no zip. */
  static open(path: string, source: string | Uint8Array = path): Promise<Zip> {
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown) =>
        reject(new DataError(path, `truncated or corrupt zip (${reason(cause)})`, "fetch the file again", { cause }));
      const opened = (error: Error | null, file: yauzl.ZipFile): void => {
        if (error) {
          fail(error);
          return;
        }
        const entries: yauzl.Entry[] = [];
        file.on("entry", (entry: yauzl.Entry) => {
          entries.push(entry);
          file.readEntry();
        });
        file.on("error", fail);
        file.on("end", () => resolve(new Zip(path, file, entries)));
        file.readEntry();
      };
      const options = { lazyEntries: true, autoClose: false } as const;
      if (typeof source === "string") yauzl.open(source, options, opened);
      else yauzl.fromBuffer(Buffer.from(source.buffer, source.byteOffset, source.byteLength), options, opened);
    });
  }

  has(name: string): boolean {
    return this.find(name) !== undefined;
  }

  /** Name of the first zip within it; null where there is none. */
  nested(): string | null {
    return this.entries.find((entry) => entry.fileName.endsWith(".zip"))?.fileName ?? null;
  }

  /** One entry, unpacked and checked against its checksum. @throws DataError where it is absent, truncated or corrupt. */
  async stream(name: string): Promise<Readable> {
    const entry = this.find(name);
    const where = `${this.path} › ${name}`;
    if (entry === undefined) throw new DataError(this.path, `no ${name} in it`);
    const corrupt = (cause: unknown) =>
      new DataError(where, `truncated or corrupt (${reason(cause)})`, "fetch the file again", { cause });
    return new Promise((resolve, reject) => {
      this.file.openReadStream(entry, (error, source) => {
        if (error) {
          reject(corrupt(error));
          return;
        }
        const check = checksum(entry.crc32, where);
        source.on("error", (cause) => check.destroy(corrupt(cause)));
        resolve(source.pipe(check));
      });
    });
  }

  /** One entry, whole. @throws DataError as {@link stream}, or where it swells more than its size allows. */
  async bytes(name: string): Promise<Uint8Array> {
    const max = this.allowance(name);
    const size = this.find(name)?.uncompressedSize ?? 0;
    if (size > max)
      throw new DataError(
        `${this.path} › ${name}`,
        `${show(size)} bytes, more than the ${show(max)} that it may swell to`,
      );
    const chunks: Buffer[] = [];
    for await (const chunk of await this.stream(name)) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  /** What an entry may swell to. */
  allowance(name: string): number {
    return allowance(this.find(name)?.compressedSize ?? 0, "inflated");
  }

  close(): void {
    this.file.close();
  }

  private find(name: string): yauzl.Entry | undefined {
    return this.entries.find((entry) => endsWith(entry.fileName, name));
  }
}

/** Passes bytes on, and fails at the end where their CRC-32 is not the one given. */
function checksum(expected: number, where: string): Transform {
  let crc = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      crc = crc32(chunk, crc);
      done(null, chunk);
    },
    flush(done) {
      const ok = crc === expected >>> 0;
      done(ok ? null : new DataError(where, "corrupt: the checksum does not match", "fetch the file again"));
    },
  });
}
