/** On which runs an option has an effect: what the table of options says of each. */
import type { Norm } from "../../nn/index.js";
import type { Choices } from "./choose.js";
import type { SourceFacts } from "./datasets.js";
import {
  type Architecture,
  CONTRASTIVE,
  DCGANS,
  type Mode,
  NORMED,
  RESNETS,
  WIDE_RESNETS,
  WITH_GENERATOR,
  WITH_LABELS,
} from "./kinds.js";

/** What of a run decides which options have an effect on it. */
export interface RunTraits extends Pick<Choices, "mode" | "labels" | "density" | "architecture"> {
  readonly dataKind: SourceFacts["kind"];
  readonly outerWeight: number;
  readonly pgControl: number;
  readonly schedule: "steps" | "cosine";
  readonly generatorType: "vera" | "verahmc" | "laplace";
  readonly entWeight: number;
  readonly consistency: number;
  readonly norm: Norm;
  readonly classNetwork: "shared" | "small-resnet";
  readonly typicality: boolean;
  readonly densityClfWeight: number;
}

export type Effect = (run: RunTraits) => boolean;

const ofMode =
  (...modes: readonly Mode[]): Effect =>
  ({ mode }) =>
    modes.includes(mode);
const onNetworks =
  (...architectures: readonly Architecture[]): Effect =>
  ({ architecture }) =>
    architectures.includes(architecture);

/** All of these must hold. */
export const all =
  (...effects: readonly Effect[]): Effect =>
  (run) =>
    effects.every((holds) => holds(run));
const any =
  (...effects: readonly Effect[]): Effect =>
  (run) =>
    effects.some((holds) => holds(run));

/** Trained iteration by iteration: base measures and the classifiers of tables are fitted instead. */
export const iterated: Effect = ({ mode, labels, architecture }) =>
  architecture !== "table-ensemble" && !(mode === "base-only" && labels === "none");

export const steppedRates = all(iterated, ({ schedule }) => schedule === "steps");
export const withGenerator = ofMode(...WITH_GENERATOR);
export const entropyEstimated = all(withGenerator, ({ entWeight }) => entWeight > 0);
export const variational = all(entropyEstimated, ({ generatorType }) => generatorType === "vera");
export const linearised = all(entropyEstimated, ({ generatorType }) => generatorType === "laplace");
export const canHaveLabels = ofMode(...WITH_LABELS);
export const contrastive = ofMode(...CONTRASTIVE);
export const vat = ofMode("vat");
export const discrepancy = ofMode("energy-discrepancy");
export const sgldChains = ofMode("jem-baseline");

export const fewLabels: Effect = ({ labels }) => labels === "few";
export const consistent = all(fewLabels, ({ consistency }) => consistency > 0);

/** f is a network's, and a network of its own may tell the classes apart, or without labels quarter turns. */
export const besideClasses = all(
  iterated,
  any(contrastive, discrepancy),
  ({ density, dataKind }) => density === "network" && dataKind === "image",
);
/** Such a network is there. */
export const hasClassNetwork = all(besideClasses, ({ classNetwork }) => classNetwork !== "shared");
/** It tells classes. */
export const hasNetworkOfClasses = all(hasClassNetwork, ({ labels }) => labels !== "none");
/** The network of f learns the classes as well. */
export const hasLabelledDensity = all(hasNetworkOfClasses, ({ densityClfWeight }) => densityClfWeight > 0);
/** f may count how usual the stages of that network look. */
export const besideGenerator = all(hasClassNetwork, withGenerator);
export const hasTypicality = all(besideGenerator, ({ typicality }) => typicality);

/** The model is a network, and learns. */
const trainedNetwork = all(iterated, ({ density }) => density === "network");
/** Either network of these architectures is there. */
const eitherNetwork = any(trainedNetwork, withGenerator);
export const toyModel = all(trainedNetwork, onNetworks("toy"));
export const toyNetworks = all(eitherNetwork, onNetworks("toy"));
export const dcgans = any(all(eitherNetwork, onNetworks(...DCGANS, "small-resnet")), hasClassNetwork);
export const resNetGenerator = all(withGenerator, onNetworks(...RESNETS));
export const wideResNets = all(trainedNetwork, onNetworks(...WIDE_RESNETS));
export const normed = all(trainedNetwork, onNetworks(...NORMED));
/** In generators, all of which have it, for the posterior; in models where other passes than that over the data may count. */
export const batchNormed = any(
  entropyEstimated,
  all(
    normed,
    ({ norm }) => norm === "batch",
    any(
      withGenerator,
      vat,
      sgldChains,
      all(ofMode("clf-only", "base-only"), fewLabels),
      all(
        ofMode("clf-only"),
        ({ pgControl, outerWeight, dataKind }) => pgControl > 0 || (outerWeight > 0 && dataKind === "image"),
      ),
    ),
  ),
);

/** Networks that learn have it: all generators, and those that tell classes apart beside f. */
export const trainedBatchNorm = any(
  withGenerator,
  hasClassNetwork,
  all(normed, ({ norm }) => norm === "batch"),
);

/** The loss has the cross-entropy. */
export const classified = all(iterated, ({ labels }) => labels !== "none");
/** As in the original: on inputs without labels, where there are any, and in virtual adversarial training on all. */
export const conditionalEntropy = all(
  iterated,
  any(
    vat,
    all(fewLabels, ({ mode }) => mode !== "clf-only"),
  ),
);
export const gradientPenalty = all(iterated, any(contrastive, discrepancy, ofMode("clf-only")));
/** Where f is held down at pictures that are none of the data. */
export const outerNegatives = all(
  iterated,
  ({ dataKind }) => dataKind === "image",
  any(contrastive, ofMode("clf-only", "vat")),
);
export const outerHeldDown = all(outerNegatives, ({ outerWeight }) => outerWeight > 0);
export const gradientPenalized = all(gradientPenalty, ({ pgControl }) => pgControl > 0);
