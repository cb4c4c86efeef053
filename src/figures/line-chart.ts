/** Lines over an axis: losses, accuracies, log-likelihoods along training. */
import { BEGINNING, type Chart } from "./chart.js";
import { FigureError } from "./error.js";
import { type Labels, type PlotSize, titled } from "./labels.js";
import { bySeries, distinct } from "./legend.js";
import { finiteRange, formatFor, type Interval, logTicks, placed, widen } from "./numbers.js";

export interface Series {
  readonly name: string;
  readonly y: ArrayLike<number>;
  /** Positions, as many as `y`; default 0, 1, 2, … */
  readonly x?: ArrayLike<number>;
}

export interface LineChartOptions extends Labels, PlotSize {
  readonly xLog?: boolean;
  readonly yLog?: boolean;
  /** Ends of the y axis, where the data should not choose them. */
  readonly yRange?: readonly [number, number];
}

interface Point {
  readonly x: number;
  /** Null breaks the line. */
  readonly y: number | null;
}

/** Up to this many points are also marked by dots. */
const DOTTED = 25;
/** Above this many points lines are drawn thinner: noise would fill the plot. */
const DENSE = 400;

/**
 * Several lines in one plot. Values that are not finite (or, on a log axis, not positive) leave gaps; long series are
 * thinned to the extremes of every pixel column, which looks the same.
 * @throws FigureError where `x` is not as long as `y`.
 */
export function lineChart(series: readonly Series[], options: LineChartOptions = {}): Chart {
  const { width = 460, height = 280, xLog = false, yLog = false, yRange } = options;
  for (const { name, x, y } of series)
    if (x !== undefined && x.length !== y.length)
      throw new FigureError(`lineChart: "${name}" has ${y.length} values but ${x.length} positions`);
  const xs = series.map((s) => s.x ?? Float64Array.from(s.y, (_, i) => i));
  const ys = series.map((s) => s.y);
  const reach = finiteRange(xs, xLog);
  const names = distinct(series.map((s) => s.name));
  const values = series.flatMap((s, i) => {
    const points = Array.from(
      xs[i]!,
      (x, k): Point => ({ x: placed(x, xLog) ?? Number.NaN, y: placed(s.y[k]!, yLog) }),
    );
    const kept = thin(
      points.filter((p) => !Number.isNaN(p.x)),
      reach,
      width,
    );
    const few = kept.filter((p) => p.y !== null).length <= DOTTED;
    return kept.map((p, k) => ({ series: names[i]!, ...p, ...((few || isAlone(kept, k)) && { dot: true }) }));
  });
  const dense = names.filter((_, i) => ys[i]!.length > DENSE);
  return {
    ...BEGINNING,
    ...titled(options.title),
    width,
    height,
    data: { values },
    encoding: {
      x: { field: "x", type: "quantitative", title: options.xLabel ?? null, ...axis(reach, xLog, 6) },
      y: {
        field: "y",
        type: "quantitative",
        title: options.yLabel ?? null,
        ...axis(finiteRange(ys, yLog), yLog, 5, 0.04, yRange),
      },
      ...bySeries(names, width, "stroke"),
    },
    layer: [
      {
        mark: { type: "line", clip: yRange !== undefined, strokeJoin: "round", strokeCap: "round", order: false },
        encoding: {
          strokeWidth: { condition: { test: { field: "series", oneOf: dense }, value: 1.2 }, value: 1.8 },
        },
      },
      { transform: [{ filter: "datum.dot" }], mark: { type: "circle", size: 21, opacity: 1 } },
    ],
  };
}

/** Scale and numbers of an axis: round ends, or a little room at both ends of a logarithmic one. */
function axis(reach: Interval, log: boolean, tickCount: number, margin = 0, ends?: Interval) {
  if (!log) {
    const domain = ends ?? widen(reach);
    return { scale: { domain: [...domain], nice: ends === undefined }, axis: { tickCount, ...formatFor(domain) } };
  }
  const room = reach[1] > reach[0] ? (reach[1] / reach[0]) ** margin : 2;
  const domain: Interval = ends ?? [reach[0] / room, reach[1] * room];
  return {
    scale: { type: "log" as const, domain: [...domain], nice: false },
    axis: { values: logTicks(domain), format: "~g" },
  };
}

/** A point between two gaps, through which no line goes. */
function isAlone(points: readonly Point[], k: number): boolean {
  const seen = (p: Point | undefined): boolean => p !== undefined && p.y !== null;
  return seen(points[k]) && !seen(points[k - 1]) && !seen(points[k + 1]);
}

/** At most four points for every pixel column: the first, the lowest, the highest and the last. Gaps stay. */
function thin(points: readonly Point[], [low, high]: Interval, width: number): readonly Point[] {
  if (points.length <= 2000) return points;
  const column = ({ x, y }: Point): number =>
    y === null ? Number.NaN : Math.floor(((x - low) / (high - low)) * width);
  const kept: Point[] = [];
  for (let from = 0, to = 1; from < points.length; from = to++) {
    while (to < points.length && column(points[to]!) === column(points[from]!)) to++;
    const heights = points.slice(from, to).map((p) => p.y ?? 0);
    const [lowest, highest] = [heights.indexOf(Math.min(...heights)), heights.indexOf(Math.max(...heights))];
    const chosen = [...new Set([0, lowest, highest, heights.length - 1])].sort((a, b) => a - b);
    kept.push(...chosen.map((k) => points[from + k]!));
  }
  return kept;
}
