/**
 * Draws the README's pictures from the figures of runs.
 *
 *   npx tsx bench/picture.ts quickstart     docs/images/quickstart.png, from runs/quickstart
 *   npx tsx bench/picture.ts toys           docs/images/toys.png, from runs/results/toy-*-1234
 */
import { readFileSync } from "node:fs";
import { TOY_NAMES } from "../src/data/sets/toy.js";
import { renderPng, savePng } from "../src/figures/index.js";

interface Placed {
  /** Of a PNG, below the project's folder. */
  readonly path: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One picture made of others, each fitted into its place. */
async function compose(to: string, width: number, height: number, parts: readonly Placed[]): Promise<void> {
  const images = parts.map(({ path, ...place }) => {
    const data = readFileSync(new URL(`../${path}`, import.meta.url)).toString("base64");
    const attributes = Object.entries(place).map(([name, value]) => `${name}="${value}"`);
    return `<image ${attributes.join(" ")} preserveAspectRatio="xMidYMid meet" href="data:image/png;base64,${data}"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${images.join("")}</svg>`;
  await savePng(to, renderPng(svg, 1));
}

const PICTURES: Readonly<Record<string, () => Promise<void>>> = {
  quickstart: () =>
    compose(
      "docs/images/quickstart.png",
      1500,
      420,
      (
        [
          ["samples", 20, 380],
          ["curve-accuracy", 425, 400],
          ["reliability", 850, 230],
          ["log-density", 1095, 390],
        ] as const
      ).map(([name, x, width]) => ({ path: `runs/quickstart/figures/${name}.png`, x, y: 20, width, height: 380 })),
    ),
  toys: () =>
    compose(
      "docs/images/toys.png",
      1540,
      970,
      TOY_NAMES.map((name, i) => ({
        path: `runs/results/toy-${name}-1234/figures/samples-0005000.png`,
        x: 770 * (i % 2),
        y: 243 * Math.floor(i / 2),
        width: 770,
        height: 243,
      })),
    ),
};

const name = process.argv[2] ?? "";
const draw = PICTURES[name];
if (draw === undefined) throw new Error(`no picture "${name}": ${Object.keys(PICTURES).join(", ")}`);
await draw();
