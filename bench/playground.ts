/**
 * How long the playground takes to learn 8gaussians to within 0.1 nats of its entropy, in Chromium, as the page is opened:
 *
 *   npx tsx bench/playground.ts [METHODS, such as vera or vera,sgld,ssm,ed]
 *   npx tsx bench/playground.ts iterations
 *
 * The second form tells, of the same runs in Node, the iterations that each method needs, and its processor time for one.
 *
 * The page's own numbers are read. Wall time depends on what else the machine does, so the processor time of Chromium is told beside it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { ENTROPIES } from "../pages/playground/plane/entropies.js";
import { DEFAULTS, METHODS } from "../pages/playground/settings/settings.js";
import { beginRun } from "../pages/playground/train/run.js";
import { nodeEngine } from "../src/runtime/engine-node.js";
import { setDefaultEngine } from "../src/web.js";
import { openBrowser } from "../test/engines/browser.js";
import { startSite } from "../test/pages/site.js";

const WITHIN = 0.1;
const MOST_SECONDS = 300;
const MOST_ITERATIONS = 2000;
const TICK = 1 / 100;

/** Processor seconds of a process and all that it started. */
function processorSeconds(root: number): number {
  const stats = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]!.split(" ");
        return [{ pid: Number(name), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
      } catch {
        return []; // it ended meanwhile
      }
    });
  const inside = new Set([root]);
  for (let before = 0; before < inside.size; ) {
    before = inside.size;
    for (const { pid, parent } of stats) if (inside.has(parent)) inside.add(pid);
  }
  return TICK * stats.filter(({ pid }) => inside.has(pid)).reduce((total, { ticks }) => total + ticks, 0);
}

/** Native, one thread: the runs are the page's. */
async function iterations(): Promise<void> {
  setDefaultEngine(nodeEngine({ threads: 1 }));
  for (const method of METHODS) {
    const run = await beginRun(method, DEFAULTS);
    await run.advance(0); // compiles
    let [needed, iteration] = [Number.NaN, 0];
    let used = 0;
    while (iteration < MOST_ITERATIONS && Number.isNaN(needed)) {
      const before = process.cpuUsage();
      for (let k = 0; k < 5; k++) await run.advance(0);
      const { user, system } = process.cpuUsage(before);
      used += (user + system) / 1000;
      const frame = await run.frame();
      iteration = frame.iteration;
      if (frame.nll <= ENTROPIES["8gaussians"] + WITHIN) needed = iteration;
    }
    await run.release();
    console.log(`${method}: ${needed} iterations, ${(used / (iteration - 10)).toFixed(1)} ms of a core each`);
  }
}

if (process.argv[2] === "iterations") {
  await iterations();
  process.exit();
}

const methods = process.argv[2] ?? "vera,sgld,ssm,ed";
const site = await startSite();
const { browser, pid } = await openBrowser();
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
page.setDefaultTimeout(120_000);
const opened = performance.now();
await page.goto(`${site.origin}/playground/#/plane?methods=${methods}`);
const start = page.getByRole("button", { name: "Start training" });
await start.waitFor();
await page.waitForFunction(() => !document.querySelector<HTMLButtonElement>("button.primary")?.disabled);
console.log(
  `${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}; ready after ${((performance.now() - opened) / 1000).toFixed(1)} s`,
);
const [began, used] = [performance.now(), processorSeconds(pid)];
await start.click();
for (let seconds = 0; seconds < MOST_SECONDS; ) {
  await page.waitForTimeout(500);
  seconds = (performance.now() - began) / 1000;
  const cards = await page.locator(".method").allInnerTexts();
  const iteration = await page.locator(".timeline b").innerText();
  const gap = /\((.)([\d.]+)\)/.exec(cards[0]!);
  if (gap !== null && (gap[1] === "−" || Number(gap[2]) <= WITHIN)) {
    const spent = processorSeconds(pid) - used;
    console.log(
      `${methods}: within ${WITHIN} nats after ${seconds.toFixed(1)} s, ${spent.toFixed(1)} s of a core, at most iteration ${iteration}`,
    );
    console.log(cards.map((card) => card.replaceAll("\n", " ")).join("\n"));
    break;
  }
}
await browser.close();
await site.close();
