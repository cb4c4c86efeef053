/**
 * Tells pages which runs have changed (server-sent events).
 *
 * Folders are looked at again and again while a page listens: a thousand of them would be as many handles for the system to watch, and
 * what is on other machines' disks cannot be watched. A look takes a part of the time at most.
 */
import type { ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import type { Change } from "./api.js";
import type { Catalogue } from "./runs/catalogue.js";

const EVERY = 1000;
/** The pause after a look is this many times as long as it took. */
const REST = 5;
/** A line now and then keeps the connection, and shows which pages are gone. */
const ALIVE = 20_000;

export class Events {
  private readonly pages = new Set<ServerResponse>();
  private timer: NodeJS.Timeout | null = null;
  private seen: ReadonlyMap<string, number> | null = null;
  private aliveAt = 0;

  constructor(private readonly catalogue: Catalogue) {}

  routes(app: FastifyInstance): void {
    app.get("/api/events", (request, reply) => {
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) reply.raw.setHeader(name, value);
      reply.raw.writeHead(200, { "content-type": "text/event-stream", "x-accel-buffering": "no" });
      reply.raw.write("retry: 2000\n\n");
      this.pages.add(reply.raw);
      request.raw.on("close", () => this.pages.delete(reply.raw));
      if (this.timer === null) this.schedule(0);
    });
  }

  /** At once, to all pages. */
  tell(change: Change): void {
    for (const page of this.pages) page.write(`data: ${JSON.stringify(change)}\n\n`);
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    for (const page of this.pages) page.end();
    this.pages.clear();
  }

  private schedule(wait: number): void {
    this.timer = setTimeout(() => void this.look(), wait).unref();
  }

  private async look(): Promise<void> {
    const began = Date.now();
    await this.catalogue.refresh().catch(() => undefined);
    const now = this.catalogue.versions;
    const change = this.seen && difference(this.seen, now);
    this.seen = now;
    if (change !== null) this.tell(change);
    if (began - this.aliveAt > ALIVE) {
      this.aliveAt = began;
      for (const page of this.pages) page.write(": here\n\n");
    }
    if (this.timer === null) return; // closed meanwhile
    if (this.pages.size > 0) this.schedule(Math.max(EVERY, REST * (Date.now() - began)));
    else [this.timer, this.seen] = [null, null];
  }
}

/** Null where there is none. */
function difference(former: ReadonlyMap<string, number>, now: ReadonlyMap<string, number>): Change | null {
  const gone = [...former.keys()].filter((id) => !now.has(id));
  const changed = [...now].filter(([id, version]) => former.get(id) !== version).map(([id]) => id);
  const list = gone.length > 0 || changed.some((id) => !former.has(id));
  return gone.length + changed.length === 0 ? null : { runs: [...changed, ...gone], list };
}
