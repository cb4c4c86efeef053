/**
 * Who is let in, and what a page may do.
 *
 * The server is for whoever started it. Every web page in the same browser can send requests to it, a host name can be made to mean
 * 127.0.0.1 (DNS rebinding), and other users of the machine can connect. So a request must name this server as its host, come from its own
 * page where the browser says where from, and carry a cookie that is had by the address with the token alone. Pages of other ports are the
 * same site to a browser, and share its cookies: SameSite does not keep them out, `Sec-Fetch-Site` and `Origin` do.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import cookies from "@fastify/cookie";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { RequestError } from "./errors.js";

/** Where the token is had for the cookie. */
const ENTRY = "/enter";

const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "img-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  // Isolated pages may have shared memory, which threads of WebAssembly need.
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

const secret = (): string => randomBytes(32).toString("base64url");

const same = (given: string | undefined, wanted: string): boolean => {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
};

const isRead = (method: string): boolean => method === "GET" || method === "HEAD";

export class Guard {
  private readonly token = secret();
  /** What the cookie holds: another secret than the token, which stands in a terminal. */
  private readonly session = secret();

  /** @param port that the server listens on, once it does */
  constructor(private readonly port: () => number) {}

  /** The address that lets a browser in. */
  get address(): string {
    return `http://127.0.0.1:${this.port()}${ENTRY}?token=${this.token}`;
  }

  /** Cookies do not tell ports apart: two studios on a machine have cookies of their own. */
  get cookie(): { readonly name: string; readonly value: string } {
    return { name: `vera-studio-${this.port()}`, value: this.session };
  }

  async protect(app: FastifyInstance): Promise<void> {
    await app.register(cookies);
    app.addHook("onRequest", async (request, reply) => {
      reply.headers(HEADERS);
      this.checkHost(request);
      this.checkOrigin(request);
      if (pathOf(request) !== ENTRY && !same(request.cookies[this.cookie.name], this.cookie.value))
        throw new RequestError(401, "open the address that vera studio has printed: it lets this browser in");
    });
    app.get<{ Querystring: { readonly token?: string } }>(ENTRY, async ({ query }, reply) => {
      if (typeof query.token !== "string" || !same(query.token, this.token))
        throw new RequestError(401, "this is not the token of this studio: vera studio has printed the address anew");
      const { name, value } = this.cookie;
      reply.setCookie(name, value, { httpOnly: true, sameSite: "strict", path: "/" });
      // No redirect: one that follows a link of another site would be without the cookie.
      return reply
        .type("text/html; charset=utf-8")
        .send('<!doctype html><meta http-equiv="refresh" content="0;url=/studio/"><title>vera studio</title>');
    });
  }

  private get hosts(): readonly string[] {
    return ["127.0.0.1", "localhost"].map((name) => `${name}:${this.port()}`);
  }

  private checkHost({ headers }: FastifyRequest): void {
    if (headers.host === undefined || !this.hosts.includes(headers.host))
      throw new RequestError(403, `this server is ${this.hosts.join(" or ")}, and answers to no other name`);
  }

  private checkOrigin({ headers, method }: FastifyRequest): void {
    const { origin } = headers;
    const site = headers["sec-fetch-site"];
    const goesThere = headers["sec-fetch-mode"] === "navigate" && isRead(method);
    const own = origin === `http://${headers.host}`;
    const foreign = origin !== undefined ? !own : !isRead(method);
    if (foreign || (site !== undefined && site !== "same-origin" && site !== "none" && !goesThere))
      throw new RequestError(403, "only the studio's own page may ask for this");
  }
}

/** Of an address as it was sent: the router's own reading of it may be another. */
const pathOf = ({ raw }: FastifyRequest): string => (raw.url ?? "").split("?", 1)[0]!;
