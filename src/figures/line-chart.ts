/** Lines over an axis: losses, accuracies, log-likelihoods along training. */
import { page } from "./block.js";
import { type Labels, type PlotSize, panel } from "./panel.js";
import { finiteRange, linearScale, logScale, reachTicks, type Scale, widen } from "./scale.js";
import { seriesStyle } from "./style.js";
import { el, FigureError, pathThrough } from "./svg.js";

export interface Series {
  readonly name: string;
  readonly y: ArrayLike<number>;
  /** Positions, as many as `y`; default 0, 1, 2, … */
  readonly x?: ArrayLike<number>;
  /** A band around the line, such as a confidence interval; as many values as `y`. */
  readonly band?: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> };
}

export interface LineChartOptions extends Labels, PlotSize {
  readonly xLog?: boolean;
  readonly yLog?: boolean;
  /** Ends of the y axis, where the data should not choose them. */
  readonly yRange?: readonly [number, number];
}

type Point = readonly [number, number];

/** Up to this many points are also marked by dots. */
const DOTTED = 25;

/**
 * Several lines in one plot. Values that are not finite (or, on a log axis, not positive) leave gaps; long series are
 * thinned to the extremes of every pixel column, which looks the same.
 * @throws FigureError where `x` or a band is not as long as `y`.
 */
export function lineChart(series: readonly Series[], options: LineChartOptions = {}): string {
  const { width = 460, height = 280, xLog = false, yLog = false } = options;
  for (const s of series) {
    for (const other of [s.x, s.band?.low, s.band?.high])
      if (other !== undefined && other.length !== s.y.length)
        throw new FigureError(
          `lineChart: "${s.name}" has ${s.y.length} values but ${other.length} positions or bounds`,
        );
  }
  const xs = series.map((s) => s.x ?? Float64Array.from(s.y, (_, i) => i));
  const xRange = finiteRange(xs, xLog);
  const yRange =
    options.yRange ??
    finiteRange(
      series.flatMap((s) => [s.y, ...bounds(s)]),
      yLog,
    );
  const x = xLog ? logScale(xRange, [0, width]) : linearScale(reachTicks(widen(xRange), 6), [0, width], 6);
  const margin = options.yRange === undefined ? 0.05 : 0;
  const y = yLog ? logScale(stretch(yRange), [height, 0]) : linearScale(widen(yRange, margin), [height, 0]);

  const bands = series.map((s, i) => band(s, xs[i]!, x, y, seriesStyle(i).colour)).join("");
  const places = series.map((s, i) => Array.from(s.y, (v, k): Point => [x(xs[i]![k]!), y(v)]));
  const lines = places.map((points, i) => line(points, i)).join("");
  const inside = ([a, b]: Point): boolean => a >= -0.5 && a <= width + 0.5 && b >= -0.5 && b <= height + 0.5;
  const dots = places.map((points, i) => dotsOf(points.filter(inside), points, seriesStyle(i).colour)).join("");
  const keys = series.length < 2 ? [] : series.map((s, i) => ({ name: s.name, ...seriesStyle(i) }));
  return page(panel({ ...options, x, y, legend: keys }, bands + lines, dots));
}

const bounds = (s: Series): ArrayLike<number>[] => (s.band === undefined ? [] : [s.band.low, s.band.high]);

/** A little room at both ends of a log axis. */
const stretch = ([a, b]: readonly [number, number]): readonly [number, number] => {
  const room = b ** 0.04 / a ** 0.04;
  return [a / room, b * room];
};

/** Above this many points lines are drawn thinner: noise would fill the plot. */
const DENSE = 400;

function line(points: readonly Point[], i: number): string {
  const { colour, dash } = seriesStyle(i);
  return el("path", {
    d: pathThrough(thin(points)),
    fill: "none",
    stroke: colour,
    strokeWidth: points.length > DENSE ? 1.2 : 1.8,
    strokeLinejoin: "round",
    strokeLinecap: "round",
    strokeDasharray: dash,
  });
}

/** Dots on short series, and on points between two gaps, through which no line goes. */
function dotsOf(inside: readonly Point[], points: readonly Point[], colour: string): string {
  const few = points.filter(isFinitePoint).length <= DOTTED;
  const alone = new Set(points.filter((_, k) => isAlone(points, k)));
  const dots = inside.filter((p) => few || alone.has(p));
  return dots.map(([cx, cy]) => el("circle", { cx, cy, r: 2.6, fill: colour })).join("");
}

function band(s: Series, xs: ArrayLike<number>, x: Scale, y: Scale, colour: string): string {
  if (s.band === undefined) return "";
  const { low, high } = s.band;
  const [bottom, top] = [y.range[0], y.range[1]];
  let d = "";
  let run: { x: number; low: number; high: number }[] = [];
  const flush = (): void => {
    const upper = thin(run.map((p): Point => [p.x, p.high]));
    const lower = thin(run.map((p): Point => [p.x, p.low])).reverse();
    if (run.length > 1) d += `${pathThrough([...upper, ...lower])}Z`;
    run = [];
  };
  for (let k = 0; k < low.length; k++) {
    // An infinite bound, or one at or below zero on a log axis, reaches the end of the axis.
    const h = high[k] === Number.POSITIVE_INFINITY ? top : y(high[k]!);
    const place = y(low[k]!);
    const l = Number.isNaN(place) && !Number.isNaN(low[k]!) && !Number.isNaN(h) ? bottom : place;
    const p = { x: x(xs[k]!), low: l, high: h };
    if (Object.values(p).every(Number.isFinite)) run.push(p);
    else flush();
  }
  flush();
  return d === "" ? "" : el("path", { d, fill: colour, fillOpacity: 0.18 });
}

const isFinitePoint = ([a, b]: Point): boolean => Number.isFinite(a) && Number.isFinite(b);

const isAlone = (points: readonly Point[], k: number): boolean => {
  const seen = (p: Point | undefined): boolean => p !== undefined && isFinitePoint(p);
  return seen(points[k]) && !seen(points[k - 1]) && !seen(points[k + 1]);
};

/** At most four points for every pixel column: the first, the lowest, the highest and the last. Gaps stay. */
function thin(points: readonly Point[]): Point[] {
  if (points.length <= 2000) return [...points];
  const kept: Point[] = [];
  let bucket: Point[] = [];
  const flush = (): void => {
    if (bucket.length <= 4) kept.push(...bucket);
    else {
      let [low, high] = [0, 0];
      bucket.forEach((p, k) => {
        if (p[1] < bucket[low]![1]) low = k;
        if (p[1] > bucket[high]![1]) high = k;
      });
      const chosen = [...new Set([0, low, high, bucket.length - 1])].sort((a, b) => a - b);
      kept.push(...chosen.map((k) => bucket[k]!));
    }
    bucket = [];
  };
  for (const p of points) {
    if (!isFinitePoint(p)) {
      flush();
      kept.push(p);
      continue;
    }
    if (bucket.length > 0 && Math.floor(p[0]) !== Math.floor(bucket[0]![0])) flush();
    bucket.push(p);
  }
  flush();
  return kept;
}
