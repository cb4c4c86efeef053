/** The worker of the digits: takes orders, sends news. */
import { setDefaultEngine, webEngine } from "../../../src/web.js";
import { Work } from "../train/work.js";
import { type DigitsNews, type DigitsOrder, ENOUGH } from "./protocol.js";
import { beginDigits, type DigitsRun } from "./run.js";

let run: DigitsRun | null = null;
const work = new Work((why) => tell({ kind: "failed", why }));

const tell = (news: DigitsNews): void => postMessage(news);

async function carryOut(order: DigitsOrder): Promise<void> {
  if (order.kind === "begin") {
    const { provider, threads, files } = order.engine;
    setDefaultEngine(webEngine({ provider, threads, wasmPaths: files }));
    run = await beginDigits(order.file, order.seed);
    tell({ kind: "ready", examples: run.examples });
    tell({ kind: "progress", progress: await run.progress() });
    return;
  }
  const begun = run;
  if (begun === null || order.kind === "pause") return;
  if (order.kind === "ask") {
    tell({ kind: "answer", answer: await begun.answer(order.pixels) });
    return;
  }
  void work.loop(async () => {
    await begun.advance();
    const progress = await begun.progress();
    if (progress.iteration === ENOUGH) work.running = false;
    tell({ kind: "progress", progress });
  });
}

addEventListener("message", ({ data: order }: MessageEvent<DigitsOrder>) => {
  if (order.kind === "run" || order.kind === "pause") work.running = order.kind === "run";
  void work.enqueue(() => carryOut(order));
});
