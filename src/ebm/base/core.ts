/**
 * The core of some rows: all but the fifth that its teachers find least likely. Where odd rows are among the training rows, most of them are
 * left out, and what is fitted to the core knows them for what they are (trimming: Rousseeuw 1984; a teacher for it: arXiv 2605.06955).
 * Teachers are a density of each column by itself and the Gaussian: too coarse to take a group of odd rows for a mode.
 */
import { type NdArray, type Rng, takeRows } from "../../runtime/index.js";
import { columnDensities } from "./column-densities.js";
import { quantile } from "./columns.js";
import { logDensities } from "./evaluate.js";
import { gaussianMixture } from "./gaussian-mixture.js";
import { inPrincipalComponents } from "./principal.js";

const TEACHERS = {
  columns: columnDensities,
  gaussian: inPrincipalComponents(gaussianMixture({ components: 1, ridge: 0.01 })),
};
/** Share of the rows left out. */
const TRIMMED = 0.2;

/** The core of rows `[N, D]`, in their order. */
export async function coreOf(rows: NdArray, rng: Rng): Promise<NdArray> {
  const fitted = {
    columns: await TEACHERS.columns.fit(rows, rng),
    gaussian: await TEACHERS.gaussian.fit(rows, rng),
  };
  const views = (await logDensities(TEACHERS, fitted, rows)).map((values) => {
    const sorted = Float32Array.from(values).sort();
    const median = quantile(sorted, 0.5);
    const spread = Math.max(median - quantile(sorted, 0.05), 1e-3);
    return values.map((v) => (v - median) / spread);
  });
  const total = views[0]!.map((v, i) => v + views[1]![i]!);
  const least = quantile(Float32Array.from(total).sort(), TRIMMED);
  return takeRows(
    rows,
    Int32Array.from(total.keys()).filter((i) => total[i]! >= least),
  );
}
