/** Which classes are taken for which. */

import type { NdArray } from "../runtime/array.js";
import { total } from "../runtime/numbers.js";
import { bandScale, needsSlant } from "./bar-chart.js";
import { page } from "./block.js";
import { blues, luminance } from "./colormap.js";
import { checkGrid, gridPixels } from "./grid.js";
import { colourBar } from "./heatmap.js";
import { type Labels, panel } from "./panel.js";
import { embed } from "./raster.js";
import { shortNumber } from "./scale.js";
import { INK, SIZE } from "./style.js";
import { FigureError } from "./svg.js";
import { text, textWidth } from "./text.js";

export interface ConfusionMatrixOptions extends Labels {
  /** Names of the classes; default 0, 1, 2, … */
  readonly classes?: readonly string[];
}

/**
 * A confusion matrix [K, K] of counts: rows are true classes, columns predicted ones. Colours are shares of a row;
 * the counts are written into cells that are large enough.
 * @throws FigureError for a matrix that is not square, or another number of names.
 */
export function confusionMatrix(counts: NdArray, options: ConfusionMatrixOptions = {}): string {
  checkGrid(counts, "confusionMatrix");
  const [k, columns] = counts.shape as readonly [number, number];
  if (k !== columns) throw new FigureError(`confusionMatrix: [${k}, ${columns}] is not square`);
  const names = options.classes ?? Array.from({ length: k }, (_, i) => String(i));
  if (names.length !== k) throw new FigureError(`confusionMatrix: ${names.length} names for ${k} classes`);

  const shares = Float64Array.from(counts.data);
  for (let i = 0; i < k; i++) {
    const row = shares.subarray(i * k, (i + 1) * k);
    const all = total(row);
    row.forEach((v, j) => {
      row[j] = all > 0 ? v / all : 0;
    });
  }
  const side = Math.round(Math.min(520, Math.max(200, 42 * k)));
  const cell = side / Math.max(1, k);
  // Names must not stand closer than they are tall; bare numbers shall not be slanted either.
  const widest = names.reduce((w, name) => Math.max(w, textWidth(name, SIZE.tick)), 0);
  const room = Math.max(SIZE.tick + 3, options.classes === undefined ? widest + 8 : 0);
  const every = [1, 2, 5, 10, 20, 50, 100].find((n) => n * cell >= room) ?? 200;
  const x = bandScale(names, [0, side], every);
  const y = bandScale(names, [0, side], every);

  const cells = gridPixels({ shape: counts.shape, data: shares }, blues, [0, 1], true);
  let marks = k === 0 ? "" : embed(cells, 0, 0, side, side, true);
  const labels = Array.from(counts.data, shortNumber);
  const fits = labels.every((label) => textWidth(label, SIZE.note) < cell - 3) && cell > SIZE.note + 4;
  if (fits)
    labels.forEach((label, i) => {
      const colour = luminance(blues(shares[i]!)) < 0.55 ? INK.paper : shares[i]! > 0 ? INK.text : INK.axis;
      const [row, column] = [Math.floor(i / k), i % k];
      marks += text(x(column), y(row) + 0.36 * SIZE.note, label, { size: SIZE.note, anchor: "middle", colour });
    });
  const around = { xLabel: "Predicted class", yLabel: "True class", ...options };
  const right = colourBar(blues, [0, 1], side, "Share of the true class");
  const slant = needsSlant(names, cell * every);
  return page(panel({ ...around, x, y, grid: "none", right, slant }, marks));
}
