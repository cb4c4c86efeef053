/** The training rows nearest to a row, in all columns or all but one. */
import type { NdArray } from "../runtime/index.js";

/** So many: enough to not depend on one of them, few enough to be near. */
export const NEIGHBOURS = 5;

/** The features of a column: the first and how many. */
export interface Run {
  readonly start: number;
  readonly width: number;
}

/** A difference counts up to so many standard deviations: one value that is far off leaves it to the others who is near. */
const FARTHEST = 10;

export class Neighbours {
  /** Squared distances of the last row to each reference row in each column `[columns][N]`, and in all `[N]`. */
  private readonly parts: readonly Float64Array[];
  private readonly totals: Float64Array;
  private row: NdArray["data"] | null = null;

  /** @param reference rows `[N, D]` */
  constructor(
    private readonly reference: NdArray,
    private readonly columns: readonly Run[],
  ) {
    const count = reference.shape[0]!;
    this.parts = columns.map(() => new Float64Array(count));
    this.totals = new Float64Array(count);
  }

  /** The nearest reference rows to a row `[D]`, nearest first. @param column that is left out of account; null: none is */
  of(row: NdArray["data"], column: number | null): number[] {
    if (row !== this.row) this.measure(row);
    const part = column === null ? null : this.parts[column]!;
    const found: number[] = [];
    const distances: number[] = [];
    this.totals.forEach((total, n) => {
      const distance = part === null ? total : total - part[n]!;
      if (found.length === NEIGHBOURS && distance >= distances[NEIGHBOURS - 1]!) return;
      let at = found.length;
      while (at > 0 && distances[at - 1]! > distance) at--;
      found.splice(at, 0, n);
      distances.splice(at, 0, distance);
      if (found.length > NEIGHBOURS) {
        found.pop();
        distances.pop();
      }
    });
    return found;
  }

  private measure(row: NdArray["data"]): void {
    const { data, shape } = this.reference;
    const width = shape[1]!;
    this.row = row;
    this.totals.fill(0);
    this.columns.forEach(({ start, width: features }, j) => {
      const part = this.parts[j]!;
      for (let n = 0; n < part.length; n++) {
        let sum = 0;
        for (let k = start; k < start + features; k++)
          sum += Math.min(Math.abs(row[k]! - data[n * width + k]!), FARTHEST) ** 2;
        part[n] = sum;
        this.totals[n]! += sum;
      }
    });
  }
}
