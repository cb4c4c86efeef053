/**
 * VERA (Grathwohl et al. 2021, algorithm 1): the density model against a generator, the generator's entropy gradient
 * estimated. One graph holds the whole iteration; the generator's forward pass is shared by both networks' steps.
 */
import * as g from "../../graph/index.js";
import type { Dict, Mode, Optimizer } from "../../nn/index.js";
import type { NdArray, Rng } from "../../runtime/index.js";
import { child } from "../child.js";
import type { EnergyModel } from "../energy-model.js";
import type { EntropyEstimator } from "../estimators/estimator.js";
import { clampSigma, type Generator, type GeneratorParams, scalar } from "../generator.js";
import { importanceWeights, propose } from "../importance.js";
import type { OuterNegatives } from "../objectives/outer-negatives.js";
import { Buffers, type CountedPasses } from "./buffers.js";
import {
  asFor,
  DENSITY_ONLY,
  type EnergyWeights,
  energyStep,
  type Pass,
  type PassMasks,
  training,
} from "./energy-step.js";
import type { StepOutput, TrainingStep, TrainState } from "./step.js";

export type VeraState<L> = Required<TrainState<L>>;

export interface VeraOptions {
  readonly model: EnergyModel;
  readonly generator: Generator;
  readonly estimator: EntropyEstimator;
  readonly optimizers: { readonly energy: Optimizer; readonly generator: Optimizer };
  /** Of the density model's terms. Default: the density alone, weight 1. */
  readonly weights?: Partial<EnergyWeights>;
  /** Weight of the entropy. Default 1; with 0 its gradient is not estimated, nor the posterior adapted. */
  readonly entropyWeight?: number;
  /** Bounds of σ. Default [0.01, 0.3]. */
  readonly sigma?: readonly [min: number, max: number];
  /**
   * What batch norm uses in the estimator's evaluations of g: the statistics of the batch that made x, so that g is the same
   * function on both sides (`frozen`, the default), or those of the evaluations themselves, as in the original (`sample`).
   */
  readonly posteriorBatchNorm?: "frozen" | "sample";
  /** Of both networks; evaluations with frozen statistics never count. Default `data`. */
  readonly countedPasses?: CountedPasses;
  /**
   * Draws of the generator that estimate its density, to weigh its samples by e^f / q; half of these then have noise of the data's
   * scale. Default 0: no weights.
   */
  readonly densityDraws?: number;
  /** Where f is held down beside the generator's samples, with the weight `outer`. Default: nowhere. */
  readonly outer?: OuterNegatives | null;
  /** Whether the labelled batch is one of its own. Default false. */
  readonly semiSupervised?: boolean;
}

export function veraStep({
  model,
  generator,
  estimator,
  optimizers,
  weights: given = {},
  entropyWeight = 1,
  sigma: [minSigma, maxSigma] = [0.01, 0.3],
  posteriorBatchNorm = "frozen",
  countedPasses = "data",
  densityDraws = 0,
  outer = null,
  semiSupervised = false,
}: VeraOptions): TrainingStep<VeraState<g.Tensor>> {
  const weights = { ...DENSITY_ONLY, ...given };
  const every = countedPasses === "every";
  const learner = { model, optimizer: optimizers.energy, weights };
  return {
    init(rng) {
      const energy = model.init(rng.fork());
      const drawn = generator.init(rng.fork());
      return {
        energy: { ...energy, optimizer: optimizers.energy.init(energy.params) as Dict<NdArray> },
        generator: { ...drawn, optimizer: optimizers.generator.init(drawn.params) as Dict<NdArray> },
        posterior: estimator.init(),
      };
    },

    noise(batch, rng) {
      return {
        z: rng.normal([batch, generator.noiseDim]),
        epsilon: rng.normal([batch, ...generator.event]),
        ...(entropyWeight > 0 && { estimator: estimator.noise(batch, rng) }),
        ...(densityDraws > 0 && { density: rng.normal([densityDraws, generator.noiseDim]) }),
        ...(outer !== null && { outer: outer.noise(batch, rng) }),
        masks: passMasks(model, batch, rng, { samples: true, labeled: semiSupervised, outer: outer !== null }),
      };
    },

    run(state, batch, noise, rates, phases) {
      const [z, epsilon] = [child(noise, "z"), child(noise, "epsilon")];
      const masks = child<PassMasks>(noise, "masks");
      const draw = (params: GeneratorParams<g.Tensor>) =>
        generator.sample({ params, state: state.generator.state }, z, epsilon, { mode: "train" });
      const drawn = draw(state.generator.params);
      const buffers = new Buffers(drawn.state);
      const metrics: Record<string, g.Tensor> = { sigma: g.exp(scalar(state.generator.params.logsigma)) };

      let { energy } = state;
      let statistics: Dict<g.Tensor> | null = null;
      if (phases.energy) {
        const f = (x: g.Tensor) => model.evaluate(state.energy, x, training(masks.samples)).logDensity;
        let negatives = drawn.x;
        let sampleWeights: g.Tensor | null = null;
        if (densityDraws > 0) {
          const { params, state: buffers } = state.generator;
          const means = generator.mean({ params: params.g, state: buffers }, child(noise, "density"), {
            mode: "frozen",
            statistics: drawn.statistics,
          }).mean;
          const proposal = propose(drawn.mean, epsilon, scalar(params.logsigma), batch.x, means);
          negatives = proposal.x;
          const { weights: w, ess } = importanceWeights(f(negatives), proposal.logDensity);
          sampleWeights = w;
          metrics.importance_ess = ess;
        }
        const stepped = g.scope("energy", () =>
          energyStep(
            learner,
            { energy, batch, samples: negatives, masks, rate: rates.energy },
            {
              sampleWeights,
              frozen: !every,
              outer: outer?.draw(batch.x, child(noise, "outer")) ?? null,
              counted: every ? ["samples", "data", "labeled"] : ["data"],
            },
          ),
        );
        energy = stepped.energy;
        if (!every) statistics = stepped.statistics;
        Object.assign(metrics, stepped.metrics);
      }
      if (!phases.generator) {
        return [{ ...state, energy, generator: { ...state.generator, state: drawn.state } }, { metrics }];
      }

      const { params: trained } = state.generator;
      const frozen = posteriorBatchNorm === "frozen";
      const evaluate = (zs: g.Tensor, mode: Mode) => (buffer: Dict<g.Tensor>) =>
        generator.mean({ params: trained.g, state: buffer }, zs, mode);
      const decoder = {
        logSigma: trained.logsigma,
        rowwise: frozen,
        mean: (zs: g.Tensor) => {
          if (frozen) return evaluate(zs, { mode: "frozen", statistics: drawn.statistics })(drawn.state).mean;
          const pass = evaluate(zs, { mode: "train" });
          return (every ? buffers.pass(pass) : pass(drawn.state)).mean;
        },
      };
      const entropy =
        entropyWeight === 0
          ? null
          : estimator.estimate(decoder, state.posterior, drawn.x, z, child(noise, "estimator"));
      const loss = (params: GeneratorParams<g.Tensor>): [g.Tensor, StepOutput & { state: Dict<g.Tensor> }] => {
        const { x } = draw(params);
        const pass = model.evaluate(
          energy,
          x,
          statistics === null ? training(masks.samples) : asFor({ statistics }, masks.samples),
        );
        const f = g.mean(pass.logDensity);
        const entropyTerm = entropy === null ? 0 : g.div(g.sum(g.mul(entropy.c, x)), x.shape[0]!);
        const total = g.neg(g.add(f, g.mul(entropyTerm, entropyWeight)));
        return [total, { metrics: { loss_generator: total, f_generator: f }, state: pass.state }];
      };
      const [, gradient, { metrics: terms, state: seen }] = g.valueAndGradWithAux(loss)(state.generator.params);
      const next = optimizers.generator.update(
        state.generator.params,
        gradient,
        state.generator.optimizer,
        rates.generator,
      );
      Object.assign(metrics, terms);
      if (entropy !== null) {
        const norm = g.mean(g.sqrt(g.sum(g.square(g.flatten(entropy.c)), 1)));
        Object.assign(metrics, entropy.info, { entropy_gradient_norm: norm });
      }
      return [
        {
          energy: every ? { ...energy, state: seen } : energy,
          generator: {
            params: clampSigma(next.params, minSigma, maxSigma),
            state: buffers.state,
            optimizer: next.state,
          },
          posterior: entropy?.state ?? state.posterior,
        },
        { metrics },
      ];
    },
  };
}

/** Dropout masks for the pass over a batch of data, and for others that are made beside it. */
export function passMasks(
  model: EnergyModel,
  batch: number,
  rng: Rng,
  { samples = false, labeled = false, outer = false }: Partial<Record<Pass, boolean>>,
): Dict<NdArray> {
  const made = Object.entries({ data: true, samples, labeled, outer }).filter(([, isMade]) => isMade);
  return Object.fromEntries(made.map(([pass]) => [pass, model.masks(batch, rng)]));
}
