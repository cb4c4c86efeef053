/** A studio over a folder, and requests to it just as they are written: clients for people tidy addresses and headers up. */
import { type IncomingHttpHeaders, request } from "node:http";
import { join } from "node:path";
import { type Studio, startStudio } from "../../src/studio/index.js";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  /** Null leaves one out that would be sent. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string | Buffer;
}

export interface Served {
  readonly studio: Studio;
  /** As the page does, but for what is given otherwise. */
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** JSON in and out. @throws where the status is an error */
  json(method: string, path: string, body?: unknown): Promise<unknown>;
}

export async function serve(
  folders: readonly string[],
  program: readonly string[] = [process.execPath, "-e", ""],
  pages: string | null = null,
): Promise<Served> {
  const studio = await startStudio({ folders, port: 0, pages, program, state: join(folders[0]!, ".state") });
  const { port, cookie } = studio;
  const ask = (path: string, { method = "GET", headers = {}, body }: Asked = {}): Promise<Answer> => {
    const own: Record<string, string | null> = {
      host: `127.0.0.1:${port}`,
      origin: method === "GET" ? null : `http://127.0.0.1:${port}`,
      cookie: `${cookie.name}=${cookie.value}`,
      ...(body !== undefined && {
        "content-type": "application/json",
        "content-length": String(Buffer.byteLength(body)),
      }),
      ...headers,
    };
    const sent = Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== null);
    return new Promise((resolve, reject) => {
      const asking = request({
        host: "127.0.0.1",
        port,
        path,
        method,
        headers: Object.fromEntries(sent),
        setHost: false,
      });
      asking.on("error", reject);
      asking.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      asking.end(body);
    });
  };
  return {
    studio,
    ask,
    async json(method, path, body) {
      const { status, text } = await ask(path, {
        method,
        ...(method !== "GET" && { body: JSON.stringify(body ?? {}) }),
      });
      if (status >= 400) throw new Error(`${status}: ${text}`);
      return JSON.parse(text) as unknown;
    },
  };
}
