/**
 * Pictures of the studio's views of runs, for docs/studio.md: `npm run docs:studio-runs`.
 *
 *   npx tsx scripts/studio-run-pictures.ts [FOLDER] [--width 1280]
 *
 * Runs that FOLDER (runs of a folder for temporary files by default) lacks are trained first, which takes some minutes; another one trains
 * meanwhile. Then a browser goes through the views: light, dark and on a phone's screen.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { type Look, StudioPages } from "../test/studio/pages.js";

const PROGRAM = fileURLToPath(new URL("../src/cli/main.ts", import.meta.url));
const IMAGES = fileURLToPath(new URL("../docs/images/", import.meta.url));

const TOY = ["--h-layers", "3", "--n-iters", "600", "--viz-every", "100", "--eval-every", "100"];
const DIGITS = ["--preset", "quickstart", "--n-iters", "250", "--viz-every", "50", "--eval-every", "50"];
const moons = (seed: number, ...more: string[]): string[] => [
  "--preset",
  "toy-moons",
  ...TOY,
  "--seed",
  String(seed),
  ...more,
];

/** Small ones, of some seconds to a minute each. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  "digits/quickstart": DIGITS,
  "digits/no-penalty": [...DIGITS, "--pg-control", "0"],
  "digits/too-fast": [...DIGITS, "--pg-control", "0", "--lr", "0.04", "--glr", "0.04"],
  "8gaussians/vera": ["--preset", "toy-8gaussians", ...TOY],
  "moons/vera-seed-1": moons(1),
  "moons/vera-seed-2": moons(2),
  "moons/vera-seed-3": moons(3),
  "moons/fast-seed-1": moons(1, "--lr", "0.01"),
  "moons/fast-seed-2": moons(2, "--lr", "0.01"),
  "pumps/table": [
    "--csv",
    "pumps.csv",
    "--label",
    "state",
    "--n-iters",
    "300",
    "--viz-every",
    "100",
    "--eval-every",
    "50",
  ],
};
/** One that is still training. */
const LIVE = [
  "moons/live",
  ["--preset", "toy-moons", "--n-iters", "20000", "--viz-every", "100", "--eval-every", "100"],
] as const;
const TAGS: Readonly<Record<string, readonly string[]>> = {
  "moons/vera-seed-1": ["paper"],
  "moons/vera-seed-2": ["paper"],
  "moons/vera-seed-3": ["paper"],
  "digits/too-fast": ["example"],
};

const train = (folder: string, name: string, flags: readonly string[]): ChildProcess =>
  spawn(
    process.execPath,
    [
      ...process.execArgv, // tsx
      PROGRAM,
      "train",
      ...flags,
      "--print-every",
      "10",
      "--threads",
      "1",
      "--save-dir",
      join(folder, name),
    ],
    { stdio: ["ignore", "ignore", "inherit"], cwd: dirname(folder) },
  );

const ended = (child: ChildProcess): Promise<void> => new Promise((done) => child.once("exit", () => done()));

/** Readings of pumps, some of which run hot. */
function pumps(): string {
  const rows = ["temperature,pressure,flow,valve,state"];
  for (let i = 0; i < 900; i++) {
    const wave = (k: number): number => Math.sin(i * 12.9898 * k) * Math.cos(i * 4.1414 * k);
    const hot = i % 3 === 0;
    const temperature = (hot ? 78 : 61) + 4 * wave(1);
    const pressure = 3.2 + 0.02 * (temperature - 60) + 0.2 * wave(2);
    rows.push(
      [
        temperature.toFixed(1),
        pressure.toFixed(2),
        (12 - pressure + wave(3)).toFixed(2),
        i % 5 < 2 ? "open" : "half",
        hot ? "hot" : "normal",
      ].join(),
    );
  }
  return `${rows.join("\n")}\n`;
}

async function prepare(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(dirname(folder), "pumps.csv"), pumps());
  for (const [name, flags] of Object.entries(RUNS)) {
    if (!existsSync(join(folder, name, "config.json"))) await ended(train(folder, name, flags));
  }
  for (const [name, tags] of Object.entries(TAGS))
    await writeFile(join(folder, name, "tags.json"), JSON.stringify(tags));
}

/** As few colours as it needs: text stays sharp. */
async function save(name: string, picture: Uint8Array): Promise<void> {
  for (const colours of [256, 128, 64]) {
    const packed = await sharp(picture).png({ palette: true, colours, effort: 10, dither: 0.5 }).toBuffer();
    if (packed.length > 150_000 && colours > 64) continue;
    await writeFile(join(IMAGES, `studio-${name}.png`), packed);
    console.log(`studio-${name}.png ${(packed.length / 1e3).toFixed(0)} kB`);
    return;
  }
}

interface Shot {
  readonly name: string;
  readonly hash: string;
  readonly look?: Look;
  /** Until there is all to see. */
  readonly ready: (page: Page) => Promise<void>;
}

const settled = (page: Page): Promise<void> => page.waitForTimeout(2500);
const DARK = { theme: "dark" } as const;
const PHONE = { width: 390, height: 780 } as const;

async function shots(pages: StudioPages): Promise<Shot[]> {
  const page = await pages.open("");
  await page.locator(".runs-body tr").nth(3).waitFor();
  const links = await page.locator(".runs-body th a").all();
  const entries = await Promise.all(
    links.map(async (link) => [await link.innerText(), await link.getAttribute("href")] as const),
  );
  const at = new Map(entries);
  const idOf = (name: string): string => (at.get(name) ?? "").replace("#/runs/", "");
  const compared = `#/compare?runs=${[...at.keys()]
    .filter((name) => /^moons\/.*seed/.test(name))
    .sort()
    .map(idOf)
    .join(",")}`;
  await page.context().close();
  const grouped = async (page: Page): Promise<void> => {
    await page.getByLabel("Group by").selectOption("recipe");
    await settled(page);
  };
  const tall = { height: 1250 };
  return [
    { name: "runs", hash: "", look: { height: 660 }, ready: settled },
    { name: "runs-dark", hash: "", look: { ...DARK, height: 760 }, ready: grouped },
    { name: "runs-phone", hash: "", look: PHONE, ready: settled },
    { name: "run", hash: at.get("moons/vera-seed-1") ?? "", look: tall, ready: settled },
    { name: "run-dark", hash: at.get("digits/quickstart") ?? "", look: { ...DARK, ...tall }, ready: settled },
    { name: "run-phone", hash: at.get(LIVE[0]) ?? "", look: { ...PHONE, ...DARK }, ready: settled },
    { name: "run-diverged", hash: at.get("digits/too-fast") ?? "", look: { height: 800 }, ready: settled },
    { name: "compare", hash: compared, look: { height: 1400 }, ready: settled },
    { name: "compare-dark", hash: compared, look: { ...DARK, height: 1400 }, ready: settled },
    { name: "compare-phone", hash: compared, look: PHONE, ready: settled },
  ];
}

const folder = resolve(process.argv[2] ?? join(tmpdir(), "vera-studio-pictures", "runs"));
await prepare(folder);
const live = train(folder, LIVE[0], [...LIVE[1], "--overwrite"]);
try {
  const begun = join(folder, LIVE[0], "figures", "samples-0000100.png");
  while (!existsSync(begun) && live.exitCode === null) await sleep(500);
  process.chdir(dirname(folder)); // the page names the folder as it was named
  const pages = await StudioPages.serving(basename(folder));
  try {
    for (const { name, hash, look = {}, ready } of await shots(pages)) {
      const page = await pages.open(hash, look);
      await ready(page);
      await save(name, await page.screenshot());
      await page.context().close();
    }
    if (pages.problems.length > 0) console.error(pages.problems.join("\n"));
  } finally {
    await pages.close();
  }
} finally {
  live.kill("SIGTERM");
  await ended(live);
}
