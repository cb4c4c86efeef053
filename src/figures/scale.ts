/** Scales: numbers to pixels, with round tick marks. */
import { superscript } from "./text.js";

export interface Tick {
  readonly value: number;
  readonly label: string;
}

export interface Scale {
  /** Position in pixels; NaN where the value has no place (not finite, or not positive on a log scale). */
  (value: number): number;
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  readonly ticks: readonly Tick[];
}

export type Interval = readonly [number, number];

/** Beyond these, differences overflow and steps underflow. */
const HUGE = 1e300;
const TINY = 1e-300;

/** Smallest and largest finite value, [0, 1] where there is none. With `positive`, of the values above zero. */
export function finiteRange(series: Iterable<ArrayLike<number>>, positive = false): Interval {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const values of series) {
    for (let i = 0; i < values.length; i++) {
      const v = values[i]!;
      if (!Number.isFinite(v) || (positive && v <= 0)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  if (low <= high) return [low, high];
  return positive ? [0.1, 1] : [0, 1];
}

/** An interval with a width: constant data get room on both sides, every interval gets `margin` of its width. */
export function widen([low, high]: Interval, margin = 0): Interval {
  const a = Math.max(-HUGE, Math.min(low, high));
  const b = Math.min(HUGE, Math.max(low, high));
  const size = Math.max(Math.abs(a), Math.abs(b));
  if (b - a <= Math.max(TINY, 1e-9 * size)) {
    const room = size <= TINY ? 1 : 0.1 * size;
    return [a - room, b + room];
  }
  return [a - margin * (b - a), b + margin * (b - a)];
}

/** A round step (1, 2 or 5 times a power of ten) that cuts a width into about `count` pieces. */
export function roundStep(width: number, count: number): number {
  const raw = width / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const error = raw / power;
  return power * (error >= 7.07 ? 10 : error >= 3.16 ? 5 : error >= 1.41 ? 2 : 1);
}

/** The interval, stretched to a tick that lies just outside: an axis to 9998 shall end at 10 000. */
export function reachTicks([low, high]: Interval, count: number): Interval {
  const step = roundStep(high - low, count);
  const slack = 0.03 * (high - low);
  const [below, above] = [Math.floor(low / step) * step, Math.ceil(high / step) * step];
  return [low - below < slack ? below : low, above - high < slack ? above : high];
}

function tickValues([low, high]: Interval, count: number): { readonly values: number[]; readonly step: number } {
  const step = roundStep(high - low, count);
  const values: number[] = [];
  const slack = 1e-6;
  const last = Math.floor(high / step + slack);
  for (let i = Math.ceil(low / step - slack); i <= last; i++) values.push(i * step);
  return { values, step };
}

const minus = (label: string): string => label.replace("-", "−");

/** Labels for values `step` apart that share one notation: plain, thousands (k), millions (M) or powers of ten. */
export function tickLabels(values: readonly number[], step: number): string[] {
  const size = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  if (size >= 1e9 || (size < 1e-3 && size > 0)) {
    const power = Math.floor(Math.log10(size) + 1e-9);
    const decimals = decimalsOf(step / 10 ** power);
    return values.map((v) => (v === 0 ? "0" : `${minus((v / 10 ** power).toFixed(decimals))}×${powerOfTen(power)}`));
  }
  const [unit, suffix] = size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  const decimals = decimalsOf(step / unit);
  return values.map((v) =>
    v === 0 ? (0).toFixed(unit === 1 ? decimals : 0) : `${minus((v / unit).toFixed(decimals))}${suffix}`,
  );
}

const decimalsOf = (step: number): number => Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));

const powerOfTen = (power: number): string => `10${superscript(String(power))}`;

/** A number as a reader wants it beside a mark: about three significant digits. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e4) return minus(String(value));
  if (size >= 1e9 || size < 1e-3) {
    const power = Math.floor(Math.log10(size));
    return `${minus((value / 10 ** power).toPrecision(2))}×${powerOfTen(power)}`;
  }
  const [unit, suffix] = size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
  return minus(String(Number((value / unit).toPrecision(3)))) + suffix;
}

/** Several numbers as a reader wants them; below 100 all with the same number of decimals. */
export function alignedNumbers(values: ArrayLike<number>): string[] {
  const list = Array.from(values);
  const finite = list.filter(Number.isFinite);
  const size = finite.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  if (size >= 100 || (size < 1e-3 && size > 0)) return list.map(shortNumber);
  const wanted = finite.map((v) => (String(Number(v.toPrecision(3))).split(".")[1] ?? "").length);
  const most = size >= 10 ? 2 : size >= 1 ? 3 : size >= 0.1 ? 4 : 5;
  const decimals = Math.min(most, Math.max(0, ...wanted));
  return list.map((v) => (Number.isFinite(v) ? minus(v.toFixed(decimals)) : shortNumber(v)));
}

const withParts = (map: (v: number) => number, domain: Interval, range: Interval, ticks: readonly Tick[]): Scale =>
  Object.assign((v: number) => map(v), { domain, range, ticks });

/** A linear scale. A domain without width is widened; about `count` ticks. */
export function linearScale(domain: Interval, range: Interval, count = 5): Scale {
  const width = domain[1] - domain[0];
  const [a, b] = width > TINY && width < 4 * HUGE ? domain : widen(domain);
  const { values, step } = tickValues([a, b], count);
  const labels = tickLabels(values, step);
  const ticks = values.map((value, i) => ({ value, label: labels[i]! }));
  const slope = (range[1] - range[0]) / (b - a);
  return withParts((v) => (Number.isFinite(v) ? range[0] + (v - a) * slope : Number.NaN), [a, b], range, ticks);
}

/** A base-10 logarithmic scale for positive values; ticks at powers of ten, and at 2 and 5 where there are few. */
export function logScale(domain: Interval, range: Interval, count = 5): Scale {
  const low = Math.min(HUGE, Math.max(TINY, domain[0]));
  const high = Math.min(HUGE, Math.max(domain[1], low));
  const [a, b] = high > low * (1 + 1e-9) ? [low, high] : [low / 2, high * 2];
  const [la, lb] = [Math.log10(a), Math.log10(b)];
  const slack = 1e-9;
  const ticks: Tick[] = [];
  const stride = Math.max(1, Math.ceil((lb - la) / (count + 1)));
  const multiples = lb - la < 1 ? [1, 2, 3, 4, 5, 6, 8] : lb - la < 2.5 ? [1, 2, 5] : [1];
  for (let power = Math.floor(la); power <= Math.ceil(lb); power++) {
    if (power % stride !== 0) continue;
    for (const m of multiples) {
      const position = power + Math.log10(m);
      if (position < la - slack || position > lb + slack) continue;
      const value = m * 10 ** power;
      const plain = power >= -2 && power <= 3 && lb <= 4 && la >= -2;
      ticks.push({ value, label: plain ? shortNumber(value) : `${m === 1 ? "" : `${m}×`}${powerOfTen(power)}` });
    }
  }
  const slope = (range[1] - range[0]) / (lb - la);
  const map = (v: number): number =>
    Number.isFinite(v) && v > 0 ? range[0] + (Math.log10(v) - la) * slope : Number.NaN;
  return withParts(map, [a, b], range, ticks);
}
