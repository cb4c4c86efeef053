/**
 * The animation at the head of README.md: a landscape that learns 8gaussians by VERA, from a run of the playground's defaults.
 *
 *   npx tsx scripts/landscape.ts [FOLDER FOR SINGLE FRAMES]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import sharp from "sharp";
import { contour } from "../pages/playground/draw/contours.js";
import { fieldPixels } from "../pages/playground/draw/field.js";
import { ENTROPIES } from "../pages/playground/plane/entropies.js";
import { scaleOf } from "../pages/playground/plane/scale.js";
import { RADIUS } from "../pages/playground/settings/points.js";
import { DEFAULTS } from "../pages/playground/settings/settings.js";
import { type Frame, SIDE } from "../pages/playground/train/protocol.js";
import { beginRun } from "../pages/playground/train/run.js";
import { renderPng } from "../src/figures/render.js";
import { nodeEngine } from "../src/runtime/engine-node.js";
import { setDefaultEngine } from "../src/web.js";

const OUT = "docs/images/landscape.webp";
/** Frames, and milliseconds of each: six seconds, the last of them longer. */
const FRAMES = 56;
const DELAY = 90;
const LAST = 1300;
/** Iterations at the end; frames lie closer at the beginning, where more happens. */
const ITERATIONS = 1500;
const [WIDTH, HEIGHT] = [700, 330];
const PLOT = { left: 410, right: 676, top: 84, bottom: 276 };

const entropy = ENTROPIES["8gaussians"];
const iterationOf = (frame: number): number => 10 * Math.round((ITERATIONS * (frame / (FRAMES - 1)) ** 2) / 10);

const unit = HEIGHT / (2 * RADIUS);
const at = (v: number, axis: "x" | "y"): string =>
  (axis === "x" ? (v + RADIUS) * unit : HEIGHT - (v + RADIUS) * unit).toFixed(1);
const dots = (xy: Float32Array, count: number, style: string): string =>
  Array.from(
    { length: Math.min(count, xy.length / 2) },
    (_, i) => `<circle cx="${at(xy[2 * i]!, "x")}" cy="${at(xy[2 * i + 1]!, "y")}" ${style}/>`,
  ).join("");

function contours(logDensity: Float32Array): string {
  const top = logDensity.reduce((a, b) => Math.max(a, b));
  const cell = HEIGHT / SIDE;
  const pieces = [1, 2, 4, 6].flatMap((below) => {
    const lines = contour(logDensity, SIDE, top - below);
    const place = (i: number) =>
      `${((lines[i]! + 0.5) * cell).toFixed(1)} ${(HEIGHT - (lines[i + 1]! + 0.5) * cell).toFixed(1)}`;
    return Array.from({ length: lines.length / 4 }, (_, k) => `M${place(4 * k)}L${place(4 * k + 2)}`);
  });
  return `<path d="${pieces.join("")}" fill="none" stroke="#fff" stroke-opacity=".35" stroke-width=".8"/>`;
}

/** The curve so far, with the entropy that it cannot fall below. */
function curve(frames: readonly Frame[]): string {
  const x = scaleOf([0, ITERATIONS], [PLOT.left, PLOT.right]);
  const y = scaleOf([2.6, 4.4], [PLOT.bottom, PLOT.top]);
  const line = frames
    .map((f, i) => `${i === 0 ? "M" : "L"}${x(f.iteration).toFixed(1)} ${y(f.nll).toFixed(1)}`)
    .join("");
  const { iteration, nll } = frames.at(-1)!;
  const levels = [3, 3.5, 4].map(
    (v) =>
      `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(v)}" y2="${y(v)}" stroke="#2b3646"/><text x="${PLOT.left - 8}" y="${y(v) + 4}" text-anchor="end" fill="#a3adba" font-size="12">${v.toFixed(1)}</text>`,
  );
  return `
    <text x="${PLOT.left - 30}" y="34" font-size="17" font-weight="600" fill="#fff">iteration ${iteration}</text>
    <text x="${PLOT.left - 30}" y="58" font-size="14" fill="#ff9d7a">NLL ${nll.toFixed(2)} nats</text>
    ${levels.join("")}
    <line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(entropy)}" y2="${y(entropy)}" stroke="#e6eaf0" stroke-dasharray="5 4"/>
    <text x="${PLOT.right}" y="${y(entropy) + 16}" text-anchor="end" font-size="12" fill="#e6eaf0">entropy of the data, ${entropy.toFixed(2)}</text>
    <path d="${line}" fill="none" stroke="#ff9d7a" stroke-width="2.2"/>
    <circle cx="${x(iteration)}" cy="${y(nll)}" r="3.6" fill="#ff9d7a"/>
    <circle cx="${PLOT.left - 24}" cy="308" r="3.5" fill="#fff"/><text x="${PLOT.left - 14}" y="312" font-size="12" fill="#e6eaf0">data</text>
    <circle cx="${PLOT.left + 36}" cy="308" r="3.5" fill="#ff7a59"/><text x="${PLOT.left + 46}" y="312" font-size="12" fill="#e6eaf0">samples of the generator</text>
    <text x="${PLOT.right}" y="33" text-anchor="end" font-size="12" fill="#a3adba">colours: log p(x)</text>`;
}

async function picture(frames: readonly Frame[], data: Float32Array): Promise<Buffer> {
  const { logDensity, samples } = frames.at(-1)!;
  const field = await sharp(fieldPixels(logDensity, SIDE, "logp"), { raw: { width: SIDE, height: SIDE, channels: 4 } })
    .resize(HEIGHT, HEIGHT, { kernel: "cubic" })
    .png()
    .toBuffer();
  const over = await renderPng(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="Inter">
      ${contours(logDensity)}
      ${dots(data, 250, 'r="1.3" fill="#fff" fill-opacity=".85"')}
      ${dots(samples, 250, 'r="1.9" fill="#ff7a59" stroke="#0a0e18" stroke-opacity=".6" stroke-width=".6"')}
      ${curve(frames)}
    </svg>`,
  );
  return sharp({ create: { width: WIDTH, height: HEIGHT, channels: 4, background: "#12161c" } })
    .composite([
      { input: field, left: 0, top: 0 },
      { input: Buffer.from(over), left: 0, top: 0 },
    ])
    .png()
    .toBuffer();
}

setDefaultEngine(nodeEngine({ threads: 1 }));
const run = await beginRun("vera", { ...DEFAULTS, methods: ["vera"] });
const frames: Frame[] = [await run.frame()];
const pictures: Buffer[] = [await picture(frames, run.data)];
for (let k = 1, done = 0; k < FRAMES; k++) {
  // The first frames are closer than the run's ten iterations of a call: those are left out.
  if (iterationOf(k) === done) continue;
  for (; done < iterationOf(k); done += 10) await run.advance(0);
  frames.push(await run.frame());
  pictures.push(await picture(frames, run.data));
}
await run.release();
const delay = pictures.map((_, i) => (i === pictures.length - 1 ? LAST : DELAY));
await sharp(pictures, { join: { animated: true } })
  .webp({ loop: 0, delay, quality: 70, effort: 5 })
  .toFile(OUT);
const [, , folder] = process.argv;
if (folder !== undefined) {
  mkdirSync(folder, { recursive: true });
  for (const [i, p] of pictures.entries()) writeFileSync(`${folder}/${String(i).padStart(2, "0")}.png`, p);
}
console.log(`${OUT}: ${frames.length} frames; NLL ${frames.at(-1)!.nll.toFixed(3)}, entropy ${entropy}`);
