/** Receiver operating characteristics: how well a score tells two sets apart. */
import { page } from "./block.js";
import { type Labels, panel } from "./panel.js";
import { linearScale } from "./scale.js";
import { INK, seriesStyle } from "./style.js";
import { el, FigureError, pathThrough } from "./svg.js";

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
export function rocCurves(curves: readonly RocCurve[], options: Labels = {}): string {
  const x = linearScale([0, 1], [0, SIDE]);
  const y = linearScale([0, 1], [SIDE, 0]);
  const chance = el("path", { d: `M0 ${SIDE}L${SIDE} 0`, stroke: INK.axis, strokeDasharray: "4 4", fill: "none" });
  const lines = curves.map((c, i) => {
    const { falsePositiveRate: f, truePositiveRate: t } = c;
    if (f.length !== t.length)
      throw new FigureError(`rocCurves: "${c.name}" has ${f.length} false but ${t.length} true positive rates`);
    const { colour, dash } = seriesStyle(i);
    const d = pathThrough(stairs(Array.from(f, (v, k): [number, number] => [x(v), y(t[k]!)])));
    return el("path", {
      d,
      stroke: colour,
      strokeWidth: 2,
      strokeLinejoin: "round",
      strokeDasharray: dash,
      fill: "none",
    });
  });
  const legend = curves.map((c, i) => ({
    name: c.auroc === undefined ? c.name : `${c.name} (${c.auroc.toFixed(3)})`,
    ...seriesStyle(i),
  }));
  const labels = { xLabel: "False positive rate", yLabel: "True positive rate", ...options };
  return page(panel({ ...labels, x, y, legend }, chance + lines.join("")));
}

/** The curve without points closer than a quarter of a pixel to the last one kept. */
function stairs(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  let last: readonly [number, number] | undefined;
  return points.filter((p, i) => {
    const near = last !== undefined && Math.hypot(p[0] - last[0], p[1] - last[1]) < 0.25;
    if (near && i < points.length - 1) return false;
    last = p;
    return true;
  });
}
