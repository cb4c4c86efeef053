/** Classifiers without samples: cross-entropy alone, or with virtual adversarial training on all inputs. */
import type * as g from "../../graph/index.js";
import type { Dict, Optimizer } from "../../nn/index.js";
import type { NdArray } from "../../runtime/index.js";
import type { EnergyModel } from "../energy-model.js";
import type { OuterNegatives } from "../objectives/outer-negatives.js";
import { type VatOptions, virtualAdversarialLoss } from "../objectives/vat.js";
import type { Buffers, CountedPasses } from "./buffers.js";
import { type EnergyWeights, energyStep, type Pass, type PassMasks, training } from "./energy-step.js";
import { child, type TrainingStep } from "./step.js";
import { passMasks } from "./vera.js";

export interface ClassifierOptions {
  readonly model: EnergyModel;
  readonly optimizer: Optimizer;
  /** The terms that involve samples are ignored. */
  readonly weights: EnergyWeights;
  /** Virtual adversarial training with this weight. */
  readonly vat?: VatOptions & { readonly weight: number };
  /** Shape of one example. */
  readonly event: g.Shape;
  /** Where f = log Σ_y e^f(x)[y] is held down, with the weight `outer`. Default: nowhere. */
  readonly outer?: OuterNegatives | null;
  readonly semiSupervised?: boolean;
  /** Default `data`. */
  readonly countedPasses?: CountedPasses;
}

export const classifierStep = ({
  model,
  optimizer,
  weights,
  vat,
  event,
  outer = null,
  semiSupervised = false,
  countedPasses = "data",
}: ClassifierOptions): TrainingStep => ({
  init(rng) {
    const energy = model.init(rng.fork());
    return { energy: { ...energy, optimizer: optimizer.init(energy.params) as Dict<NdArray> } };
  },
  noise: (batch, rng) => ({
    masks: passMasks(model, batch, rng, { labeled: semiSupervised, outer: outer !== null }),
    ...(outer !== null && { outer: outer.noise(batch, rng) }),
    ...(vat === undefined ? {} : { vat: rng.uniform([batch, ...event], -0.5, 0.5) }),
  }),
  run({ energy }, batch, noise, rates) {
    const masks = child<PassMasks>(noise, "masks");
    const smooth = (params: Dict<g.Tensor>, buffers: Buffers) => {
      const logits = (x: g.Tensor) => {
        const pass = (state: Dict<g.Tensor>) => model.evaluate({ params, state }, x, training(masks.data));
        return (countedPasses === "every" ? buffers.pass(pass) : pass(energy.state)).logits!;
      };
      return { name: "loss_vat", value: virtualAdversarialLoss(logits, batch.x, child(noise, "vat"), vat) };
    };
    const labeled: Pass = semiSupervised ? "labeled" : "data";
    // The original passes over the labelled inputs and, for VAT, over all: twice over the same where all are labelled.
    const every: readonly Pass[] = vat === undefined ? [labeled] : [labeled, "data"];
    const { energy: next, metrics } = energyStep(
      { model, optimizer, weights },
      { energy, batch, masks, rate: rates.energy },
      {
        frozen: countedPasses !== "every",
        outer: outer?.draw(batch.x, child(noise, "outer")) ?? null,
        extra: vat === undefined ? [] : [[vat.weight, smooth]],
        counted: countedPasses === "every" ? every : ["data"],
      },
    );
    return [{ energy: next }, { metrics }];
  },
});
