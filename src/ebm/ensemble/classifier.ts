/**
 * A classifier of tables that is fitted before it becomes a model: an encoding of the columns and an ensemble on it, both buffers, as a
 * base measure's are. p(y|x) is the mean over groups of softmax_y(log p_g(y|x) / T); f(x) is the mean of the members' log Σ_y e^logit.
 */
import * as g from "../../graph/index.js";
import { applyEnsemble, type Dict, variable } from "../../nn/index.js";
import type { NdArray } from "../../runtime/index.js";
import { child } from "../child.js";
import type { EnergyModel } from "../energy-model.js";
import { encodeRows } from "./encoding.js";
import { groupPredictions } from "./prediction.js";

/** Fitted: `encoding`, `network`, `temperature` `[1]`, and `heldout` `[n]`, f of rows held out (of all rows, where none were), ascending. */
export type FittedClassifier = {
  readonly encoding: Dict<NdArray>;
  readonly network: Dict<NdArray>;
  readonly temperature: NdArray;
  readonly heldout: NdArray;
};

/** The buffers are under `classifier`. */
export const fittedClassifier = (fitted: FittedClassifier, classes: number): EnergyModel => ({
  classes,
  init: () => ({ params: {}, state: { classifier: fitted } }),
  masks: () => ({}),
  evaluate({ state }, x) {
    const own = child<Dict<g.Tensor>>(state, "classifier");
    const encoded = g.scope("encoding", () => encodeRows(child(own, "encoding"), g.flatten(x)));
    const logits = applyEnsemble(child(own, "network"), g.expandDims(encoded, 0));
    const { logProbability, logDensity: ofGroups } = groupPredictions(logits);
    const groups = logits.shape[0]!;
    const tempered = g.logSoftmax(g.div(logProbability, variable(own, "temperature")), -1);
    const mixed = g.sub(g.logsumexp(tempered, 0), Math.log(groups));
    const logDensity = g.mean(ofGroups, 0);
    return { logDensity, logits: g.add(mixed, g.reshape(logDensity, [x.shape[0]!, 1])), state };
  },
});
