/** The worker of one method: takes orders, sends news. */
import { setDefaultEngine, webEngine } from "../../../src/web.js";
import type { News, Order } from "./protocol.js";
import { beginRun, type Run } from "./run.js";
import { Work } from "./work.js";

/** Between frames: often enough to look alive, rarely enough to leave the time to training. */
const FRAME_EVERY = 400;

let run: Run | null = null;
const work = new Work((why) => tell({ kind: "failed", why }));

const tell = (news: News): void => {
  const frame = news.kind === "frame" ? news.frame : null;
  postMessage(news, { transfer: frame === null ? [] : [frame.logDensity.buffer, frame.samples.buffer] });
};

async function carryOut(order: Order): Promise<void> {
  if (order.kind === "begin") {
    const { provider, threads, files } = order.engine;
    const engine = webEngine({ provider, threads, wasmPaths: files });
    setDefaultEngine(engine);
    run = await beginRun(order.method, order.settings);
    tell({ kind: "ready", engine: engine.description, data: run.data });
    tell({ kind: "frame", frame: await run.frame() });
    return;
  }
  const begun = run;
  if (begun === null || order.kind === "pause") return;
  if (order.kind === "step") {
    tell({ kind: "parts", parts: await begun.step() });
    tell({ kind: "frame", frame: await begun.frame() });
    return;
  }
  void work.loop(async () => {
    await begun.advance(FRAME_EVERY);
    tell({ kind: "frame", frame: await begun.frame() });
  });
}

addEventListener("message", ({ data: order }: MessageEvent<Order>) => {
  if (order.kind === "run" && work.running) return;
  work.running = order.kind === "run";
  void work.enqueue(() => carryOut(order));
});
