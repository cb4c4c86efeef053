/** Reliability diagrams: whether a classifier is right as often as it says. */
import { BEGINNING, type Chart } from "./chart.js";
import { FigureError } from "./error.js";
import { type Labels, titled } from "./labels.js";
import { keys } from "./legend.js";
import { placed, QUANTITATIVE } from "./numbers.js";
import { INK, PALETTE } from "./theme.js";

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
const NAMES = ["Accuracy", "Gap to confidence"];

/**
 * Accuracy against confidence, the gap between them shaded, and below it how many predictions each bin holds
 * (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017).
 * @throws FigureError where the bins' arrays differ in length.
 */
export function reliabilityDiagram(bins: Reliability, options: Pick<Labels, "title"> = {}): Chart {
  const { confidence, accuracy, counts, ece } = bins;
  const m = counts.length;
  if (confidence.length !== m || accuracy.length !== m)
    throw new FigureError(`reliabilityDiagram: ${confidence.length}, ${accuracy.length} and ${m} bins`);
  const total = Array.from(counts).reduce((a, b) => a + (b > 0 ? b : 0), 0);
  const filled = Array.from(counts, (n, i) => ({ i, share: n / total })).filter(
    ({ i, share }) => share > 0 && !Number.isNaN(accuracy[i]!) && !Number.isNaN(confidence[i]!),
  );
  const rows = filled.map(({ i, share }) => ({
    from: placed(i / m),
    to: placed((i + 1) / m),
    share: placed(share),
    accuracy: placed(accuracy[i]!),
    confidence: placed(confidence[i]!),
  }));
  const most = filled.reduce((a, { share }) => Math.max(a, share), 0);
  const unit = { ...QUANTITATIVE, scale: { domain: [0, 1] } };
  const x = { field: "from", ...unit, title: "Confidence", axis: { tickCount: 6 } };
  const across = { x, x2: { field: "to" } };
  const bare = { ...across, x: { ...x, axis: { ...x.axis, labels: false, ticks: false, title: null } } };
  const color = (name: string) =>
    ({
      datum: name,
      type: "nominal",
      scale: { domain: NAMES, range: PALETTE.slice(0, 2) },
      legend: keys(NAMES, SIDE, "square"),
    }) as const;
  const bar = { type: "rect", strokeWidth: 1, xOffset: 1, x2Offset: -1 } as const;
  const y = { ...unit, title: "Accuracy", axis: { tickCount: 6 } };
  const note = {
    type: "text",
    align: "left",
    baseline: "top",
    fontSize: 12.5,
    text: `ECE = ${(100 * ece).toFixed(2)} %`,
  } as const;
  return {
    ...BEGINNING,
    ...titled(options.title),
    data: { values: rows },
    spacing: 22,
    bounds: "flush",
    vconcat: [
      {
        width: SIDE,
        height: SIDE,
        layer: [
          {
            mark: { ...bar, fillOpacity: 0.75 },
            encoding: { ...bare, y: { ...y, field: "accuracy" }, y2: { datum: 0 }, color: color(NAMES[0]!) },
          },
          {
            mark: { ...bar, fillOpacity: 0.35 },
            encoding: { ...bare, y: { ...y, field: "accuracy" }, y2: { field: "confidence" }, color: color(NAMES[1]!) },
          },
          {
            data: { values: [{}] },
            mark: { type: "rule", color: INK.text, strokeDash: [4, 4] },
            encoding: { x: { datum: 0 }, y: { datum: 0 }, x2: { datum: 1 }, y2: { datum: 1 } },
          },
          ...[{ stroke: INK.paper, strokeWidth: 5 }, {}].map((halo) => ({
            data: { values: [{}] },
            mark: { ...note, ...halo },
            encoding: { x: { value: 10 }, y: { value: 10 } },
          })),
        ],
      },
      {
        width: SIDE,
        height: HISTOGRAM,
        mark: { ...bar, color: INK.axis, fillOpacity: 0.6 },
        encoding: {
          ...across,
          y: {
            field: "share",
            ...QUANTITATIVE,
            scale: { domain: [0, most > 0 ? Math.min(1, 1.1 * most) : 1] },
            title: "Share",
            axis: { tickCount: 3 },
          },
          y2: { datum: 0 },
        },
      },
    ],
  };
}
