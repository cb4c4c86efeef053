/** From a configuration to a training step. */

import { pixelRange } from "../../data/scaling.js";
import {
  classifierStep,
  discrepancyStep,
  type EnergyModel,
  type EnergyWeights,
  type EntropyEstimator,
  fittedStep,
  type Generator,
  hmcEstimator,
  laplaceEstimator,
  likelihoodStep,
  outerNegatives,
  sgldStep,
  type TrainingStep,
  variationalEstimator,
  veraStep,
} from "../../ebm/index.js";
import { acrossRanks, adam, byPart, type Optimizer } from "../../nn/index.js";
import { hasClassNetwork, hasEffect, type TrainConfig } from "../config/index.js";
import { isTableClassifier } from "./classifier.js";
import { energyModel, generatorModel, type Task, tractableModel } from "./networks.js";

/** What is trained, and how. */
export interface Algorithm {
  readonly model: EnergyModel;
  /** Null where the algorithm has none. */
  readonly generator: Generator | null;
  readonly step: TrainingStep;
}

/**
 * @param shared whether several ranks train it, each with a part of every batch
 * @throws ShapeError where the architecture does not fit the data.
 */
export function algorithm(config: TrainConfig, task: Task, shared = false): Algorithm {
  const { weightDecay, beta1, beta2 } = config;
  const across = (own: Optimizer): Optimizer => (shared ? acrossRanks(own) : own);
  const ofDensity = across(adam({ beta1, beta2, weightDecay }));
  const optimizer =
    hasClassNetwork(config) && config.classLr !== null
      ? byPart({
          density: { optimizer: ofDensity },
          classifier: { optimizer: across(adam({ weightDecay })), rate: config.classLr / config.lr },
        })
      : ofDensity;
  const model = energyModel(config, task);
  /** 0 where the table of options says that it has no effect: what is said to the user is what is done. */
  const weight = (
    name:
      | "pControl"
      | "nControl"
      | "pgControl"
      | "clfWeight"
      | "densityClfWeight"
      | "clfEntWeight"
      | "outerWeight"
      | "consistency",
  ): number => (hasEffect(config, name) ? config[name] : 0);
  const weights: EnergyWeights = {
    density: 1,
    pControl: weight("pControl"),
    nControl: weight("nControl"),
    pgControl: weight("pgControl"),
    pgShare: config.pgShare,
    clf: weight("clfWeight"),
    densityClf: weight("densityClfWeight"),
    clfEntropy: weight("clfEntWeight"),
    outer: weight("outerWeight"),
    ...(weight("consistency") > 0 && {
      consistency: { weight: config.consistency, confidence: config.confidence },
    }),
  };
  const semiSupervised = config.labels === "few";
  const original = config.posteriorBatchNorm === "sample" && hasEffect(config, "posteriorBatchNorm");
  const countedPasses = original ? "every" : "data";
  const { event } = task;
  const range = pixelRange(config.scaling);
  const outer = weights.outer > 0 ? outerNegatives({ event, range, margin: config.outerMargin }) : null;
  if (isTableClassifier(config)) return { model, generator: null, step: fittedStep(model) };
  switch (config.mode) {
    case "maximum-likelihood":
    case "ssm": {
      const tractable = tractableModel(config, task)!;
      const step = likelihoodStep({ model: tractable, optimizer, objective: config.mode, event });
      return { model, generator: null, step: step };
    }
    case "clf-only":
    case "vat": {
      const vat = config.mode === "vat" ? { vat: { weight: config.vatWeight, epsilon: config.vatEps } } : {};
      const step = classifierStep({ model, optimizer, weights, event, outer, semiSupervised, countedPasses, ...vat });
      return { model, generator: null, step: step };
    }
    case "base-only": {
      if (task.classes === null) return { model, generator: null, step: fittedStep(model) };
      const step = classifierStep({ model, optimizer, weights, event, semiSupervised, countedPasses });
      return { model, generator: null, step: step };
    }
    case "energy-discrepancy": {
      const { edScale: scale, edNegatives: negatives } = config;
      const { categories = [] } = task;
      const walk = { scale, negatives, categories };
      const step = discrepancyStep({ model, optimizer, weights, event, semiSupervised, ...walk });
      return { model, generator: null, step: step };
    }
    case "jem-baseline": {
      const { sgldStd: std, sgldLr, sgldClip } = config;
      const sgld = { std, stepSize: sgldLr ?? std ** 2 / 2, ...(sgldClip !== null && { maxDrift: sgldClip }) };
      const step = sgldStep({
        model,
        optimizer,
        weights,
        sgld,
        steps: config.nSteps,
        event,
        outer,
        semiSupervised,
        countedPasses,
      });
      return { model, generator: null, step: step };
    }
    default: {
      const generator = generatorModel(config, task);
      const step = veraStep({
        model,
        generator,
        estimator: entropyEstimator(config, across(adam())),
        optimizers: { energy: optimizer, generator: ofDensity },
        weights,
        entropyWeight: config.entWeight,
        sigma: [config.minSigma, config.maxSigma],
        posteriorBatchNorm: config.posteriorBatchNorm,
        countedPasses,
        densityDraws: config.densityDraws,
        outer,
        semiSupervised,
      });
      return { model, generator, step: step };
    }
  }
}

function entropyEstimator(
  { generatorType, noiseDim, postLr, posteriorSamples, posteriorSteps, mcmcLr }: TrainConfig,
  optimizer: Optimizer,
): EntropyEstimator {
  switch (generatorType) {
    case "vera":
      return variationalEstimator({ noiseDim, optimizer, learningRate: postLr, samples: posteriorSamples });
    case "verahmc":
      return hmcEstimator({ noiseDim, adaptationRate: mcmcLr });
    case "laplace":
      return laplaceEstimator({ steps: posteriorSteps });
  }
}
