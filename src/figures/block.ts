/** Layout: blocks with a plot area inside, put in rows and columns so that the plot areas line up. */
import { INK, SIZE } from "./style.js";
import { el, num, translate } from "./svg.js";
import { text, textWidth } from "./text.js";

/** A drawn piece: its size, the top left corner of its plot area, and its SVG. */
export interface Block {
  readonly width: number;
  readonly height: number;
  readonly originX: number;
  readonly originY: number;
  readonly svg: string;
}

const max = (values: readonly number[]): number => values.reduce((m, v) => Math.max(m, v), 0);

/** Blocks from left to right, tops of their plot areas on one line. */
export function row(blocks: readonly Block[], gap = 24): Block {
  const originY = max(blocks.map((b) => b.originY));
  let x = 0;
  let svg = "";
  for (const block of blocks) {
    svg += translate(x, originY - block.originY, block.svg);
    x += block.width + gap;
  }
  const height = max(blocks.map((b) => originY - b.originY + b.height));
  return { width: Math.max(0, x - gap), height, originX: blocks[0]?.originX ?? 0, originY, svg };
}

/** Blocks from top to bottom, left sides of their plot areas on one line. */
export function column(blocks: readonly Block[], gap = 12): Block {
  const originX = max(blocks.map((b) => b.originX));
  let y = 0;
  let svg = "";
  for (const block of blocks) {
    svg += translate(originX - block.originX, y, block.svg);
    y += block.height + gap;
  }
  const width = max(blocks.map((b) => originX - b.originX + b.width));
  return { width, height: Math.max(0, y - gap), originX, originY: blocks[0]?.originY ?? 0, svg };
}

const MARGIN = 12;

/** A whole figure: the block on white paper with a margin, and a title over all of it. */
export function page(block: Block, title?: string): string {
  const head = title === undefined ? 0 : SIZE.title + 12;
  const titleWidth = title === undefined ? 0 : textWidth(title, SIZE.title, true);
  const width = Math.ceil(Math.max(block.width, titleWidth) + 2 * MARGIN);
  const height = Math.ceil(block.height + head + 2 * MARGIN);
  return el(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${num(width)} ${num(height)}` },
    el("rect", { width, height, fill: INK.paper }),
    title === undefined
      ? ""
      : text(width / 2, MARGIN + SIZE.title, title, { size: SIZE.title, bold: true, anchor: "middle" }),
    translate((width - block.width) / 2, MARGIN + head, block.svg),
  );
}
