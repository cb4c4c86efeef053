/** Named beginnings: a few settings that go together. Flags and files override them one by one. */
import { TOY_NAMES } from "../../data/sets/toy.js";
import { ConfigError, suggestion } from "./error.js";
import type { Settings } from "./options.js";

export interface Preset {
  /** One line for the list. */
  readonly description: string;
  readonly settings: Partial<Settings>;
}

/** What recipes for the digits share. Averages of the weights make up for small batches and large steps. */
const DIGITS = { dataset: "digits", batchSize: 64, lr: 1e-3, beta2: 0.99, ema: 0.995 } as const;

/**
 * What recipes for densities in the plane share. Weights make up for a generator that covers p unevenly; depth lets f vary within a
 * tenth of the data's range; HMC's entropy gradient is nearer to the truth than the variational one, whose generators shrink to curves.
 */
const TOY = {
  hDim: 128,
  hLayers: 5,
  noiseDim: 4,
  batchSize: 400,
  lr: 3e-3,
  glr: 1e-3,
  beta2: 0.99,
  ema: 0.998,
  nEpochs: 100,
  decayEpochs: [60, 75, 90],
  minSigma: 0.1,
  generatorType: "verahmc",
  entWeight: 1.2,
  densityDraws: 500,
} as const;

/** How small pictures are learned on a few cores. */
const SMALL_PICTURES = { schedule: "cosine", warmupIters: 200, dataAug: true } as const;
/** The classifier that does best there. */
const SMALL_RESNET = { smallResnet: true, norm: "batch" } as const;

/** What typicality looks at. */
const OWN_CLASS_NETWORK = { classNetwork: "small-resnet", typicality: true, classLr: 2e-3 } as const;

/**
 * VERA of a DCGAN, and such a classifier beside it: in one network the classification makes f steep, and the generator collapses. Outer
 * negatives hold f down at what neither the data nor samples reach, and typicality where pictures are of another kind.
 */
const BESIDE_CLASSIFIER = {
  ...OWN_CLASS_NETWORK,
  jem: true,
  glr: 1e-3,
  beta2: 0.99,
  entWeight: 1e-4,
  outerWeight: 1,
  outerMargin: 10,
  pgShare: 0.25,
} as const;

/** What recipes for MNIST share: 32×32 pixels, for convolutions that halve them. */
const MNIST = {
  dataset: "mnist",
  imgSize: 32,
  dcganWidth: 16,
  batchSize: 64,
  lr: 1e-3,
  ema: 0.99,
  evalEvery: 250,
} as const;
const FEW_MNIST = {
  noiseDim: 32,
  glr: 1e-3,
  beta2: 0.99,
  nEpochs: 12,
  decayEpochs: [8, 10],
  minSigma: 0.05,
  posteriorSamples: 5,
  entWeight: 1e-4,
  clfWeight: 10,
  pgControl: 1,
} as const;

/** What recipes for CIFAR-10 share. */
const CIFAR10 = {
  ...SMALL_PICTURES,
  dataset: "cifar10",
  dcganWidth: 32,
  batchSize: 64,
  nEpochs: 20,
  ema: 0.995,
} as const;
/** As for MNIST f is faster than the generator; with that, and an f that knows the classes, the samples are of more kinds (docs/results.md). */
const CIFAR_DENSITY = {
  ...BESIDE_CLASSIFIER,
  lr: 2e-3,
  glr: 5e-4,
  noiseDim: 64,
  minSigma: 0.03,
  generatorType: "laplace",
  pgControl: 0.5,
} as const;

/** What recipes for photographs by a narrow DCGAN share. */
const PICTURES = {
  dcganWidth: 32,
  noiseDim: 64,
  batchSize: 64,
  lr: 1e-3,
  glr: 1e-3,
  beta2: 0.99,
  ema: 0.99,
  minSigma: 0.03,
  posteriorSamples: 3,
  entWeight: 1e-4,
  clfWeight: 8, // with 5 the classifier learns slowly, with 20 the generator collapses at first
  pgControl: 0.5,
} as const;

/** A classifier without a density: Adam as usual, and no penalty. */
const CLASSIFIER = { clfOnly: true, beta1: 0.9, beta2: 0.999, pgControl: 0 } as const;

/** Few labels: what the class network learns of all images it learns by views of them. */
const CIFAR_FEW = {
  ...CIFAR10,
  ...CIFAR_DENSITY,
  consistency: 1,
  nEpochs: 12,
} as const;
const CIFAR_LABELS_ALONE = {
  ...CIFAR10,
  ...SMALL_RESNET,
  ...CLASSIFIER,
  lr: 2e-3,
  nIters: 300, // more are learned by heart
  evalEvery: 100,
} as const;

const RECIPES: Readonly<Record<string, Preset>> = {
  quickstart: {
    description: "a classifier and density of 8×8 digits; the data comes with the package",
    settings: {
      ...DIGITS,
      jem: true,
      evalEvery: 250,
      noiseDim: 16,
      lr: 2e-3, // f must follow the generator: with 1e-3 fewer of the digits are near a sample
      glr: 4e-4,
      nEpochs: 150,
      decayEpochs: [100, 130],
      minSigma: 0.04,
      maxSigma: 0.05, // else the entropy goes into the noise, and samples blur
      posteriorSamples: 5,
      entWeight: 1e-2, // with 1e-3 more samples lie between digits (docs/results.md)
      clfWeight: 2,
      pgControl: 0.1,
    },
  },
  "digits-clf": {
    description: "the classifier alone, with all labels: the baseline of quickstart",
    settings: { ...DIGITS, ...CLASSIFIER, nEpochs: 60, decayEpochs: [40, 50] },
  },
  "digits-semi": {
    description: "digits from 10 labels of each class and all images",
    settings: {
      ...DIGITS,
      labelsPerClass: 10,
      noiseDim: 16,
      nEpochs: 80,
      decayEpochs: [50, 65],
      minSigma: 0.05,
      posteriorSamples: 10,
      entWeight: 1e-3,
      clfWeight: 4,
      consistency: 4,
      pgControl: 0.3, // more than with all labels: few are learned by heart
    },
  },
  "digits-vat": {
    description: "the same by virtual adversarial training",
    settings: {
      ...DIGITS,
      vat: true,
      labelsPerClass: 10,
      beta1: 0.9,
      beta2: 0.999,
      nEpochs: 80,
      decayEpochs: [50, 65],
      vatEps: 1.5,
      clfEntWeight: 0.3,
    },
  },
  "digits-clf-10": {
    description: "the same labels without the other images: the baseline of both",
    settings: {
      ...DIGITS,
      clfOnly: true,
      labelsPerClass: 10,
      beta1: 0.9,
      beta2: 0.999,
      nEpochs: 40,
      decayEpochs: [25, 35],
      pgControl: 0.01,
    },
  },
  ...Object.fromEntries(
    TOY_NAMES.map((name): [string, Preset] => [
      `toy-${name}`,
      { description: `the density ${name}`, settings: { ...TOY, dataset: name } },
    ]),
  ),
  table: {
    description: "a table of your own: what --csv starts from, with or without labels, all or few",
    settings: {
      base: "pool",
      baseOnly: true,
      batchSize: 64,
      nIters: 600,
      decayEpochs: [], // epochs of a small table are soon over
      noiseDim: 16,
      lr: 1e-3,
      glr: 4e-4,
      beta2: 0.99,
      ema: 0.995,
      minSigma: 0.1, // of a column's standard deviation: less, and the density of narrow columns is slow to learn
      clfWeight: 5, // in wide tables f is large and drowns the classifier
      posteriorSamples: 5,
      entWeight: 0.1,
      pgControl: 2, // on the network's part of f alone: with less it outgrows the base and falls for samples
    },
  },
  "cifar10-small": {
    description: "JEM on CIFAR-10 by VERA with a small residual network, for a few processor cores",
    settings: { ...CIFAR10, ...CIFAR_DENSITY, densityClfWeight: 10 },
  },
  "cifar10-clf": {
    description: "the classifier alone, the baseline of cifar10-small",
    settings: { ...CIFAR10, ...SMALL_RESNET, ...CLASSIFIER, lr: 2e-3 },
  },
  "cifar10-sgld": {
    description: "JEM with SGLD and a replay buffer, the paper's baseline, in the time of cifar10-small",
    settings: {
      ...CIFAR10,
      ...SMALL_RESNET,
      jem: true,
      jemBaseline: true,
      beta2: 0.99,
      lr: 1e-3,
      nIters: 4000,
      clfWeight: 100,
      sgldLr: 1,
      sgldClip: 1, // chains that overshoot make f steeper, and run off: without it at iteration 700, with 2 at 1,200
      nControl: 0.1, // and f of where they end falls without a bound
    },
  },
  "cifar10-semi-250": {
    description: "CIFAR-10 from 25 labels of each class and all images",
    settings: { ...CIFAR_FEW, labelsPerClass: 25 },
  },
  "cifar10-semi-40": {
    description: "CIFAR-10 from 4 labels of each class and all images",
    settings: { ...CIFAR_FEW, labelsPerClass: 4 },
  },
  "cifar10-clf-250": {
    description: "25 labels of each class without the other images: the baseline of cifar10-semi-250",
    settings: { ...CIFAR_LABELS_ALONE, labelsPerClass: 25 },
  },
  "cifar10-clf-40": {
    description: "4 labels of each class without the other images: the baseline of cifar10-semi-40",
    settings: { ...CIFAR_LABELS_ALONE, labelsPerClass: 4 },
  },
  pictures: {
    description: "pictures of your own: what --image-folder starts from, with or without labels, all or few",
    settings: { ...PICTURES, ...OWN_CLASS_NETWORK, nIters: 1500, decayEpochs: [], outerWeight: 1, outerMargin: 5 },
  },
  "cifar10-wrn": {
    description: "the paper's JEM on CIFAR-10 with a Wide ResNet 28-10",
    settings: {
      dataset: "cifar10",
      jem: true,
      thiccResnet: true,
      dropout: 0.3,
      dataAug: true,
      noiseDim: 128,
      gFeats: 256,
      batchSize: 40,
      nEpochs: 200,
      lr: 3e-5,
      glr: 6e-5,
      postLr: 3e-5,
      warmupIters: 2500,
      decayEpochs: [150, 175],
      entWeight: 1e-4,
      clfWeight: 100,
      pgControl: 0.1,
      printEvery: 100,
      vizEvery: 1000,
    },
  },
  mnist: {
    description: "a classifier and density of MNIST, by a small residual network and a narrow DCGAN",
    settings: {
      ...MNIST,
      ...SMALL_PICTURES,
      ...BESIDE_CLASSIFIER,
      nEpochs: 8,
      lr: 2e-3, // as in quickstart f must follow the generator: with 1e-3 for both fewer of the digits are near a sample
      glr: 5e-4,
      densityClfWeight: 10, // with an f that knows no classes the generator draws a few shapes
      noiseDim: 32,
      minSigma: 0.05,
      posteriorSamples: 5,
      pgControl: 1,
    },
  },
  "mnist-clf": {
    description: "the classifier alone, with all labels: the baseline of mnist",
    settings: { ...MNIST, ...SMALL_PICTURES, ...SMALL_RESNET, ...CLASSIFIER, lr: 2e-3, nEpochs: 8 },
  },
  "mnist-semi": {
    description: "MNIST from 10 labels of each class and all images",
    settings: { ...MNIST, ...FEW_MNIST, labelsPerClass: 10, consistency: 10, nEpochs: 2, decayEpochs: [1.3, 1.7] },
  },
  "mnist-vat": {
    description: "the same by virtual adversarial training",
    settings: {
      ...MNIST,
      vat: true,
      labelsPerClass: 10,
      beta1: 0.9,
      beta2: 0.999,
      nEpochs: 12,
      decayEpochs: [8, 10],
      vatEps: 5,
      clfEntWeight: 1,
    },
  },
  "mnist-clf-10": {
    description: "the same labels without the other images: the baseline of both",
    settings: {
      ...MNIST,
      clfOnly: true,
      labelsPerClass: 10,
      beta1: 0.9,
      beta2: 0.999,
      nEpochs: 2,
      decayEpochs: [1],
    },
  },
  human: {
    // Tuned on made data of the same size: HUMAN itself was not at hand.
    description: "smartphone motion from 10 labels of each activity, semi-supervised",
    settings: {
      dataset: "human",
      labelsPerClass: 10,
      noiseDim: 32,
      batchSize: 100,
      lr: 3e-4,
      glr: 3e-4,
      beta2: 0.99,
      ema: 0.99,
      nEpochs: 50,
      decayEpochs: [30, 42],
      minSigma: 0.1,
      posteriorSamples: 5,
      entWeight: 0.1,
      clfWeight: 20, // f of 523 columns is large: with 1 it drowns the classifier
      pgControl: 1,
    },
  },
};

/** Clothes have more to draw than digits: networks twice as wide raise recall and accuracy, and double the time (docs/results.md). */
const CLOTHES: Readonly<Record<string, Partial<Settings>>> = {
  mnist: { dcganWidth: 32, generatorType: "laplace" },
  "mnist-clf": { dcganWidth: 32 },
};

/** Fashion-MNIST's pictures have the form of MNIST's: every recipe for these serves those, too. */
const FASHION = Object.entries(RECIPES)
  .filter(([, { settings }]) => settings.dataset === "mnist")
  .map(([name, { description, settings }]): [string, Preset] => [
    `fashion-${name}`,
    {
      description: description.replace("MNIST", "Fashion-MNIST").replace(" mnist", " fashion-mnist"),
      settings: { ...settings, dataset: "fashion-mnist", ...CLOTHES[name] },
    },
  ]);

export const PRESETS: Readonly<Record<string, Preset>> = { ...RECIPES, ...Object.fromEntries(FASHION) };

/** @throws ConfigError for an unknown name, with the nearest or all. */
export function presetSettings(name: string): Partial<Settings> {
  const preset = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined;
  if (preset !== undefined) return preset.settings;
  const names = Object.keys(PRESETS);
  throw new ConfigError(`there is no preset "${name}"${suggestion(name, names) || `; there are ${names.join(", ")}`}`);
}
