/**
 * Energy-based models on a base measure: f(x) = log q0(x) + r(x), where r is a network's and q0 was fitted to the training rows
 * (`base/`). Penalties act on r alone, or r would learn to cancel the base. Where classes are told apart, p(y|x) returns to the classes'
 * shares as q0 falls below anything that the rows have shown (class-shares.ts).
 */
import * as g from "../graph/index.js";
import type { Dict } from "../nn/index.js";
import { NdArray } from "../runtime/index.js";
import type { BaseMeasure } from "./base/base-measure.js";
import { child } from "./child.js";
import { classShares, returning } from "./class-shares.js";
import { type EnergyModel, type Evaluation, jointLogits } from "./energy-model.js";

/** A base measure and what was fitted: `heldout` `[n]` of it is log q0 of rows held out, ascending. */
export interface FittedBase {
  readonly measure: BaseMeasure;
  readonly fitted: Dict<NdArray>;
}

export interface BasedOptions {
  readonly base: FittedBase;
  /** The network; null for the base alone. */
  readonly network: EnergyModel | null;
  /** Whether the network's own density is r; if not, r = 0 and the network classifies only. Default true. */
  readonly residual?: boolean;
  /** Share of each class among the labelled rows `[K]`, where the network has classes. */
  readonly shares?: readonly number[];
}

/** Buffers `base.…` beside the network's: `base.of`, what was fitted; with classes `base.logshare` `[K]` and `base.gate`, floor and width. */
export function basedModel({ base, network, residual = true, shares }: BasedOptions): EnergyModel {
  const classes = network?.classes ?? null;
  const buffers: Dict<NdArray> = {
    of: base.fitted,
    ...(classes !== null && {
      ...classShares(shares ?? Array<number>(classes).fill(1), heldOutOf(base.fitted)),
    }),
  };
  return {
    classes,
    init(rng) {
      const { params, state } = network?.init(rng) ?? { params: {}, state: {} };
      return { params, state: { ...state, base: buffers } };
    },
    masks: (batch, rng) => network?.masks(batch, rng) ?? {},
    evaluate({ params, state }, x, mode): Evaluation {
      const { base: kept, ...rest } = state;
      const inner = network?.evaluate({ params, state: rest }, x, mode) ?? null;
      const after = { ...inner?.state, ...(kept !== undefined && { base: kept }) };
      // A network that only classifies learns as if there were no density.
      if (inner !== null && !residual && mode.mode === "train") return { ...inner, state: after };
      const held = child<Dict<g.Tensor>>(state, "base");
      const logBase = g.scope("base", () => base.measure.logDensity(child(held, "of"), g.flatten(x)));
      const own = inner !== null && residual ? inner.logDensity : null;
      const logDensity = own === null ? logBase : g.add(logBase, own);
      const logits = inner?.logits == null ? null : jointLogits(logDensity, returning(inner.logits, held, logBase));
      const { statistics = {}, features } = inner ?? {};
      const seen = { state: after, statistics, ...(features !== undefined && { features }) };
      return { logDensity, logits, residual: own ?? g.mul(logBase, 0), ...seen };
    },
  };
}

function heldOutOf({ heldout }: Dict<NdArray>): ArrayLike<number> {
  if (!(heldout instanceof NdArray)) throw new TypeError("the base measure kept no log-densities of rows held out");
  return heldout.data;
}
