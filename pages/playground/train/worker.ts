/** The worker of one method: takes orders, sends news. */
import { setDefaultEngine, webEngine } from "../../../src/web.js";
import type { News, Order } from "./protocol.js";
import { beginRun, type Run } from "./run.js";

/** Between frames: often enough to look alive, rarely enough to leave the time to training. */
const FRAME_EVERY = 400;

let run: Run | null = null;
let running = false;
let looping = false;
/** Orders are carried out one after another. */
let last: Promise<void> = Promise.resolve();

const tell = (news: News): void => {
  const frame = news.kind === "frame" ? news.frame : null;
  postMessage(news, { transfer: frame === null ? [] : [frame.logDensity.buffer, frame.samples.buffer] });
};

async function carryOut(order: Order): Promise<void> {
  switch (order.kind) {
    case "begin": {
      const { provider, threads, files } = order.engine;
      const engine = webEngine({ provider, threads, wasmPaths: files });
      setDefaultEngine(engine);
      run = await beginRun(order.method, order.settings);
      tell({ kind: "ready", engine: engine.description, data: run.data });
      tell({ kind: "frame", frame: await run.frame() });
      return;
    }
    case "run":
      if (!looping) void loop();
      return;
    case "step":
      if (run === null) return;
      tell({ kind: "parts", parts: await run.step() });
      tell({ kind: "frame", frame: await run.frame() });
      return;
    case "pause":
      return;
  }
}

async function loop(): Promise<void> {
  looping = true;
  while (running && run !== null) {
    const current = run;
    await enqueue(async () => {
      if (!running) return;
      await current.advance(FRAME_EVERY);
      tell({ kind: "frame", frame: await current.frame() });
    });
    // Orders come in between: the engine's promises alone do not let them.
    await new Promise((resolve) => setTimeout(resolve));
  }
  looping = false;
}

function enqueue(work: () => Promise<void>): Promise<void> {
  last = last.then(work).catch((error: unknown) => {
    running = false;
    tell({ kind: "failed", why: error instanceof Error ? error.message : String(error) });
  });
  return last;
}

addEventListener("message", ({ data: order }: MessageEvent<Order>) => {
  if (order.kind === "run" && running) return;
  running = order.kind === "run";
  void enqueue(() => carryOut(order));
});
