/** Overlaid histograms: scores of several data sets. */
import { BEGINNING, type Chart } from "./chart.js";
import { type Labels, type PlotSize, titled } from "./labels.js";
import { bySeries, distinct } from "./legend.js";
import { finiteRange, formatFor, type Interval, placed, widen } from "./numbers.js";

export interface Sample {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

export interface HistogramOptions extends Labels, PlotSize {
  /** Number of bins; default by the size of the smallest sample. */
  readonly bins?: number;
  /** Ends of the axis; default where every sample keeps its middle 99 %. */
  readonly range?: readonly [number, number];
}

/** Heights [samples][bins] of histograms with shared bins, and the bins' common range. */
export interface Histograms {
  readonly range: readonly [number, number];
  readonly densities: readonly Float64Array[];
}

/** Share cut off at each end of each sample when the axis chooses its range. */
const TAIL = 0.005;

/**
 * Densities of several samples over shared bins. Each is normalised by all its finite values, so that what lies outside
 * the range is missing from its area, not spread over it.
 */
export function sharedBins(
  samples: readonly Sample[],
  options: Pick<HistogramOptions, "bins" | "range"> = {},
): Histograms {
  const sorted = samples.map((s) => Float64Array.from(s.values).filter(Number.isFinite).sort());
  const filled = sorted.filter((v) => v.length > 0);
  const smallest = filled.reduce((n, v) => Math.min(n, v.length), Number.POSITIVE_INFINITY);
  const bins =
    options.bins ?? (filled.length === 0 ? 10 : Math.min(80, Math.max(8, Math.round(3 * Math.cbrt(smallest)))));
  const ends = filled.map((v) => [v[Math.floor(TAIL * (v.length - 1))]!, v[Math.ceil((1 - TAIL) * (v.length - 1))]!]);
  const range = widen(options.range ?? finiteRange(ends), options.range === undefined ? 0.02 : 0);
  const binWidth = (range[1] - range[0]) / bins;
  const densities = sorted.map((values) => {
    const counts = new Float64Array(bins);
    for (const v of values)
      if (v >= range[0] && v <= range[1]) counts[Math.min(bins - 1, Math.floor((v - range[0]) / binWidth))]! += 1;
    return counts.map((c) => (values.length === 0 ? 0 : c / (values.length * binWidth)));
  });
  return { range, densities };
}

/** Histograms of named samples on one axis, as densities. Values that are not finite are left out. */
export function histograms(samples: readonly Sample[], options: HistogramOptions = {}): Chart {
  const { width = 460, height = 260 } = options;
  const { range, densities } = sharedBins(samples, options);
  const names = distinct(samples.map((s) => s.name));
  const values = densities.flatMap((heights, i) => outline(heights, range).map((p) => ({ series: names[i]!, ...p })));
  const top = densities.reduce((m, d) => d.reduce((a, b) => Math.max(a, b), m), 0);
  const yScale = top > 0 ? {} : { scale: { domain: [0, 1] } };
  const mark = { strokeJoin: "round", order: false } as const;
  return {
    ...BEGINNING,
    ...titled(options.title),
    width,
    height,
    data: { values },
    encoding: {
      x: {
        field: "x",
        type: "quantitative",
        title: options.xLabel ?? null,
        scale: { domain: [...range], nice: false, zero: false },
        axis: { tickCount: 6, ...formatFor(range) },
      },
      y: {
        field: "density",
        type: "quantitative",
        title: options.yLabel ?? "Density",
        axis: { tickCount: 4, ...formatFor([0, top]) },
        stack: null,
        ...yScale,
      },
      ...bySeries(names, width, "square"),
    },
    layer: [{ mark: { type: "area", opacity: 0.2, ...mark } }, { mark: { type: "line", strokeWidth: 1.6, ...mark } }],
  };
}

/** Steps around the bins that hold something: a line along the empty ones would look like an axis. */
function outline(densities: Float64Array, [low, high]: Interval): { x: number; density: number | null }[] {
  const edge = (k: number): number => placed(low + (k / densities.length) * (high - low)) ?? 0;
  const points: { x: number; density: number | null }[] = [];
  densities.forEach((density, k) => {
    if (density === 0) return;
    if (!(densities[k - 1]! > 0)) points.push({ x: edge(k), density: null }, { x: edge(k), density: 0 });
    points.push({ x: edge(k), density: placed(density) }, { x: edge(k + 1), density: placed(density) });
    if (!(densities[k + 1]! > 0)) points.push({ x: edge(k + 1), density: 0 });
  });
  return points;
}
