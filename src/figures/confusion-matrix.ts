/** Which classes are taken for which. */
import type { NdArray } from "../runtime/array.js";
import { total } from "../runtime/numbers.js";
import { BEGINNING, type Chart, FRAME } from "./chart.js";
import { BLUES } from "./colormap.js";
import { FigureError } from "./error.js";
import { checkGrid } from "./grid.js";
import { type Labels, titled } from "./labels.js";
import { distinct } from "./legend.js";
import { QUANTITATIVE } from "./numbers.js";
import { textWidth } from "./text-width.js";
import { INK, SIZE } from "./theme.js";

export interface ConfusionMatrixOptions extends Labels {
  /** Names of the classes; default 0, 1, 2, … */
  readonly classes?: readonly string[];
}

/**
 * A confusion matrix [K, K] of counts: rows are true classes, columns predicted ones. Colours are shares of a row;
 * the counts are written into cells that are large enough.
 * @throws FigureError for a matrix that is not square, or another number of names.
 */
export function confusionMatrix(counts: NdArray, options: ConfusionMatrixOptions = {}): Chart {
  checkGrid(counts, "confusionMatrix");
  const [k, columns] = counts.shape as readonly [number, number];
  if (k !== columns) throw new FigureError(`confusionMatrix: [${k}, ${columns}] is not square`);
  const names = distinct(options.classes ?? Array.from({ length: k }, (_, i) => String(i)));
  if (names.length !== k) throw new FigureError(`confusionMatrix: ${names.length} names for ${k} classes`);

  // Whole pixels: seams would show between cells else.
  const cell = Math.max(1, Math.round(Math.min(520, Math.max(200, 42 * k)) / Math.max(1, k)));
  const values = names.flatMap((actual, i) => {
    const row = Array.from(counts.data.subarray(i * k, (i + 1) * k));
    const all = total(row);
    return row.map((count, j) => ({ actual, predicted: names[j]!, count, share: all > 0 ? count / all : 0 }));
  });
  const most = values.reduce((m, { count }) => Math.max(m, count), 0);
  const format = most >= 1e4 ? ".3~s" : "d";
  const fits = textWidth("0".repeat(Math.min(5, String(most).length)), SIZE.note) < cell - 3 && cell > SIZE.note + 4;
  // Names must not stand closer than they are tall; bare numbers shall not be slanted either.
  const widest = names.reduce((w, name) => Math.max(w, textWidth(name, SIZE.tick)), 0);
  const room = Math.max(SIZE.tick + 3, options.classes === undefined ? widest + 8 : 0);
  const every = [1, 2, 5, 10, 20, 50, 100].find((n) => n * cell >= room) ?? 200;
  const slant = widest > cell * every - 6 ? { labelAngle: -35 } : { labelAngle: 0 };
  const axis = {
    grid: false,
    domain: false,
    labelLimit: 130,
    values: names.filter((_, i) => i % every === 0),
  } as const;
  const classes = { type: "nominal", scale: { domain: names } } as const;
  return {
    ...BEGINNING,
    ...titled(options.title),
    width: { step: cell },
    height: { step: cell },
    data: { values: fits ? values : values.filter(({ share }) => share > 0) },
    encoding: {
      x: { field: "predicted", ...classes, title: options.xLabel ?? "Predicted class", axis: { ...axis, ...slant } },
      y: { field: "actual", ...classes, title: options.yLabel ?? "True class", axis },
    },
    layer: [
      {
        mark: "rect",
        encoding: {
          color: {
            field: "share",
            type: "quantitative",
            scale: { domain: BLUES.map((_, i) => i / (BLUES.length - 1)), range: [...BLUES], interpolate: "rgb" },
            legend: { title: "Share of the true class", gradientLength: k * cell, titleOrient: "right", format: ".1f" },
          },
        },
      },
      ...(fits
        ? [
            {
              mark: "text" as const,
              encoding: {
                text: { field: "count", ...QUANTITATIVE, format },
                color: {
                  condition: [
                    { test: "datum.share > 0.55", value: INK.paper },
                    { test: "datum.share > 0", value: INK.text },
                  ],
                  value: INK.axis,
                },
              },
            },
          ]
        : []),
      FRAME,
    ],
  };
}
