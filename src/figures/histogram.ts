/** Overlaid histograms: scores of several data sets. */
import { page } from "./block.js";
import { type Labels, type PlotSize, panel } from "./panel.js";
import { finiteRange, linearScale, widen } from "./scale.js";
import { seriesStyle } from "./style.js";
import { el, num } from "./svg.js";

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
export function histograms(samples: readonly Sample[], options: HistogramOptions = {}): string {
  const { width = 460, height = 260 } = options;
  const { range, densities } = sharedBins(samples, options);
  const top = densities.reduce((m, d) => d.reduce((a, b) => Math.max(a, b), m), 0);
  const x = linearScale(range, [0, width], 6);
  const y = linearScale([0, top > 0 ? top * 1.06 : 1], [height, 0], 4);
  const marks = densities.map((density, i) => {
    const { colour, dash } = seriesStyle(i);
    const step = width / density.length;
    // Only bins that hold something: an outline along the empty ones would look like an axis.
    let d = "";
    density.forEach((v, k) => {
      if (v === 0) return;
      if (!(density[k - 1]! > 0)) d += `M${num(k * step)} ${num(height)}`;
      d += `V${num(y(v))}H${num((k + 1) * step)}`;
      if (!(density[k + 1]! > 0)) d += `V${num(height)}`;
    });
    const edge = { stroke: colour, strokeWidth: 1.6, strokeLinejoin: "round", strokeDasharray: dash };
    return d === "" ? "" : el("path", { d, fill: colour, fillOpacity: 0.2, ...edge });
  });
  const legend = samples.map((s, i) => ({ name: s.name, ...seriesStyle(i), mark: "area" as const }));
  const labels = { yLabel: "Density", ...options };
  return page(panel({ ...labels, x, y, legend: samples.length < 2 ? [] : legend }, marks.join("")));
}
