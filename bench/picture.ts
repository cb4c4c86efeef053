/** Draws docs/images/quickstart.png, the README's picture, from the figures of runs/quickstart. */
import { readFileSync } from "node:fs";
import { renderPng, savePng } from "../src/figures/index.js";

const WIDTH = 1500;
const HEIGHT = 420;
/** Figures and where they go: left edge, width. */
const FIGURES = [
  ["samples", 20, 380],
  ["curve-accuracy", 425, 400],
  ["reliability", 850, 230],
  ["log-density", 1095, 390],
] as const;

const images = FIGURES.map(([name, x, width]) => {
  const data = readFileSync(new URL(`../runs/quickstart/figures/${name}.png`, import.meta.url)).toString("base64");
  const href = `data:image/png;base64,${data}`;
  return `<image x="${x}" y="20" width="${width}" height="${HEIGHT - 40}" preserveAspectRatio="xMidYMid meet" href="${href}"/>`;
});
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}"><rect width="100%" height="100%" fill="#fff"/>${images.join("")}</svg>`;
await savePng("docs/images/quickstart.png", renderPng(svg, 1));
