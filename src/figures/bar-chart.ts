/** Bars for categories. */
import { page } from "./block.js";
import { luminance, rgbOf } from "./colormap.js";
import { type Labels, type PlotSize, panel } from "./panel.js";
import { alignedNumbers, finiteRange, type Interval, linearScale, type Scale, widen } from "./scale.js";
import { INK, PALETTE, SIZE, seriesStyle } from "./style.js";
import { el, FigureError, num } from "./svg.js";
import { fitText, text, textWidth } from "./text.js";

export interface BarSeries {
  readonly name: string;
  /** One value for each category; NaN leaves a gap. */
  readonly values: ArrayLike<number>;
  /** Half heights of error bars, one for each value. */
  readonly errors?: ArrayLike<number>;
}

export interface BarChartOptions extends Labels, PlotSize {
  /** Ends of the value axis; default zero and the data. Bars still start at zero where it is within. */
  readonly yRange?: readonly [number, number];
}

const LONGEST_NAME = 130;

/** A scale whose ticks are names in the middles of equal bands: all, or every second, third …. */
export function bandScale(names: readonly string[], range: Interval, every = 1): Scale {
  const band = (range[1] - range[0]) / Math.max(1, names.length);
  const ticks = names.map((name, i) => ({ value: i, label: fitText(name, SIZE.tick, LONGEST_NAME) }));
  return Object.assign((i: number) => range[0] + (i + 0.5) * band, {
    domain: [-0.5, names.length - 0.5] as const,
    range,
    ticks: ticks.filter((_, i) => i % every === 0),
  });
}

/** Whether names as wide as these must be written at a slant to stand `band` pixels apart. */
export const needsSlant = (names: readonly string[], band: number): boolean =>
  names.some((name) => textWidth(fitText(name, SIZE.tick, LONGEST_NAME), SIZE.tick) > band - 6);

/**
 * Grouped bars: one group for each category, one colour for each series. Values are written over bars that are wide
 * enough.
 * @throws FigureError where a series has not one value for each category.
 */
export function barChart(
  categories: readonly string[],
  series: readonly BarSeries[],
  options: BarChartOptions = {},
): string {
  for (const s of series)
    for (const v of [s.values, s.errors])
      if (v !== undefined && v.length !== categories.length)
        throw new FigureError(`barChart: "${s.name}" has ${v.length} values for ${categories.length} categories`);
  const { width = Math.max(300, Math.min(760, categories.length * (26 * series.length + 30))), height = 260 } = options;
  const x = bandScale(categories, [0, width]);
  const y = linearScale(options.yRange ?? valueRange(series), [height, 0]);
  const group = (width / Math.max(1, categories.length)) * (series.length > 1 ? 0.8 : 0.64);
  const bar = group / Math.max(1, series.length);
  const base = y(Math.min(y.domain[1], Math.max(y.domain[0], 0)));
  const all = alignedNumbers(series.flatMap((s) => Array.from(s.values)));
  const numbers = series.map((_, j) => all.slice(j * categories.length, (j + 1) * categories.length));
  let [bars, words] = ["", ""];
  series.forEach((s, j) => {
    const colour = seriesStyle(j).colour;
    for (let i = 0; i < categories.length; i++) {
      const v = s.values[i]!;
      if (!Number.isFinite(v)) continue;
      const left = x(i) - group / 2 + j * bar;
      const [top, bottom] = [Math.min(base, y(v)), Math.max(base, y(v))];
      bars += el("rect", { x: left + 0.5, y: top, width: Math.max(0.5, bar - 1), height: bottom - top, fill: colour });
      const error = s.errors?.[i];
      const middle = left + bar / 2;
      if (error !== undefined && Number.isFinite(error)) bars += whisker(middle, y(v - error), y(v + error), bar);
      const label = numbers[j]![i]!;
      if (textWidth(label, SIZE.note) > bar + 4) continue;
      const reach = error !== undefined && Number.isFinite(error) ? error : 0;
      words += valueLabel(label, middle, y(v - reach), y(v + reach), v < 0, height, colour);
    }
  });
  if (y.domain[0] < 0) bars += el("path", { d: `M0 ${num(base)}h${num(width)}`, stroke: PALETTE[6], strokeWidth: 1 });
  const legend = series.map((s, i) => ({ name: s.name, colour: seriesStyle(i).colour, mark: "area" as const }));
  const slant = needsSlant(categories, width / Math.max(1, categories.length));
  const around = { ...options, x, y, slant, grid: "y" as const, legend: series.length < 2 ? [] : legend };
  return page(panel(around, bars + words));
}

/** The number beyond the end of its bar, or inside the bar where the plot area ends. */
function valueLabel(
  label: string,
  x: number,
  low: number,
  high: number,
  negative: boolean,
  height: number,
  fill: string,
): string {
  const style = { size: SIZE.note, anchor: "middle" } as const;
  const outside = negative ? low + SIZE.note + 2 : high - 4;
  if (outside >= SIZE.note && outside <= height - 2) return text(x, outside, label, style);
  const inside = negative ? Math.min(high, height) - 5 : Math.max(low, 0) + SIZE.note + 3;
  const colour = luminance(rgbOf(fill)) < 0.6 ? INK.paper : INK.text;
  return text(x, inside, label, { ...style, colour });
}

function whisker(x: number, low: number, high: number, bar: number): string {
  const half = Math.min(5, bar / 4);
  const cap = (y: number): string => `M${num(x - half)} ${num(y)}h${num(2 * half)}`;
  return el("path", {
    d: `M${num(x)} ${num(low)}V${num(high)}${cap(low)}${cap(high)}`,
    stroke: PALETTE[6],
    fill: "none",
  });
}

function valueRange(series: readonly BarSeries[]): Interval {
  const reaches = series.flatMap((s) => {
    const values = Array.from(s.values);
    return [values.map((v, i) => v - (s.errors?.[i] || 0)), values.map((v, i) => v + (s.errors?.[i] || 0))];
  });
  const [low, high] = finiteRange([...reaches, [0]]);
  // Room for the numbers over (and under) the bars.
  const room = 0.1 * (high - low);
  return widen([low < 0 ? low - room : 0, high > 0 ? high + room : low < 0 ? 0 : 1]);
}
