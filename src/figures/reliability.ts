/** Reliability diagrams: whether a classifier is right as often as it says. */
import { column, page } from "./block.js";
import { type Labels, panel } from "./panel.js";
import { linearScale } from "./scale.js";
import { INK, PALETTE, SIZE } from "./style.js";
import { el, FigureError } from "./svg.js";
import { text, textWidth } from "./text.js";

/** Calibration in M equal bins of confidence over [0, 1]; empty bins may hold NaN. */
export interface Reliability {
  /** Mean confidence in each bin. */
  readonly confidence: ArrayLike<number>;
  /** Share of right answers in each bin. */
  readonly accuracy: ArrayLike<number>;
  /** Number of predictions in each bin. */
  readonly counts: ArrayLike<number>;
  /** Expected calibration error, in [0, 1]. */
  readonly ece: number;
}

const SIDE = 300;
const HISTOGRAM = 80;
const ACCURACY = PALETTE[0];
const GAP = PALETTE[1];

/**
 * Accuracy against confidence, the gap between them shaded, and below it how many predictions each bin holds
 * (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017).
 * @throws FigureError where the bins' arrays differ in length.
 */
export function reliabilityDiagram(bins: Reliability, options: Pick<Labels, "title"> = {}): string {
  const { confidence, accuracy, counts, ece } = bins;
  const m = counts.length;
  if (confidence.length !== m || accuracy.length !== m)
    throw new FigureError(`reliabilityDiagram: ${confidence.length}, ${accuracy.length} and ${m} bins`);
  const x = linearScale([0, 1], [0, SIDE]);
  const y = linearScale([0, 1], [SIDE, 0]);
  const total = Array.from(counts).reduce((a, b) => a + (b > 0 ? b : 0), 0);
  const shares = Array.from(counts, (n) => (n > 0 ? n / total : 0));
  const most = shares.reduce((a, b) => Math.max(a, b), 0);
  const share = linearScale([0, most > 0 ? Math.min(1, most * 1.1) : 1], [HISTOGRAM, 0], 3);

  const step = SIDE / Math.max(1, m);
  const bar = (i: number, top: number, bottom: number, fill: string, fillOpacity: number): string => {
    const edge = { stroke: fill, strokeWidth: 1 };
    return el("rect", { x: i * step + 1, y: top, width: step - 2, height: bottom - top, fill, fillOpacity, ...edge });
  };
  let [bars, heights] = ["", ""];
  for (let i = 0; i < m; i++) {
    const [right, sure] = [y(accuracy[i]!), y(confidence[i]!)];
    if (!(counts[i]! > 0) || Number.isNaN(right) || Number.isNaN(sure)) continue;
    bars += bar(i, right, SIDE, ACCURACY, 0.75);
    bars += bar(i, Math.min(right, sure), Math.max(right, sure), GAP, 0.35);
    heights += bar(i, share(shares[i]!), HISTOGRAM, INK.axis, 0.6);
  }
  const diagonal = el("path", { d: `M0 ${SIDE}L${SIDE} 0`, stroke: INK.text, strokeDasharray: "4 4", fill: "none" });
  const legend = [
    { name: "Accuracy", colour: ACCURACY, mark: "area" as const },
    { name: "Gap to confidence", colour: GAP, mark: "area" as const },
  ];
  const above = panel(
    { ...options, x, y, legend, yLabel: "Accuracy", numbers: "y" },
    bars + diagonal + note(`ECE = ${(100 * ece).toFixed(2)} %`),
  );
  const below = panel({ x, y: share, xLabel: "Confidence", yLabel: "Share" }, heights);
  return page(column([above, below], 8));
}

/** A boxed line in the top left corner, where calibrated bars do not reach. */
function note(content: string): string {
  const box = { x: 10, y: 10, width: textWidth(content, SIZE.label) + 16, height: SIZE.label + 12, rx: 3 };
  const back = el("rect", { ...box, fill: INK.paper, fillOpacity: 0.9, stroke: INK.grid });
  return back + text(18, 10 + 6 + 0.82 * SIZE.label, content, { size: SIZE.label });
}
