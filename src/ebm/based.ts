/**
 * Energy-based models on a base measure: f(x) = log q0(x) + r(x), where r is a network's and q0 was fitted to the training rows
 * (`base/`). Penalties act on r alone, or r would learn to cancel the base. Where classes are told apart, p(y|x) returns to the classes'
 * shares as q0 falls below anything that the rows have shown:
 * p(y|x) = (1 - α) softmax_y(network) + α share_y, α = sigmoid((floor - log q0(x)) / width).
 */
import * as g from "../graph/index.js";
import { type Dict, variable } from "../nn/index.js";
import { NdArray } from "../runtime/index.js";
import type { BaseMeasure } from "./base/base-measure.js";
import { quantile } from "./base/columns.js";
import type { EnergyModel, Evaluation } from "./energy-model.js";
import { child } from "./steps/step.js";

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
      logshare: logShares(shares ?? Array<number>(classes).fill(1)),
      gate: gateOf(base.fitted),
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
      const logits =
        inner?.logits == null
          ? null
          : g.add(
              g.reshape(g.clamp(logDensity, -MOST, MOST), [x.shape[0]!, 1]),
              tempered(inner.logits, variable(held, "logshare"), variable(held, "gate"), logBase),
            );
      const { statistics = {}, features } = inner ?? {};
      const seen = { state: after, statistics, ...(features !== undefined && { features }) };
      return { logDensity, logits, residual: own ?? g.mul(logBase, 0), ...seen };
    },
  };
}

/** Beyond it f is cut off in the logits: single precision would leave too few digits to the probabilities. */
const MOST = 500;

/** log p(y|x), from the network's to the shares as log q0 falls. */
function tempered(logits: g.Tensor, logshare: g.Tensor, gate: g.Tensor, logBase: g.Tensor): g.Tensor {
  const [floor, width] = [g.slice(gate, 0), g.slice(gate, 1)];
  const inside = g.reshape(g.div(g.sub(logBase, floor), width), [logBase.shape[0]!, 1]);
  const own = g.sub(g.logSoftmax(logits, 1), g.softplus(g.neg(inside)));
  const shared = g.sub(logshare, g.softplus(inside));
  return g.logsumexp(g.stack([own, g.broadcastTo(shared, own.shape)]), 0);
}

/** The floor lies as far below the lowest of the rows held out as the lowest twentieth below the median; it is that wide by a quarter. */
function gateOf(fitted: Dict<NdArray>): NdArray {
  const { heldout } = fitted;
  if (!(heldout instanceof NdArray)) throw new TypeError("the base measure kept no log-densities of rows held out");
  const spread = Math.max(quantile(heldout.data, 0.5) - quantile(heldout.data, 0.05), 1e-3);
  return new NdArray(Float32Array.of(heldout.data[0]! - spread, spread / 4), [2]);
}

function logShares(shares: readonly number[]): NdArray {
  const total = shares.reduce((a, b) => a + b, 0);
  return new NdArray(
    Float32Array.from(shares, (share) => Math.log(Math.max(share / total, 1e-6))),
    [shares.length],
  );
}
