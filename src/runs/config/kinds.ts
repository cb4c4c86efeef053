/** What a run can be. */

/** How the model learns; derived once from the flags. */
export const MODES = [
  "vera",
  "jem",
  "semi-supervised",
  "clf-only",
  "jem-baseline",
  "vat",
  "energy-discrepancy",
  "base-only",
  "maximum-likelihood",
  "ssm",
] as const;
export type Mode = (typeof MODES)[number];

/** Modes that train a generator beside the model. */
export const WITH_GENERATOR = ["vera", "jem", "semi-supervised"] as const satisfies readonly Mode[];
/** Modes that can learn from labels; `jem-baseline` need not. */
export const WITH_LABELS = [
  "jem",
  "semi-supervised",
  "clf-only",
  "jem-baseline",
  "vat",
  "energy-discrepancy",
  "base-only",
] as const satisfies readonly Mode[];
/** Modes whose loss has f(x) of data and negative samples. */
export const CONTRASTIVE = [...WITH_GENERATOR, "jem-baseline"] as const satisfies readonly Mode[];

/** Which labels training uses: none, one for every example, or `labelsPerClass` of each class. */
export const LABELS = ["none", "all", "few"] as const;
export type Labels = (typeof LABELS)[number];

/** What f is: a network, or a model whose likelihood is known. */
export const DENSITIES = ["network", "nice", "mog"] as const;
export type Density = (typeof DENSITIES)[number];

/** What f stands on: densities fitted to the training rows before any network learns (ebm/base). */
export const BASES = ["none", "gaussian", "mixture", "pool"] as const;
export type Base = (typeof BASES)[number];

/** The pair of networks; with `nice` and `mog` it names the generator's. `table-ensemble` is a classifier without a generator. */
export const ARCHITECTURES = [
  "toy",
  "mlp",
  "small-mlp",
  "image-mlp",
  "table-ensemble",
  "dcgan32",
  "dcgan64",
  "dcgan-bn",
  "resnet",
  "small-resnet",
  "wide-resnet-28-2",
  "wide-resnet-28-10",
] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

export const DCGANS = ["dcgan32", "dcgan64", "dcgan-bn"] as const satisfies readonly Architecture[];
export const WIDE_RESNETS = ["wide-resnet-28-2", "wide-resnet-28-10"] as const satisfies readonly Architecture[];
export const RESNETS = ["resnet", ...WIDE_RESNETS] as const satisfies readonly Architecture[];
/** Their generator is the ResNet's, whose width `gFeats` sets. */
export const NORMED = ["dcgan-bn", "small-resnet", ...WIDE_RESNETS] as const satisfies readonly Architecture[];
