/** The runs of a page, one worker each, and what they have told so far. */
import type { Method, Settings } from "../settings/settings.js";
import type { EngineChoice, Frame, News, Order, Parts } from "../train/protocol.js";
import { kept } from "./history.js";

export interface Told {
  readonly state: "loading" | "ready" | "failed";
  /** What the engine says of itself. */
  readonly engine: string;
  readonly why: string;
  readonly data: Float32Array;
  readonly frames: readonly Frame[];
  /** NLL by iteration. */
  readonly curve: readonly { readonly iteration: number; readonly nll: number }[];
  readonly parts: Parts | null;
}

const NOTHING: Told = {
  state: "loading",
  engine: "",
  why: "",
  data: new Float32Array(0),
  frames: [],
  curve: [],
  parts: null,
};

/** Points of a curve kept at most. */
const CURVE = 1000;

interface Entry {
  readonly worker: Worker;
  told: Told;
}

export class Runs {
  private readonly entries = new Map<Method, Entry>();

  constructor(private readonly changed: () => void) {}

  told(method: Method): Told {
    return this.entries.get(method)?.told ?? NOTHING;
  }

  /** Begins the methods of settings that are not there yet, and ends the others. */
  begin(settings: Settings): void {
    for (const method of this.entries.keys()) if (!settings.methods.includes(method)) this.end(method);
    for (const method of settings.methods) if (!this.entries.has(method)) this.start(method, settings);
  }

  order(methods: readonly Method[], order: Order): void {
    for (const method of methods) this.entries.get(method)?.worker.postMessage(order);
  }

  /** Forgets an iteration that was taken apart. */
  forgetParts(): void {
    for (const entry of this.entries.values()) entry.told = { ...entry.told, parts: null };
    this.changed();
  }

  end(method: Method): void {
    this.entries.get(method)?.worker.terminate();
    this.entries.delete(method);
  }

  endAll(): void {
    for (const method of [...this.entries.keys()]) this.end(method);
  }

  private start(method: Method, settings: Settings): void {
    const worker = new Worker(new URL("../train/worker.ts", import.meta.url), { type: "module", name: method });
    const entry: Entry = { worker, told: NOTHING };
    this.entries.set(method, entry);
    worker.addEventListener("message", ({ data }: MessageEvent<News>) => {
      entry.told = after(entry.told, data);
      this.changed();
    });
    worker.addEventListener("error", ({ message }) => {
      entry.told = { ...entry.told, state: "failed", why: message || "the worker did not start" };
      this.changed();
    });
    const engine = engineChoice(settings);
    worker.postMessage({ kind: "begin", method, settings, engine } satisfies Order);
  }
}

/** What was told, after news. */
export function after(told: Told, news: News): Told {
  switch (news.kind) {
    case "ready":
      return { ...told, state: "ready", engine: news.engine, data: news.data };
    case "frame": {
      const { iteration, nll } = news.frame;
      return { ...told, frames: kept(told.frames, news.frame), curve: kept(told.curve, { iteration, nll }, CURVE) };
    }
    case "parts":
      return { ...told, parts: news.parts };
    case "failed":
      return { ...told, state: "failed", why: news.why };
  }
}

/** One core is left to the page; small networks gain little from more than two threads. */
export function engineChoice({ engine: provider, methods }: Pick<Settings, "engine" | "methods">): EngineChoice {
  const share = Math.floor(((navigator.hardwareConcurrency || 1) - 1) / methods.length);
  const threads = crossOriginIsolated ? Math.max(1, Math.min(2, share)) : 1;
  return { provider, threads, files: new URL("../engine/", location.href).href };
}
