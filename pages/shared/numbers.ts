/** How numbers are written: as many digits as tell values apart, and no more. */

const MINUS = "−";
const signed = (text: string): string => text.replace(/^-/, MINUS);

/** A measure: four digits that count; very large and small ones with a power of ten. */
export function shown(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined) return "–";
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return signed(value.toExponential(Math.max(0, digits - 2)).replace("e+", "e"));
  if (Number.isInteger(value)) return counted(value);
  const places = Math.max(0, Math.min(7, digits - 1 - Math.floor(Math.log10(size))));
  return signed(value.toFixed(places));
}

/** A number that counts something: 12,500. */
export const counted = (value: number): string => signed(Math.round(value).toLocaleString("en"));

/** Mean ± deviation: both to the deviation's second digit. */
export function meanAndDeviation(mean: number, deviation: number | null): string {
  if (deviation === null || !Number.isFinite(deviation) || !Number.isFinite(mean)) return shown(mean);
  if (deviation === 0) return `${shown(mean)} ± 0`;
  const places = 1 - Math.floor(Math.log10(deviation));
  if (places > 6 || places < -4) return `${shown(mean)} ± ${shown(deviation, 2)}`;
  const at = Math.max(0, places);
  return `${signed(mean.toFixed(at))} ± ${deviation.toFixed(at)}`;
}

/** How long: `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `2026-03-01 14:05`, where the reader is. */
export function moment(milliseconds: number): string {
  const at = new Date(milliseconds);
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function fileSize(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${shown(bytes / 1e3, 3)} kB`;
  return bytes < 1e9 ? `${shown(bytes / 1e6, 3)} MB` : `${shown(bytes / 1e9, 3)} GB`;
}

/** Ticks of an axis that stand `step` apart: all with the digits that this takes. */
export function ticks(values: readonly (number | null)[]): string[] {
  const given = values.filter((v): v is number => v !== null);
  const step = given.length > 1 ? Math.abs(given[1]! - given[0]!) : Math.abs(given[0] ?? 1);
  const size = Math.max(...given.map(Math.abs), 0);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return values.map((v) => (v === null ? "" : v === 0 ? "0" : power(v)));
  const places = [0, 1, 2, 3, 4, 5].find((p) => Math.abs(step * 10 ** p - Math.round(step * 10 ** p)) < 1e-6) ?? 6;
  return values.map((v) => (v === null ? "" : places === 0 ? counted(v) : signed(v.toFixed(places))));
}

/** `2e6`, `1.5e-4`. */
const power = (value: number): string => signed(Number(value.toPrecision(3)).toExponential().replace("e+", "e"));

/** Ticks of a logarithmic axis. */
export const powerTicks = (values: readonly (number | null)[]): string[] =>
  values.map((v) => {
    if (v === null) return "";
    const size = Math.abs(v);
    return v === 0 ? "0" : size >= 1e5 || size < 1e-3 ? power(v) : signed(String(Number(v.toPrecision(4))));
  });
