/** The density model's part of an iteration: its loss on data and samples, and one optimiser step. */
import * as g from "../../graph/index.js";
import type { Dict, Mode, Optimizer } from "../../nn/index.js";
import type { EnergyModel, Evaluation } from "../energy-model.js";
import { type ConsistencyOptions, consistency } from "../objectives/consistency.js";
import { accuracy, conditionalEntropy, crossEntropy, gradientPenalty, magnitude } from "../objectives/energy.js";
import type { Drawn } from "../objectives/outer-negatives.js";
import { turnsOf } from "../turns.js";
import { Buffers } from "./buffers.js";
import type { Batch, Trained } from "./step.js";

/** Weights of the terms; a term with weight 0 is left out of the graph. */
export interface EnergyWeights {
  /** Of mean f(samples) - mean f(data). */
  readonly density: number;
  /** Of mean f(data)². */
  readonly pControl: number;
  /** Of mean f(samples)². */
  readonly nControl: number;
  /** Of mean ½‖∇ₓ f(data)‖². */
  readonly pgControl: number;
  /** Share of the batch of data on whose first rows that is computed, at its price; default 1. */
  readonly pgShare: number;
  /** Of the cross-entropy on labelled inputs. */
  readonly clf: number;
  /** Of the cross-entropy of f's own outputs on labelled inputs, where the classes are told by another network. Default 0. */
  readonly densityClf?: number;
  /** Of the mean entropy of p(y|x) on all inputs. */
  readonly clfEntropy: number;
  /** Of mean log(1 + exp(f(outer negative) + margin - f(data))), each negative beside one of the data. */
  readonly outer: number;
  /** Of the consistency between all inputs and their strongly changed views, which the batch then has. Default: none. */
  readonly consistency?: ConsistencyOptions;
}

/** The density alone. */
export const DENSITY_ONLY: EnergyWeights = {
  density: 1,
  pControl: 0,
  nControl: 0,
  pgControl: 0,
  pgShare: 1,
  clf: 0,
  clfEntropy: 0,
  outer: 0,
};

/** What the model is evaluated on in an iteration. */
export type Pass = "data" | "samples" | "labeled" | "outer";

/** Dropout masks of the passes. */
export type PassMasks = { readonly [pass in Pass]?: Dict<g.Tensor> };

export const training = (masks: Dict<g.Tensor> | undefined): Mode => ({ mode: "train", masks: masks ?? {} });

/** What penalties act on: f without its base measure, which the network would else learn to cancel. */
const ownDensity = ({ residual, logDensity }: Evaluation): g.Tensor => residual ?? logDensity;

interface LossInfo {
  readonly state: Dict<g.Tensor>;
  /** Of the data, by layers of batch norm. */
  readonly statistics: Dict<g.Tensor>;
  readonly metrics: Record<string, g.Tensor>;
}

export interface EnergyStepped extends Omit<LossInfo, "state"> {
  readonly energy: Trained<g.Tensor>;
}

/** Of every array of a tree, at least one row. */
const firstRows = <T>(tree: T, share: number) =>
  g.mapTree(tree, g.isTensor, (x) => g.slice(x, { end: Math.max(1, Math.round(share * x.shape[0]!)) }));

/** f as it was on the data, with dropout of another pass. */
export const asFor = ({ statistics = {} }: Pick<Evaluation, "statistics">, masks?: Dict<g.Tensor>): Mode => ({
  mode: "frozen",
  statistics,
  masks: masks ?? {},
});

/** A further term of the loss: from the model with these parameters. It may make passes that count. */
export type ExtraTerm = (
  params: Dict<g.Tensor>,
  buffers: Buffers,
) => { readonly name: string; readonly value: g.Tensor };

export interface EnergyStepOptions {
  /** Further terms and their weights. */
  readonly extra?: readonly (readonly [weight: number, term: ExtraTerm])[];
  /** Weights of the samples `[B]`, which sum to 1. Default: equal ones. */
  readonly sampleWeights?: g.Tensor | null;
  /** Negatives that neither are nor look like data `[B, …]`, and by how much f shall be lower there. */
  readonly outer?: Drawn | null;
  /**
   * Whether batch norm sees negatives, and the data of the gradient penalty, with the statistics of the batch of data, so that f is the
   * same function on both; else, as in the original, with their own. Default true.
   */
  readonly frozen?: boolean;
  /** The passes that update running statistics, in this order. Default: that over the data. */
  readonly counted?: readonly Pass[];
}

/** A density model, and how it learns. */
export interface EnergyLearner {
  readonly model: EnergyModel;
  readonly optimizer: Optimizer;
  readonly weights: EnergyWeights;
}

/** What one step is made from. */
export interface EnergyStepInputs {
  readonly energy: Trained<g.Tensor>;
  readonly batch: Batch<g.Tensor>;
  /** `[B, …]`, held constant. Default null: nothing is contrasted. */
  readonly samples?: g.Tensor | null;
  /** Default: no dropout. */
  readonly masks?: PassMasks;
  /** Learning rate. */
  readonly rate: g.Tensor;
}

/**
 * One step on the density model.
 * @returns the trained model, batch norm's statistics of the data, and metrics: every term unweighted, and their weighted sum `loss_energy`.
 */
export function energyStep(
  { model, optimizer, weights }: EnergyLearner,
  { energy, batch, samples = null, masks = {}, rate }: EnergyStepInputs,
  { extra = [], sampleWeights = null, outer = null, frozen = true, counted = ["data"] }: EnergyStepOptions = {},
): EnergyStepped {
  const loss = (params: Dict<g.Tensor>): [g.Tensor, LossInfo] => {
    const inputs: Readonly<Record<Pass, g.Tensor | undefined>> = {
      data: batch.x,
      samples: samples === null ? undefined : g.stopGradient(samples),
      labeled: model.classes === null ? undefined : batch.labeled?.x,
      outer: undefined, // made from the batch as it is: it counts nowhere
    };
    /** The views are of the data as they are: not of what was made from them, nor of where a derivative is taken. */
    const pass = (name: Pass, x: g.Tensor, state: Dict<g.Tensor>, mode = training(masks[name])) =>
      model.evaluate({ params, state }, x, mode, name === "data" && x === batch.x ? batch.view : undefined);
    const buffers = new Buffers(energy.state);
    const made = new Map<Pass, Evaluation>();
    for (const name of counted) {
      const x = inputs[name];
      if (x !== undefined)
        made.set(
          name,
          buffers.pass((state) => pass(name, x, state)),
        );
    }
    const evaluate = (name: Pass, x: g.Tensor) => made.get(name) ?? pass(name, x, energy.state);
    const data = evaluate("data", batch.x);
    const beside = (name: Pass, x: g.Tensor, dropped = masks[name]) =>
      pass(name, x, energy.state, frozen ? asFor(data, dropped) : training(dropped));
    const mean = g.mean(data.logDensity);
    const spread = g.sqrt(g.mean(g.square(g.sub(data.logDensity, mean))));
    const metrics: Record<string, g.Tensor> = { f_data: mean, f_spread: spread };
    const terms: g.Tensor[] = [];
    const add = (name: string, weight: number, value: () => g.Tensor) => {
      if (weight === 0) return;
      const term = value();
      metrics[name] = term;
      terms.push(g.mul(term, weight));
    };
    if (inputs.samples !== undefined) {
      const contrast = made.get("samples") ?? beside("samples", inputs.samples);
      const drawn = contrast.logDensity;
      metrics.f_samples = sampleWeights === null ? g.mean(drawn) : g.sum(g.mul(drawn, sampleWeights));
      add("loss_contrastive", weights.density, () => g.sub(metrics.f_samples!, metrics.f_data!));
      add("loss_n_control", weights.nControl, () => magnitude(ownDensity(contrast)));
    }
    if (outer !== null) {
      const { logDensity } = beside("outer", outer.x);
      metrics.f_outer = g.mean(logDensity);
      add("loss_outer", weights.outer, () =>
        g.mean(g.softplus(g.add(g.sub(logDensity, data.logDensity), outer.margin))),
      );
    }
    add("loss_p_control", weights.pControl, () => magnitude(ownDensity(data)));
    add("loss_gradient_penalty", weights.pgControl, () => {
      const some = <T extends g.Tensor | Dict<g.Tensor>>(rows: T) => firstRows(rows, weights.pgShare);
      return gradientPenalty((x) => ownDensity(beside("data", x, some(masks.data ?? {}))), some(batch.x));
    });
    const labeled = batch.labeled ?? (batch.y === undefined ? undefined : { x: batch.x, y: batch.y });
    if (labeled !== undefined && model.classes !== null) {
      const { logits, densityLogits } = batch.labeled ? evaluate("labeled", labeled.x) : data;
      add("loss_classification", weights.clf, () => crossEntropy(logits!, labeled.y));
      if (densityLogits !== undefined)
        add("loss_density_classification", weights.densityClf ?? 0, () => crossEntropy(densityLogits, labeled.y));
      metrics.accuracy_batch = accuracy(logits!, labeled.y);
    }
    const { turnLogits } = data;
    if (turnLogits !== undefined) {
      const turns = turnsOf(batch.x.shape[0]!);
      add("loss_turns", 1, () => crossEntropy(turnLogits, turns));
      metrics.accuracy_turns = accuracy(turnLogits, turns);
    }
    if (data.logits !== null)
      add("loss_conditional_entropy", weights.clfEntropy, () => conditionalEntropy(data.logits!));
    if (weights.consistency !== undefined && data.logits !== null) {
      if (batch.strong === undefined)
        throw new TypeError("consistency is with a second view of the batch: it has none");
      const { logits } = pass("data", batch.strong, energy.state);
      const { loss, share } = consistency(data.logits, logits!, weights.consistency.confidence);
      add("loss_consistency", weights.consistency.weight, () => loss);
      metrics.confident_batch = share;
    }
    for (const [weight, term] of extra) {
      const { name, value } = term(params, buffers);
      add(name, weight, () => value);
    }
    if (terms.length === 0) throw new TypeError("every term of the density model's loss has weight 0");
    const total = terms.reduce((a, b) => g.add(a, b));
    metrics.loss_energy = total;
    return [total, { state: buffers.state, statistics: data.statistics ?? {}, metrics }];
  };
  const [, gradient, { state, statistics, metrics }] = g.valueAndGradWithAux(loss)(energy.params);
  const next = optimizer.update(energy.params, gradient, energy.optimizer, rate);
  return { energy: { params: next.params, state, optimizer: next.state }, statistics, metrics };
}
