/**
 * A pool of densities that fail in different ways: f(x) = Σ_m w_m (log q_m(x) - c_m), the logarithmic opinion pool (Genest & Zidek 1986,
 * section 3; a product of experts). The weights give every member the same spread of log-densities on rows that it was not fitted to, and
 * the pool the spread of its first. What one member finds impossible, the pool finds unlikely. It is not normalised.
 */
import * as g from "../../graph/index.js";
import { type Dict, variable } from "../../nn/index.js";
import { NdArray, type Rng, takeRows } from "../../runtime/index.js";
import { child } from "../child.js";
import type { BaseMeasure } from "./base-measure.js";
import { quantile, quantiles } from "./columns.js";
import { coreOf } from "./core.js";
import { logDensities } from "./evaluate.js";

/** Members by name; the first gives the pool its scale. */
export type PoolMembers = Readonly<Record<string, BaseMeasure>>;

/** Rows that a member is fitted to: more are a sample. */
const MOST_ROWS = 5000;
/** Up to this many rows, all are held out once; of more, one part is. */
const CROSS_FITTED = 1000;
const FOLDS = 5;
/** Quantiles kept of f on rows held out. */
const KEPT = 1000;

/**
 * Members of `ofCore` are fitted to the core of the rows (core.ts). Fitted: each member's under its name; `weight` and `offset` `[M]`; `heldout` `[≤ 1000]`, f of rows that were held out, ascending: what
 * thresholds and ranks are made from.
 */
export const pool = (ofAll: PoolMembers, ofCore: PoolMembers = {}): BaseMeasure => {
  const members = { ...ofAll, ...ofCore };
  const names = Object.keys(members);
  const each = (fitted: Dict<g.Tensor>, x: g.Tensor): g.Tensor =>
    g.stack(names.map((name) => members[name]!.logDensity(child(fitted, name), x)));

  async function fitAll(rows: NdArray, rng: Rng): Promise<Dict<NdArray>> {
    const fitted: Record<string, Dict<NdArray>> = {};
    for (const [name, member] of Object.entries(ofAll)) fitted[name] = await member.fit(rows, rng);
    const core = Object.keys(ofCore).length > 0 ? await coreOf(rows, rng.fork()) : rows;
    for (const [name, member] of Object.entries(ofCore)) fitted[name] = await member.fit(core, rng);
    return fitted;
  }

  return {
    async fit(rows, rng) {
      const sampled = takeRows(rows, rng.permutation(rows.shape[0]!).subarray(0, MOST_ROWS));
      const order = rng.permutation(sampled.shape[0]!);
      const parts = order.length <= CROSS_FITTED ? FOLDS : 1;
      const size = Math.ceil(order.length / FOLDS);
      const values: number[][] = names.map(() => []);
      for (let part = 0; part < parts; part++) {
        const held = order.subarray(part * size, (part + 1) * size);
        const rest = Int32Array.from([...order.subarray(0, part * size), ...order.subarray((part + 1) * size)]);
        if (held.length === 0 || rest.length === 0) continue;
        const fitted = await fitAll(takeRows(sampled, rest), rng);
        (await logDensities(members, fitted, takeRows(sampled, held))).forEach((v, m) => {
          values[m]!.push(...v);
        });
      }
      const summaries = values.map((v) => summary(v));
      const weight = summaries.map(({ spread }) => summaries[0]!.spread / (names.length * spread));
      const offset = summaries.map(({ median }) => median);
      const heldout = Float32Array.from(values[0]!, (_, i) =>
        weight.reduce((f, w, m) => f + w * (values[m]![i]! - offset[m]!), 0),
      ).sort();
      return {
        ...(await fitAll(sampled, rng)),
        weight: row(weight),
        offset: row(offset),
        heldout: row(quantiles(heldout, KEPT)),
      };
    },

    logDensity(fitted, x) {
      const [weight, offset] = [variable(fitted, "weight"), variable(fitted, "offset")];
      const centred = g.sub(each(fitted, x), g.reshape(offset, [names.length, 1]));
      return g.sum(g.mul(centred, g.reshape(weight, [names.length, 1])), 0);
    },
  };
};

const row = (values: ArrayLike<number>): NdArray => new NdArray(Float32Array.from(values), [values.length]);

/** The median, and the distance down to the lowest twentieth: the side on which unlikely rows are told apart. */
function summary(values: readonly number[]): { readonly median: number; readonly spread: number } {
  const sorted = Float64Array.from(values).sort();
  const median = quantile(sorted, 0.5);
  return { median, spread: Math.max(median - quantile(sorted, 0.05), 1e-3) };
}
