/** The data of a run: batches, points to test on, and a few rows to fit the base measure to. */
import { array, data, type NdArray, streams } from "../../../src/web.js";
import type { Settings } from "../settings/settings.js";

export interface Source {
  readonly batches: data.Batches;
  /** Not trained on; of points of one's own they are the points. */
  readonly test: NdArray;
  readonly rows: NdArray;
}

const TEST = 2000;
const ROWS = 2000;
const EPOCH = 10_000;

export function sourceOf({ data: name, points, numbers: { seed, batch } }: Settings): Source {
  const options = { batchSize: batch, seed };
  if (name === "points") {
    const values = Float32Array.from(points);
    const rows = array(values, [values.length / 2, 2]);
    const split = new data.FloatSplit(values, [2], data.allRows(values.length / 2), null);
    return { batches: new data.ShuffledBatches(split, options), test: rows, rows };
  }
  const draw = (n: number, stream: string) => data.sampleToy(name, n, streams(seed).for(stream));
  return {
    batches: new data.FreshBatches((n, rng) => data.sampleToy(name, n, rng), EPOCH, options),
    test: draw(TEST, "test points of the playground"),
    rows: draw(ROWS, "rows of the base measure"),
  };
}
