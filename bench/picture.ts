/**
 * Draws the README's pictures from the figures of runs.
 *
 *   npx tsx bench/picture.ts quickstart     docs/images/quickstart.png, from runs/quickstart
 *   npx tsx bench/picture.ts toys           docs/images/toys.png, from runs/results/toy-*-1234
 *   npx tsx bench/picture.ts mnist DIR      docs/images/mnist.png, from runs/mnist and the data sets below DIR
 */
import { readFileSync } from "node:fs";
import { TOY_NAMES } from "../src/data/sets/toy.js";
import { imageGrid, renderPng, savePng } from "../src/figures/index.js";
import { loadRun } from "../src/runs/index.js";
import { engineOf } from "../src/runs/setup/engine.js";
import { setDefaultEngine, streams } from "../src/runtime/index.js";
import { calibrationFor, thresholdAt } from "../src/score/calibration.js";
import { namedInputs, runData, someRows } from "../src/score/inputs.js";
import { Probe } from "../src/score/probe.js";

interface Placed {
  /** A PNG, or where it lies below the project's folder. */
  readonly image: Uint8Array | string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Line {
  readonly text: string;
  readonly x: number;
  readonly y: number;
}

/** One picture made of others, each fitted into its place, and lines of text. */
async function compose(
  to: string,
  width: number,
  height: number,
  parts: readonly Placed[],
  lines: readonly Line[] = [],
): Promise<void> {
  const images = parts.map(({ image, ...place }) => {
    const bytes = typeof image === "string" ? readFileSync(new URL(`../${image}`, import.meta.url)) : image;
    const data = Buffer.from(bytes).toString("base64");
    const attributes = Object.entries(place).map(([name, value]) => `${name}="${value}"`);
    return `<image ${attributes.join(" ")} preserveAspectRatio="xMidYMid meet" href="data:image/png;base64,${data}"/>`;
  });
  const texts = lines.map(
    ({ text, x, y }) => `<text x="${x}" y="${y}" font-family="sans-serif" font-size="17" fill="#222">${text}</text>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${images.join("")}${texts.join("")}</svg>`;
  await savePng(to, await renderPng(svg, 1));
}

const SETS = [
  ["mnist", "MNIST's test digits"],
  ["interp", "means of two of them"],
  ["fashion-mnist", "Fashion-MNIST"],
  ["constant", "empty pictures"],
  ["uniform", "noise"],
] as const;

/** Some pictures of each set, and how many of 2,000 are flagged at a false-alarm rate of 5 %. */
async function flagged(run: string, dataRoot: string): Promise<readonly { image: Uint8Array; text: string }[]> {
  setDefaultEngine(engineOf({ provider: "cpu", threads: 1 }));
  const probe = new Probe(await loadRun(run));
  const threshold = thresholdAt(await calibrationFor(probe, 0.05, { dataRoot }), 0.05)!;
  const own = (await runData(probe.run, { dataRoot })).splits.test;
  const rng = streams(0).for("pictures of sets");
  const rows = [];
  for (const [name, title] of SETS) {
    const { split } = name === "mnist" ? { split: own } : await namedInputs(name, probe.run, own, { dataRoot });
    const x = someRows(split, 2000, rng);
    const { logDensity } = await probe.predict(x);
    const share = logDensity.filter((f) => f < threshold).length / logDensity.length;
    const image = imageGrid(someRows(split, 8, rng), { columns: 8, scale: 2 });
    rows.push({ image, text: `${title}: ${(100 * share).toFixed(1)} % flagged` });
  }
  return rows;
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
      ).map(([name, x, width]) => ({ image: `runs/quickstart/figures/${name}.png`, x, y: 20, width, height: 380 })),
    ),
  mnist: async () => {
    const rows = await flagged("runs/mnist", process.argv[3] ?? "data");
    const places = [
      { image: "runs/mnist/figures/samples.png", x: 10, y: 40, width: 500, height: 500 },
      ...rows.map(({ image }, i) => ({ image, x: 540, y: 42 + 102 * i, width: 540, height: 68 })),
      { image: "runs/mnist/figures/reliability.png", x: 1110, y: 36, width: 380, height: 500 },
    ];
    await compose("docs/images/mnist.png", 1500, 560, places, [
      { text: "drawn by the generator", x: 10, y: 26 },
      { text: "what f flags, promised of digits: 5 %", x: 540, y: 26 },
      ...rows.map(({ text }, i) => ({ text, x: 540, y: 130 + 102 * i })),
      { text: "accuracy by confidence", x: 1110, y: 26 },
    ]);
  },
  toys: () =>
    compose(
      "docs/images/toys.png",
      1540,
      970,
      TOY_NAMES.map((name, i) => ({
        image: `runs/results/toy-${name}-1234/figures/samples-0005000.png`,
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
