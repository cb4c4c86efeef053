/**
 * How quick the studio's page is with 1,000 runs of 100 metrics each: `npm run bench:studio`.
 *
 * In Debian's Chromium without a window or a graphics card, on this machine: opening until the first rows are there, of five visits of new
 * browsers' profiles; frames while the table is scrolled by 40 pixels a frame, down and to the side; what the first view loads.
 */
import type { Page } from "playwright-core";
import { StudioPages } from "../test/studio/pages.js";
import { writeManyRuns } from "../test/studio/synthetic-runs.js";

const RUNS = 1000;
const METRICS = 100;
const VISITS = 5;
const SCROLL_MS = 4000;

interface Scrolled {
  /** Milliseconds between frames. */
  readonly intervals: readonly number[];
  /** Milliseconds that the page's main thread computed for a frame: what other programs of the machine take is not in it. */
  readonly work: number;
}

/** The table scrolls by itself. */
async function scroll(page: Page, by: { readonly x: number; readonly y: number }): Promise<Scrolled> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async (): Promise<number> => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN);
  };
  const before = await busy();
  const intervals = await frames(page, by);
  return { intervals, work: ((await busy()) - before) / intervals.length };
}

function frames(page: Page, by: { readonly x: number; readonly y: number }): Promise<number[]> {
  return page.evaluate(
    ({ x, y, time }) =>
      new Promise<number[]>((done) => {
        const table = document.querySelector(".runs-scroller")!;
        table.scrollTo(0, 0);
        const intervals: number[] = [];
        const began = performance.now();
        let last = began;
        const frame = (now: number): void => {
          intervals.push(now - last);
          last = now;
          table.scrollBy(x, y);
          if (now - began < time) requestAnimationFrame(frame);
          else done(intervals.slice(1));
        };
        requestAnimationFrame(frame);
      }),
    { ...by, time: SCROLL_MS },
  );
}

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
const quantile = (values: readonly number[], q: number): number => sorted(values)[Math.floor(q * (values.length - 1))]!;

function tellFrames(what: string, { intervals, work }: Scrolled): void {
  const rate = (1000 * intervals.length) / intervals.reduce((sum, v) => sum + v, 0);
  console.log(
    `${what}: ${rate.toFixed(1)} frames/s, 95 % of frames within ${quantile(intervals, 0.95).toFixed(1)} ms, the longest ${Math.max(...intervals).toFixed(1)}; ${work.toFixed(1)} ms of work for a frame`,
  );
}

const pages = await StudioPages.start((folder) => writeManyRuns(folder, { runs: RUNS, metrics: METRICS, lines: 100 }));
try {
  const times: number[] = [];
  let page: Page | null = null;
  for (let visit = 0; visit < VISITS; visit++) {
    await page?.context().close();
    page = await pages.open("");
    await page.locator(".runs-body tr").nth(10).waitFor();
    times.push(await page.evaluate(() => performance.now()));
  }
  await page!.evaluate("globalThis.__name = (f) => f"); // what tsx puts around functions that are sent to the page
  console.log(`${RUNS} runs of ${METRICS} metrics: rows after ${times.map((t) => t.toFixed(0)).join(", ")} ms`);
  console.log(`median ${quantile(times, 0.5).toFixed(0)} ms; the first visit reads all runs`);
  const loaded = await page!.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .filter((entry): entry is PerformanceResourceTiming => entry instanceof PerformanceResourceTiming)
      .map(({ name, decodedBodySize, duration }) => ({ name, decodedBodySize, duration })),
  );
  const code = loaded.filter(({ name }) => !name.includes("/api/"));
  const list = loaded.find(({ name }) => name.includes("/api/runs?"));
  console.log(
    `the first view loads ${(code.reduce((sum, e) => sum + e.decodedBodySize, 0) / 1e3).toFixed(0)} kB of script, style and picture, uncompressed`,
  );
  console.log(
    `the list of runs: ${((list?.decodedBodySize ?? 0) / 1e6).toFixed(2)} MB in ${list?.duration.toFixed(0)} ms`,
  );
  tellFrames("scrolled down", await scroll(page!, { x: 0, y: 40 }));
  await page!.getByRole("button", { name: "Columns …" }).click();
  await page!.getByLabel("Search columns").fill("metric_");
  for (const box of (await page!.getByLabel(/^last of/).all()).slice(0, 60)) await box.check();
  await page!.getByRole("button", { name: "Done", exact: true }).click();
  tellFrames("with 60 metrics as columns, down", await scroll(page!, { x: 0, y: 40 }));
  tellFrames("and to the side", await scroll(page!, { x: 30, y: 0 }));
} finally {
  await pages.close();
}
