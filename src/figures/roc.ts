/** Receiver operating characteristics: how well a score tells two sets apart. */
import { BEGINNING, type Chart } from "./chart.js";
import { FigureError } from "./error.js";
import { type Labels, titled } from "./labels.js";
import { bySeries, distinct } from "./legend.js";
import { placed, QUANTITATIVE } from "./numbers.js";
import { INK } from "./theme.js";

export interface RocCurve {
  readonly name: string;
  /** Shares of negatives above the threshold, from 0 to 1. */
  readonly falsePositiveRate: ArrayLike<number>;
  /** Shares of positives above the same thresholds. */
  readonly truePositiveRate: ArrayLike<number>;
  /** Area under the curve, written in the legend. */
  readonly auroc?: number;
}

const SIDE = 320;

/** ROC curves with the diagonal of chance. @throws FigureError where a curve's two rates differ in length. */
export function rocCurves(curves: readonly RocCurve[], options: Labels = {}): Chart {
  const names = distinct(
    curves.map(({ name, auroc }) => (auroc === undefined ? name : `${name} (${auroc.toFixed(3)})`)),
  );
  const values = curves.flatMap(({ name, falsePositiveRate: f, truePositiveRate: t }, i) => {
    if (f.length !== t.length)
      throw new FigureError(`rocCurves: "${name}" has ${f.length} false but ${t.length} true positive rates`);
    const points = Array.from(f, (x, k) => ({ series: names[i]!, x: placed(x), y: placed(t[k]!) }));
    return apart(points);
  });
  const share = { ...QUANTITATIVE, scale: { domain: [0, 1] }, axis: { tickCount: 5 } };
  return {
    ...BEGINNING,
    ...titled(options.title),
    width: SIDE,
    height: SIDE,
    layer: [
      {
        data: { values: [{}] },
        mark: { type: "rule", color: INK.axis, strokeDash: [4, 4] },
        encoding: { x: { datum: 0 }, y: { datum: 0 }, x2: { datum: 1 }, y2: { datum: 1 } },
      },
      {
        data: { values },
        mark: { type: "line", strokeWidth: 2, strokeJoin: "round", order: false },
        encoding: {
          x: { field: "x", ...share, title: options.xLabel ?? "False positive rate" },
          y: { field: "y", ...share, title: options.yLabel ?? "True positive rate" },
          ...bySeries(names, SIDE, "stroke"),
        },
      },
    ],
  };
}

/** The curve without points closer than a quarter of a pixel to the last one kept. */
function apart<P extends { readonly x: number | null; readonly y: number | null }>(points: readonly P[]): P[] {
  let last: P | undefined;
  return points.filter((p, i) => {
    const near = last !== undefined && SIDE * Math.hypot(p.x! - last.x!, p.y! - last.y!) < 0.25;
    if (near && i < points.length - 1) return false;
    last = p;
    return true;
  });
}
