import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DATASETS, type Download, download, fetchDataset, fetchFiles, type Progress } from "../../src/data/index.js";
import { expectDataError, pattern, put, temporaryFolder } from "./files.js";

const CONTENT = Buffer.from(pattern(300_000));
const MD5 = { algorithm: "md5", hex: createHash("md5").update(CONTENT).digest("hex") } as const;

interface Behaviour {
  readonly ranges: boolean;
  /** Bytes after which the connection is cut, once for each number. */
  readonly cutAfter: number[];
  readonly etag: string;
  readonly content: Buffer;
}

let behaviour: Behaviour;
let requests: { path: string; range: string | undefined; status: number }[];
let server: Server;
let base: string;
let target: string;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { range, "if-range": ifRange } = request.headers;
  const { ranges, cutAfter, etag, content } = behaviour;
  const reply = (status: number, headers: Record<string, string | number>, body: Buffer) => {
    requests.push({ path: request.url!, range, status });
    response.writeHead(status, { ...headers, "content-length": body.length, etag });
    const cut = cutAfter.shift();
    if (cut === undefined || cut >= body.length) response.end(body);
    // Cut a little later: a connection that is reset takes along what the client has not read.
    else response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 30));
  };
  if (!request.url!.startsWith("/file")) {
    requests.push({ path: request.url!, range, status: 404 });
    response.writeHead(404, "Not Found").end("nothing here");
    return;
  }
  const start =
    ranges && range !== undefined && (ifRange === undefined || ifRange === etag) ? Number(/\d+/.exec(range)![0]) : 0;
  if (start >= content.length) {
    requests.push({ path: request.url!, range, status: 416 });
    response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
  } else if (start === 0) reply(200, {}, content);
  else
    reply(206, { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` }, content.subarray(start));
}

beforeEach(async () => {
  behaviour = { ranges: true, cutAfter: [], etag: '"one"', content: CONTENT };
  requests = [];
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  target = join(temporaryFolder(), "sub", "file.bin");
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const content = () => readFileSync(target);

describe("download", () => {
  it("delivers the file with progress, and leaves nothing else", async () => {
    const seen: Progress[] = [];
    await download(`${base}/file`, target, { checksum: MD5, onProgress: (p) => seen.push(p) });
    expect(content().equals(CONTENT)).toBe(true);
    expect(seen[0]).toEqual({ url: `${base}/file`, received: 0, total: 300_000 });
    expect(seen.at(-1)).toMatchObject({ received: 300_000, total: 300_000 });
    expect(existsSync(`${target}.vera-part`) || existsSync(`${target}.vera-part.json`)).toBe(false);
  });
  it("resumes an interrupted download where it broke off", async () => {
    behaviour.cutAfter.push(100_000);
    await expectDataError(
      () => download(`${base}/file`, target, { attempts: 1 }),
      /broke off after .* bytes.*run it again/,
    );
    expect(existsSync(target)).toBe(false);
    const kept = readFileSync(`${target}.vera-part`).length;
    expect(kept).toBeGreaterThan(0);
    const seen: Progress[] = [];
    await download(`${base}/file`, target, { checksum: MD5, onProgress: (p) => seen.push(p) });
    expect(content().equals(CONTENT)).toBe(true);
    expect(requests.at(-1)).toMatchObject({ range: `bytes=${kept}-`, status: 206 });
    expect(seen[0]).toMatchObject({ received: kept, total: 300_000 });
  });
  it("resumes by itself, as often as allowed", async () => {
    behaviour.cutAfter.push(50_000, 50_000);
    await download(`${base}/file`, target, { checksum: MD5 });
    expect(content().equals(CONTENT)).toBe(true);
    expect(requests.map((r) => r.status)).toEqual([200, 206, 206]);
  });
  it("starts again where the server cannot resume", async () => {
    behaviour = { ...behaviour, ranges: false, cutAfter: [100_000] };
    await download(`${base}/file`, target, { checksum: MD5 });
    expect(content().equals(CONTENT)).toBe(true);
    expect(requests.map((r) => r.status)).toEqual([200, 200]);
  });
  it("starts again where the file changed meanwhile", async () => {
    behaviour.cutAfter.push(100_000);
    await expectDataError(() => download(`${base}/file`, target, { attempts: 1 }), /broke off/);
    behaviour = { ...behaviour, etag: '"two"', content: Buffer.from(pattern(200_000, 3)) };
    await download(`${base}/file`, target);
    expect(content().equals(behaviour.content)).toBe(true);
  });
  it("notices a partial file that is already whole, or too long", async () => {
    await put(join(target, ".."), "file.bin.vera-part", CONTENT);
    await put(join(target, ".."), "file.bin.vera-part.json", JSON.stringify({ url: `${base}/file`, tag: '"one"' }));
    await download(`${base}/file`, target, { checksum: MD5 });
    expect(requests.map((r) => r.status)).toEqual([416]);
    await put(join(target, ".."), "file.bin.vera-part", Buffer.concat([CONTENT, CONTENT]));
    await put(join(target, ".."), "file.bin.vera-part.json", JSON.stringify({ url: `${base}/file`, tag: '"one"' }));
    await download(`${base}/file`, target, { checksum: MD5 });
    expect(content().equals(CONTENT)).toBe(true);
  });
  it("refuses a wrong checksum and removes the file", async () => {
    const wrong = { algorithm: "sha256", hex: "0".repeat(64) } as const;
    await expectDataError(
      () => download(`${base}/file`, target, { checksum: wrong }),
      /sha256 [0-9a-f]{64}, expected 0000/,
    );
    expect(existsSync(target) || existsSync(`${target}.vera-part`)).toBe(false);
  });
  it("reports a file that is not there, once", async () => {
    await expectDataError(() => download(`${base}/absent`, target), /the server answered 404 Not Found/);
    expect(requests.length).toBe(1);
  });
  it("reports a server that is not there", async () => {
    await new Promise((resolve) => server.close(resolve));
    await expectDataError(() => download(`${base}/file`, target, { attempts: 2 }), /broke off after 0 bytes/);
  });
});

describe("fetching sets", () => {
  const files = (...urls: string[]): Download[] => [
    { urls: urls.map((u) => base + u), path: "set/file.bin", checksum: MD5 },
  ];

  it("tries mirrors in turn, and does not fetch what is there and whole", async () => {
    const root = temporaryFolder();
    expect(await fetchFiles(files("/gone", "/file"), root)).toEqual([join(root, "set/file.bin")]);
    expect(requests.map((r) => r.status)).toEqual([404, 200]);
    await fetchFiles(files("/file"), root);
    expect(requests.length).toBe(2);
    await rm(join(root, "set/file.bin"));
    await expectDataError(() => fetchFiles(files("/gone", "/lost"), root), /gone.*404.*lost.*404/);
  });

  it("replaces no file that is there", async () => {
    const root = temporaryFolder();
    await put(root, "set/file.bin", "another");
    await put(root, "set/file.bin.part", "a browser's");
    await expectDataError(() => fetchFiles(files("/file"), root), /not the file as it was published; move it away/);
    expect(requests.length).toBe(0);
    expect(readFileSync(join(root, "set/file.bin"), "utf8")).toBe("another");
    expect(readFileSync(join(root, "set/file.bin.part"), "utf8")).toBe("a browser's");
  });

  it("explains what cannot be fetched, and fetches nothing for what is built in", async () => {
    await expectDataError(() => fetchDataset("celeba", "unused"), /cannot be fetched; .*Google Drive/);
    expect(await fetchDataset("digits", "unused")).toEqual([]);
  });
  it("puts files where the loaders look", () => {
    for (const { name, downloads, layouts } of DATASETS) {
      for (const { path } of downloads) {
        const places = layouts.flatMap(({ form, at, files: names }) =>
          form === "folder"
            ? at.flatMap((folder) => names.flatMap((f) => [`${folder}/${f}`, `${folder}/${f}.gz`]))
            : at,
        );
        expect(places, name).toContain(path);
      }
    }
  });
});
