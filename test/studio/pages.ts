/** The studio's pages as a browser shows them, of a real server with runs in a temporary folder. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { type Studio, startStudio } from "../../src/studio/index.js";
import { startChromium } from "../engines/browser.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export interface Look {
  readonly theme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
}

export class StudioPages {
  /** What pages said went wrong: errors of scripts, and what their security policy refused. */
  readonly problems: string[] = [];

  private constructor(
    /** With the runs. */
    readonly folder: string,
    private readonly temporary: readonly string[],
    private readonly browser: Browser,
    private readonly studio: Studio,
  ) {}

  /**
   * @param write puts runs into the folder that is served, which is removed at the end
   * @param program that trains; default none that does
   */
  static async start(
    write: (folder: string) => Promise<void>,
    program: readonly string[] = [process.execPath, "--version"],
  ): Promise<StudioPages> {
    const folder = await mkdtemp(join(tmpdir(), "vera-studio-"));
    await write(folder);
    return StudioPages.serving(folder, [folder], program);
  }

  /** Of a folder that stays; the pages are built for it. */
  static async serving(
    folder: string,
    temporary: readonly string[] = [],
    program: readonly string[] = [process.execPath, "--version"],
  ): Promise<StudioPages> {
    const built = await mkdtemp(join(tmpdir(), "vera-pages-"));
    await build({
      configFile: here("../../pages/vite.config.ts"),
      logLevel: "error",
      build: { outDir: built, emptyOutDir: true, chunkSizeWarningLimit: 1000 },
    });
    const state = join(built, ".state");
    const studio = await startStudio({ folders: [folder], port: 0, pages: built, program, state });
    return new StudioPages(folder, [...temporary, built], await startChromium(), studio);
  }

  /** A page of its own, let in, at an address behind the #. */
  async open(hash: string, { theme = "light", width = 1280, height = 800 }: Look = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      acceptDownloads: true,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on("pageerror", (error) => this.problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" && !message.location().url.endsWith("favicon.ico"))
        this.problems.push(message.text());
    });
    await page.goto(this.studio.address);
    await page.waitForURL(/\/studio\/$/);
    await page.goto(`http://127.0.0.1:${this.studio.port}/studio/${hash}`);
    return page;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.studio.close();
    for (const folder of this.temporary) await rm(folder, { recursive: true, force: true });
  }
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What axe-core finds serious or critical, a line for each place. */
export async function axeProblems(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(here("../../node_modules/axe-core/axe.min.js"), "utf8"));
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary ?? ""}`),
    );
}

/** How many pixels of the page lie beyond the window's right edge. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
