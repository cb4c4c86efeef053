/**
 * The JEM baseline: persistent contrastive divergence. Negative samples come from SGLD on f, started from a replay buffer
 * (Du & Mordatch 2019; JEM, algorithm 1). The chains run inside the iteration's graph.
 */
import * as g from "../../graph/index.js";
import type { Dict, Optimizer } from "../../nn/index.js";
import type { NdArray } from "../../runtime/index.js";
import { type SgldNoise, type SgldOptions, sgld, unroll } from "../../samplers/index.js";
import type { EnergyModel } from "../energy-model.js";
import type { OuterNegatives } from "../objectives/outer-negatives.js";
import { Buffers, type CountedPasses } from "./buffers.js";
import { type EnergyWeights, energyStep, type PassMasks, training } from "./energy-step.js";
import { child, type TrainingStep } from "./step.js";
import { passMasks } from "./vera.js";

export interface SgldStepOptions {
  readonly model: EnergyModel;
  readonly optimizer: Optimizer;
  readonly weights: EnergyWeights;
  readonly sgld: SgldOptions;
  /** SGLD steps per iteration. Default 20. */
  readonly steps?: number;
  /** Shape of one example. */
  readonly event: g.Shape;
  /** Where f is held down beside the chains, with the weight `outer`. Default: nowhere. */
  readonly outer?: OuterNegatives | null;
  readonly semiSupervised?: boolean;
  /** Default `data`. */
  readonly countedPasses?: CountedPasses;
}

export const sgldStep = ({
  model,
  optimizer,
  weights,
  sgld: options,
  steps = 20,
  event,
  outer = null,
  semiSupervised = false,
  countedPasses = "data",
}: SgldStepOptions): TrainingStep => {
  const sampler = sgld(options);
  return {
    init(rng) {
      const energy = model.init(rng.fork());
      return { energy: { ...energy, optimizer: optimizer.init(energy.params) as Dict<NdArray> } };
    },
    noise: (batch, rng) => ({
      chain: sampler.noise(rng, [batch, ...event], steps) as Dict<NdArray>,
      ...(outer !== null && { outer: outer.noise(batch, rng) }),
      masks: passMasks(model, batch, rng, { samples: true, labeled: semiSupervised, outer: outer !== null }),
    }),
    run({ energy }, batch, noise, rates) {
      if (batch.start === undefined) throw new TypeError("the chains need positions to start from");
      const masks = child<PassMasks>(noise, "masks");
      const every = countedPasses === "every";
      // The original evaluates data and labelled inputs first: the chains see the statistics after them.
      const buffers = new Buffers(energy.state);
      if (every) {
        for (const [x, mask] of [[batch.x, masks.data] as const, [batch.labeled?.x, masks.labeled] as const])
          if (x !== undefined)
            buffers.pass((state) => model.evaluate({ params: energy.params, state }, x, training(mask)));
      }
      const before = { ...energy, state: buffers.state };
      const logDensity = (x: g.Tensor) => model.evaluate(before, x, { mode: "eval" }).logDensity;
      const chain = child<SgldNoise>(noise, "chain");
      const { state, info } = unroll(sampler, logDensity, sampler.init(logDensity, batch.start), chain);
      const { position } = state;
      const { energy: next, metrics } = energyStep(
        { model, optimizer, weights },
        { energy: before, batch, samples: position, masks, rate: rates.energy },
        {
          outer: outer?.draw(batch.x, child(noise, "outer")) ?? null,
          frozen: !every,
          counted: [every ? "samples" : "data"],
        },
      );
      const gradient = { chain_gradient_norm: g.mean(info.gradientNorm) };
      return [{ energy: next }, { metrics: { ...metrics, ...gradient }, samples: position }];
    },
  };
};
