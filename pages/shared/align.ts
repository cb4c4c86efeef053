/** Lines that have points at different places, as one table over all of these places. */
import type uPlot from "uplot";

export interface Line {
  readonly x: readonly number[];
  /** Null where there is no finite value: a gap in the line. */
  readonly y: readonly (number | null)[];
}

/** Where a line has no point its value is undefined, which is drawn over; a null stays a gap. */
export function align(lines: readonly Line[]): uPlot.AlignedData {
  const places = [...new Set(lines.flatMap(({ x }) => x))].sort((a, b) => a - b);
  const index = new Map(places.map((x, i) => [x, i]));
  const columns = lines.map(({ x, y }) => {
    const column: (number | null | undefined)[] = new Array(places.length).fill(undefined);
    x.forEach((at, i) => {
      column[index.get(at)!] = y[i] ?? null;
    });
    return column;
  });
  return [places, ...columns];
}

/** Of the last point at or before a place, or the first where all are after it. */
export function valueAt({ x, y }: Line, at: number): number | null {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return y[Math.max(0, low - 1)] ?? null;
}
