/** Files that may be compressed with gzip, told by their content and not by their name. */
import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { PassThrough, Readable, Transform } from "node:stream";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { DataError, reason, show } from "../error.js";
import { allowance } from "./budget.js";

const inflate = promisify(gunzip);

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Unpacks bytes if they are gzip. @throws DataError where they are truncated, corrupt, or larger unpacked than they may be. */
export async function unpack(
  bytes: Uint8Array,
  file: string,
  max = allowance(bytes.length, "inflated"),
): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  try {
    return await inflate(bytes, { maxOutputLength: max });
  } catch (cause) {
    throw gzipError(cause, file, max);
  }
}

/** A whole file, unpacked. @throws DataError as {@link unpack}, or where it cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new DataError(path, `cannot be read (${reason(cause)})`, undefined, { cause });
  }
  return unpack(bytes, path);
}

/** A file as a stream, unpacked. Errors of the stream are {@link DataError}s. */
export async function openStream(path: string): Promise<Readable> {
  const start = Buffer.alloc(2);
  try {
    const handle = await open(path);
    await handle.read(start, 0, 2, 0);
    await handle.close();
  } catch (cause) {
    throw new DataError(path, `cannot be read (${reason(cause)})`, undefined, { cause });
  }
  return isGzip(start) ? gunzipped(createReadStream(path), path) : createReadStream(path, { highWaterMark: 2 ** 18 });
}

/** Unpacks a stream that is known to be gzip. */
function gunzipped(source: Readable, file: string): Readable {
  const out = new PassThrough();
  const unzip = createGunzip({ chunkSize: 2 ** 18 });
  const fail = (cause: Error) => out.destroy(gzipError(cause, file));
  source.on("error", fail).pipe(unzip).on("error", fail).pipe(out);
  out.on("close", () => source.destroy());
  return out;
}

/** Passes a stream on, unpacked if its first bytes are those of gzip. */
export async function maybeGunzipped(source: Readable, file: string): Promise<Readable> {
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await iterator.next();
  const chunks = (async function* () {
    if (first.done !== true) yield first.value;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  const whole = Transform.from(chunks) as unknown as Readable;
  return first.done !== true && isGzip(first.value) ? gunzipped(whole, file) : whole;
}

/** Passes a stream on, and fails where it is longer than `max` bytes. */
export function limited(source: Readable, max: number, file: string): Readable {
  const chunks = (async function* () {
    let length = 0;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > max)
        throw new DataError(file, `larger than ${show(max)} bytes unpacked, which no sound file of its size is`);
      yield chunk;
    }
  })();
  return Readable.from(chunks, { objectMode: false });
}

/** @param max what it may be unpacked; streams have no end of their own. */
function gzipError(cause: unknown, file: string, max = Number.POSITIVE_INFINITY): DataError {
  if (cause instanceof DataError) return cause;
  const text = reason(cause);
  const what = text.includes("unexpected end")
    ? "truncated: the gzip stream ends early"
    : (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE"
      ? `larger than ${show(max)} bytes unpacked, which no sound file of its size is`
      : `corrupt gzip stream (${text})`;
  return new DataError(file, what, "fetch the file again", { cause });
}
