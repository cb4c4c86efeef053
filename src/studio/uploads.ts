/** Files that a page gives to the studio: streamed to a folder of its own, within bounds, and gone with it unless they are kept. */
import { createWriteStream } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { FastifyInstance } from "fastify";
import { makeFolder } from "../files/index.js";
import type { Uploaded } from "./api.js";
import { notFound, RequestError } from "./errors.js";
import type { TemporaryFolder } from "./temporary.js";

export interface Upload extends Uploaded {
  readonly path: string;
}

export interface UploadBounds {
  /** Bytes of a file, and of all together. */
  readonly file: number;
  readonly all: number;
}

const BOUNDS: UploadBounds = { file: 2 ** 30, all: 2 ** 32 };

export class Uploads {
  private readonly uploads = new Map<string, Upload>();
  /** Bytes, those that are coming in included. */
  private held = 0;

  /** @param keeping folder of those that are kept */
  constructor(
    private readonly temporary: TemporaryFolder,
    private readonly keeping: string,
    private readonly bounds: UploadBounds = BOUNDS,
  ) {}

  routes(app: FastifyInstance): void {
    app.addContentTypeParser("application/octet-stream", (_, payload, done) => done(null, payload));
    app.post<{ Querystring: { readonly name?: unknown }; Body: Readable }>("/api/uploads", async ({ query, body }) => {
      const { id, name, bytes } = await this.receive(body, typeof query.name === "string" ? query.name : "file");
      const uploaded: Uploaded = { id, name, bytes };
      return uploaded;
    });
    app.delete<{ Params: { readonly id: string } }>("/api/uploads/:id", async ({ params }) => {
      await this.remove(params.id);
      return {};
    });
  }

  /** @throws RequestError where it is larger than it may be */
  async receive(stream: Readable, name: string): Promise<Upload> {
    const { id, path: below } = await this.temporary.folder();
    const safe = safeName(name);
    const path = join(below, safe);
    let bytes = 0;
    const bounded = new Transform({
      transform: (chunk: Buffer, _, done) => {
        bytes += chunk.length;
        this.held += chunk.length;
        if (bytes > this.bounds.file) done(tooLarge(`${safe} is`, this.bounds.file));
        else if (this.held > this.bounds.all) done(tooLarge("the files given so far are", this.bounds.all));
        else done(null, chunk);
      },
    });
    try {
      await pipeline(stream, bounded, createWriteStream(path, { flags: "wx" }));
    } catch (cause) {
      this.held -= bytes;
      await rm(below, { recursive: true, force: true });
      throw cause;
    }
    const upload = { id, name: safe, bytes, path };
    this.uploads.set(id, upload);
    return upload;
  }

  /** @throws RequestError where there is none */
  find(id: string): Upload {
    const upload = this.uploads.get(id);
    if (upload === undefined) throw notFound("such file: it was given to a studio that has ended; give it again");
    return upload;
  }

  /** Copies a file to where it outlasts the studio: a run that is resumed reads its data again. @returns its path there */
  async keep(id: string): Promise<string> {
    const { path, name } = this.find(id);
    const folder = join(this.keeping, id);
    await makeFolder(folder);
    await copyFile(path, join(folder, name));
    return join(folder, name);
  }

  async remove(id: string): Promise<void> {
    const { path, bytes } = this.find(id);
    this.uploads.delete(id);
    this.held -= bytes;
    await rm(join(path, ".."), { recursive: true, force: true });
  }
}

const tooLarge = (what: string, most: number): RequestError =>
  new RequestError(413, `${what} larger than ${Math.floor(most / 2 ** 20)} MiB: name the file by its path instead`);

/** A file name without folders, that needs no care; its ending says what the file is. */
function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const safe = last.replace(/[^\p{L}\p{N}._ -]/gu, "_").replace(/^[.\s-]+/, "");
  return safe.slice(-100) || "file";
}
