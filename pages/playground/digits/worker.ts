/** The worker of the digits: takes orders, sends news. */
import { setDefaultEngine, webEngine } from "../../../src/web.js";
import { type DigitsNews, type DigitsOrder, ENOUGH } from "./protocol.js";
import { beginDigits, type DigitsRun } from "./run.js";

let run: DigitsRun | null = null;
let running = false;
let looping = false;
/** Orders are carried out one after another. */
let last: Promise<void> = Promise.resolve();

const tell = (news: DigitsNews): void => postMessage(news);

async function carryOut(order: DigitsOrder): Promise<void> {
  if (order.kind === "begin") {
    const { provider, threads, files } = order.engine;
    setDefaultEngine(webEngine({ provider, threads, wasmPaths: files }));
    run = await beginDigits(order.file, order.seed);
    tell({ kind: "ready", examples: run.examples });
    tell({ kind: "progress", progress: await run.progress() });
  } else if (order.kind === "ask" && run !== null) tell({ kind: "answer", answer: await run.answer(order.pixels) });
  else if (order.kind === "run" && !looping) void loop();
}

async function loop(): Promise<void> {
  looping = true;
  while (running && run !== null) {
    const current = run;
    await enqueue(async () => {
      if (!running) return;
      await current.advance();
      const progress = await current.progress();
      if (progress.iteration === ENOUGH) running = false;
      tell({ kind: "progress", progress });
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

addEventListener("message", ({ data: order }: MessageEvent<DigitsOrder>) => {
  if (order.kind === "run" || order.kind === "pause") running = order.kind === "run";
  void enqueue(() => carryOut(order));
});
