/** Downloads that resume: into a `.vera-part` file, checked against a checksum, then renamed, so that a file that is there is whole. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as v from "valibot";
import { makeFolder, onFile } from "../files/index.js";
import { checkedJson, type Entries, type Schema } from "../files/read-back.js";
import { DataError, reason, show } from "./error.js";

export interface Checksum {
  readonly algorithm: "md5" | "sha256";
  readonly hex: string;
}

export interface Progress {
  readonly url: string;
  readonly received: number;
  /** Null where the server does not say. */
  readonly total: number | null;
}

export interface DownloadOptions {
  /** Null where none is published. */
  readonly checksum?: Checksum | null;
  readonly onProgress?: (progress: Progress) => void;
  /** How often to try, each time from where it broke off. Default 3. */
  readonly attempts?: number;
  readonly signal?: AbortSignal;
}

/** What is known of a partial file: the server's tag, by which a changed file is noticed. */
interface PartInfo {
  readonly url: string;
  readonly tag: string | null;
}

const PART: Schema<PartInfo> = v.object({ url: v.string(), tag: v.nullable(v.string()) } satisfies Entries<PartInfo>);

/** The connection broke: worth another attempt. */
class Interrupted extends Error {}

/**
 * Downloads a file. If an earlier attempt broke off, only the rest is asked for; a server that cannot do that sends all.
 * @throws DataError where the server refuses, the connection keeps breaking (what came is kept for the next time), or the
 * checksum is wrong (the file is removed).
 */
export async function download(url: string, target: string, options: DownloadOptions = {}): Promise<void> {
  const { checksum = null, attempts = 3 } = options;
  const part = `${target}.vera-part`; // browsers call theirs .part
  await onFile(target, () => makeFolder(dirname(target)));
  for (let attempt = 1; ; attempt++) {
    try {
      await transfer(url, part, options);
      break;
    } catch (cause) {
      if (cause instanceof DataError || options.signal?.aborted) throw cause;
      if (attempt >= attempts)
        throw new DataError(
          url,
          `the download broke off after ${show(await sizeOf(part))} bytes (${reason(cause)})`,
          "run it again to continue from there",
          { cause },
        );
    }
  }
  if (checksum !== null) {
    const found = await hashFile(part, checksum.algorithm);
    if (found !== checksum.hex) {
      await discard(part);
      throw new DataError(
        url,
        `${checksum.algorithm} ${found}, expected ${checksum.hex}: the file was damaged on its way, or is another one`,
        "fetch it again, or from elsewhere",
      );
    }
  }
  await rename(part, target);
  await rm(`${part}.json`, { force: true });
}

/** One attempt. */
async function transfer(url: string, part: string, { onProgress, signal }: DownloadOptions): Promise<void> {
  const info = await partInfo(part);
  if (info?.url !== url) await discard(part);
  const start = await sizeOf(part);
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (start > 0) {
    headers.range = `bytes=${start}-`;
    if (info?.tag) headers["if-range"] = info.tag;
  }
  const response = await fetch(url, { headers, ...(signal && { signal }) });
  if (response.status === 416) {
    // Nothing after what we have: either it is all there, or it is not this file.
    await response.body?.cancel();
    if (rangeTotal(response) === start) return;
    await discard(part);
    throw new Interrupted("the partial file does not fit the server's");
  }
  if (!response.ok || response.body === null)
    throw new DataError(url, `the server answered ${response.status} ${response.statusText}`.trim());
  const resumed = response.status === 206 && rangeStart(response) === start;
  if (response.status === 206 && !resumed)
    throw new DataError(url, "the server sent another part than the one asked for");
  const tag = response.headers.get("etag");
  // A weak tag does not promise the same bytes.
  await writeFile(`${part}.json`, JSON.stringify({ url, tag: tag?.startsWith("W/") ? null : tag } satisfies PartInfo));
  const length = response.headers.get("content-length");
  let received = resumed ? start : 0;
  const total = length === null ? null : received + Number(length);
  const file = await open(part, resumed ? "a" : "w");
  try {
    onProgress?.({ url, received, total });
    for await (const chunk of response.body) {
      await file.write(chunk);
      received += chunk.length;
      onProgress?.({ url, received, total });
    }
  } finally {
    await file.close();
  }
  if (total !== null && received !== total) throw new Interrupted(`${show(received)} of ${show(total)} bytes came`);
}

const rangeStart = (response: Response): number =>
  Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1] ?? Number.NaN);
const rangeTotal = (response: Response): number =>
  Number(/\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1] ?? Number.NaN);

async function partInfo(part: string): Promise<PartInfo | null> {
  try {
    return checkedJson(PART, await readFile(`${part}.json`, "utf8"), (problem) => new Error(problem));
  } catch {
    return null;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

async function discard(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(`${part}.json`, { force: true });
}

/** Hash of a file, in hexadecimal. */
export async function hashFile(path: string, algorithm: Checksum["algorithm"]): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
