/**
 * Pictures of new runs, asking and landscapes for docs/studio.md, of runs that it trains first by their presets:
 * npx tsx scripts/studio-ask-pictures.ts [FOLDER]
 * A folder that holds the runs already is taken as it is, so that pictures can be taken again.
 */
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { nodeEngine } from "../src/runtime/engine-node.js";
import { Rng, setDefaultEngine } from "../src/runtime/index.js";
import { StudioPages } from "../test/studio/pages.js";
import { trainRun } from "../test/studio/tiny-runs.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PATIENCE = 120_000;
/** Bytes of a picture that the repository takes. */
const MOST = 150_000;

/** Penguins that never were: two measures that go with the kind, one that does not, and a place. */
function penguins(n: number, seed: number): string {
  const rng = new Rng(seed);
  const kinds = ["Adelie", "Chinstrap", "Gentoo"];
  const islands = [
    ["Torgersen", "Biscoe", "Dream"],
    ["Dream", "Dream", "Dream"],
    ["Biscoe", "Biscoe", "Biscoe"],
  ];
  const rows = Array.from({ length: n }, (_, i) => {
    const k = i % 3;
    const bill = [38.8, 48.8, 47.5][k]! + 2.7 * rng.gaussian();
    const depth = [18.3, 18.4, 15.0][k]! + 1.1 * rng.gaussian();
    const flipper = Math.round([190, 196, 217][k]! + 6.5 * rng.gaussian());
    const mass =
      50 * Math.round(([3700, 3730, 5080][k]! + 35 * (flipper - [190, 196, 217][k]!) + 250 * rng.gaussian()) / 50);
    return [
      bill.toFixed(1),
      depth.toFixed(1),
      flipper,
      i % 41 === 7 ? "" : mass,
      islands[k]![rng.below(3)],
      kinds[k],
    ].join(",");
  });
  return `bill_mm,depth_mm,flipper_mm,mass_g,island,kind\n${rows.join("\n")}\n`;
}

async function trainAll(folder: string): Promise<void> {
  const at = (name: string) => join(folder, name);
  await writeFile(at("penguins.csv"), penguins(330, 1));
  await trainRun({ csv: at("penguins.csv"), label: "kind", jem: true, saveDir: at("penguins") });
  await trainRun({ saveDir: at("digits") }, "quickstart");
  await trainRun({ saveDir: at("rings"), saveEvery: 500 }, "toy-rings");
}

async function picture(page: Page, name: string): Promise<void> {
  const shot = await page.screenshot();
  for (const colours of [256, 128, 64, 32]) {
    const file = here(`../docs/images/studio-${name}.png`);
    await sharp(shot).png({ palette: true, colours, effort: 10, compressionLevel: 9 }).toFile(file);
    if ((await stat(file)).size <= MOST) return;
  }
  throw new Error(`${name} is too large`);
}

setDefaultEngine(nodeEngine({ threads: 1 }));
const runs = process.argv[2] ?? (await mkdtemp(join(tmpdir(), "vera-pictures-")));
if (!existsSync(join(runs, "rings", "config.json"))) {
  await mkdir(runs, { recursive: true });
  await trainAll(runs);
}
const pages = await StudioPages.start(
  (folder) => cp(runs, folder, { recursive: true }),
  [process.execPath, "--import", "tsx", here("../src/cli/main.ts")],
);
const ids = new Map<string, string>();
{
  const page = await pages.open("#/runs");
  const { runs } = await page.evaluate(async () => (await fetch("/api/runs")).json());
  for (const { id, name } of runs) ids.set(name, id);
  await page.context().close();
}

/** By name: the address, the window's height, and what is done before the picture is taken. */
const VIEWS: Readonly<
  Record<string, readonly [hash: string, height: number, before: (page: Page) => Promise<unknown>]>
> = {
  new: [
    "#/new",
    900,
    async (page) => {
      const buffer = await readFile(join(runs, "penguins.csv"));
      await page.getByLabel("Choose a table …").setInputFiles({ name: "penguins.csv", mimeType: "text/csv", buffer });
      await page.getByLabel("Column of classes").selectOption("kind");
      await page.getByLabel("Change another setting").fill("ema");
      await page.waitForTimeout(3000);
    },
  ],
  "ask-table": [
    `#/ask/${ids.get("penguins")}`,
    1290,
    async (page) => {
      await page.locator(".verdict").waitFor();
      await page.getByLabel("depth_mm", { exact: true }).fill("21.5");
      const table = `bill_mm,depth_mm,flipper_mm,mass_g,island,kind\n${penguins(60, 5).split("\n").slice(1, 40).join("\n")}\n38,18,190,5900,Dream,Adelie\n47,18.2,198,,Torgersen,Chinstrap\n`;
      await page.locator("#pasted").fill(table);
      await page.getByText("Score these rows").click();
      await page.locator(".scored-rows").waitFor();
      await page.waitForTimeout(1500);
    },
  ],
  "ask-picture": [
    `#/ask/${ids.get("digits")}`,
    800,
    async (page) => {
      const box = (await page.locator(".pad canvas").boundingBox())!;
      const to = (x: number, y: number): [number, number] => [box.x + x * box.width, box.y + y * box.height];
      const [first, ...rest] = [
        [0.36, 0.14],
        [0.6, 0.14],
        [0.62, 0.3],
        [0.47, 0.46],
        [0.62, 0.62],
        [0.58, 0.84],
        [0.34, 0.84],
      ] as const;
      await page.mouse.move(...to(...first));
      await page.mouse.down();
      for (const [x, y] of rest) await page.mouse.move(...to(x, y), { steps: 6 });
      await page.mouse.up();
      await page.locator(".verdict").waitFor();
      await page.waitForTimeout(2500);
    },
  ],
  landscape: [
    `#/landscape/${ids.get("rings")}`,
    930,
    async (page) => {
      await page.locator(".map").waitFor();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByLabel("Step of the chains").fill("12");
    },
  ],
  "landscape-plane": [
    `#/landscape/${ids.get("digits")}`,
    930,
    async (page) => {
      await page.getByText("Which plane").waitFor();
      for (const k of [1, 2, 5]) await page.getByRole("button", { name: `picture ${k}`, exact: true }).click();
      await page.getByText("The density is computed").waitFor({ state: "hidden" });
      await page.waitForTimeout(2000);
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByLabel("Step of the chains").fill("3");
    },
  ],
};

for (const [name, [hash, height, before]] of Object.entries(VIEWS)) {
  for (const theme of ["light", "dark"] as const) {
    const page = await pages.open(hash, { theme, width: 1180, height });
    page.setDefaultTimeout(PATIENCE);
    await before(page);
    await page.evaluate(() => scrollTo(0, 0));
    await page.mouse.move(0, 0);
    await page.waitForTimeout(300);
    await picture(page, theme === "light" ? name : `${name}-dark`);
    await page.context().close();
  }
}
await pages.close();
process.exit(0);
