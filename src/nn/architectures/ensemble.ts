/**
 * Ensembles of small networks that share their matrices: BatchEnsemble (Wen, Tran & Ba 2020, arXiv 2002.06715), as TabM uses it for tables
 * (Gorishniy, Kotelnikov & Babenko 2024, arXiv 2410.24210). Members of a group have the same two hidden layers, and each its own scales and
 * shifts of their units and its own last layer; groups share nothing.
 */
import * as g from "../../graph/index.js";
import { NdArray, type Rng, zeros } from "../../runtime/index.js";
import { type Dict, variable } from "../module.js";

export interface EnsembleSize {
  readonly groups: number;
  /** Of each group. */
  readonly members: number;
  readonly inputs: number;
  /** Units of a hidden layer. */
  readonly hidden: number;
  readonly outputs: number;
}

/** Spread of the members' scales around 1, and of their first shifts: what makes them differ from the start. */
const SPREAD = 0.5;

/** Initial parameters, groups first. @param squares mean sum of squares of an input row, which the first layer is scaled by */
export function initEnsemble(
  { groups, members, inputs, hidden, outputs }: EnsembleSize,
  squares: number,
  rng: Rng,
): Dict<NdArray> {
  const unit = [groups, members, 1, hidden];
  return {
    matrices: {
      first: rng.normal([groups, inputs, hidden], 0, 1 / Math.sqrt(squares || 1)),
      second: rng.normal([groups, hidden, hidden], 0, Math.sqrt(2 / hidden)),
      last: rng.normal([groups, members, hidden, outputs], 0, 0.5 / Math.sqrt(hidden)),
    },
    members: {
      scale1: rng.normal(unit, 1, SPREAD),
      shift1: rng.normal(unit, 0, SPREAD),
      scale2: rng.normal(unit, 1, SPREAD),
      shift2: zeros(unit),
      bias: zeros([groups, members, 1, outputs]),
    },
  };
}

/** Dropout masks of both hidden layers, each `[G, 1, B, H]`: the members of a group share them. @param rates of each group */
export function ensembleMasks(rates: readonly number[], batch: number, hidden: number, rng: Rng): Dict<NdArray> {
  const size = batch * hidden;
  const mask = () => {
    const data = new Float32Array(rates.length * size);
    rates.forEach((p, group) => {
      data.set(rng.bernoulli([size], 1 - p, 1 / (1 - p)).data, group * size);
    });
    return new NdArray(data, [rates.length, 1, batch, hidden]);
  };
  return { first: mask(), second: mask() };
}

/** x `[G, B, D]`, or `[1, B, D]` where all groups see the same → logits of all members `[G, K, B, C]`. */
export function applyEnsemble(params: Dict<g.Tensor>, x: g.Tensor, masks?: Dict<g.Tensor>): g.Tensor {
  const matrices = params.matrices as Dict<g.Tensor>;
  const own = params.members as Dict<g.Tensor>;
  const masked = (h: g.Tensor, name: string) => (masks === undefined ? h : g.mul(h, variable(masks, name)));
  const scale1 = variable(own, "scale1");
  const [groups, members, , hidden] = scale1.shape as [number, number, number, number];
  const batch = x.shape[1]!;
  const shared = g.reshape(g.matmul(x, variable(matrices, "first")), [groups, 1, batch, hidden]);
  const first = masked(g.relu(g.add(g.mul(shared, scale1), variable(own, "shift1"))), "first");
  const flat = g.matmul(g.reshape(first, [groups, members * batch, hidden]), variable(matrices, "second"));
  const second = g.reshape(flat, [groups, members, batch, hidden]);
  const units = masked(g.relu(g.add(g.mul(second, variable(own, "scale2")), variable(own, "shift2"))), "second");
  return g.add(g.matmul(units, variable(matrices, "last")), variable(own, "bias"));
}
