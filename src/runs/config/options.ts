/**
 * Every option of training, in one table: what flags, configuration files, presets, help and the resolved configuration share.
 * Names are the camel case of the flags: `noiseDim` is `--noise-dim`, and `--noise_dim` as the original spells it.
 * Defaults are the paper's where it has one.
 */
import { DATASET_NAMES } from "./datasets.js";
import * as on from "./effects.js";
import { BASES } from "./kinds.js";
import { bool, choice, float, int, numbers, type Option, type OptionValue, string, strings } from "./option.js";
import { READING } from "./reading.js";
import { ENTROPY, SGLD } from "./sampling.js";

const data = {
  dataset: string({
    value: "NAME",
    otherwise: "circles",
    help: `What to learn: ${DATASET_NAMES.join(", ")}. \`vera data list\` says which are there.`,
  }),
  csv: string({
    value: "FILE",
    help: "A table of your own instead of a data set. Starts from the preset `table`.",
  }),
  table: string({
    value: "FILE",
    help: "The same, whatever it is: CSV, Parquet, JSON, a database (DuckDB, SQLite), or several files by a pattern in quotes.",
  }),
  query: string({
    value: "SQL",
    help: "What to read from the database that --table names, or from files that the query names.",
  }),
  label: string({ value: "COLUMN", effect: on.canHaveLabels, help: "Name or index of the table's column of classes." }),
  ignore: strings({ value: "COLUMN …", help: "Columns of the table to leave out, like identifiers." }),
  categorical: strings({ value: "COLUMN …", help: "Columns of numbers that stand for categories." }),
  numeric: strings({
    value: "COLUMN …",
    help: "Columns of numbers, whatever else stands in them; times become seconds.",
  }),
  ...READING,
  outliers: string({
    value: "FILE",
    live: true,
    help: "A table with the same columns, of rows that are odd: the report at the end says how well f tells them apart.",
  }),
  imageFolder: string({
    value: "DIR",
    help: "Pictures of your own instead of a data set, in one sub-folder per class, or without classes; folders train, val and test in it are its parts. Starts from the preset `pictures`.",
  }),
  dataRoot: string({ value: "DIR", live: true, otherwise: "$VERA_DATA, or ./data", help: "Folder of the data sets." }),
  imgSize: choice(null, [32, 64], { nothing: "native", help: "Resize images to squares of this many pixels." }),
  unitInterval: bool(false, { help: "Scale images to [0, 1] instead of [-1, 1]." }),
  logit: bool(false, { help: "Dequantise images and take logits." }),
  dataAug: bool(false, {
    help: "Augment images: written digits by small affine maps, others by shifts of up to 4 pixels (clothes 2), photographs and clothes also by mirroring.",
  }),
};

const mode = {
  jem: bool(false, {
    aliases: ["clf"],
    help: "Learn a classifier and its density together, with all labels (JEM). Without any flag of this group the density alone is learned (VERA).",
  }),
  labelsPerClass: int(0, {
    min: 0,
    effect: on.canHaveLabels,
    help: "Learn from this many labels of each class (or all it has) and all examples: semi-supervised. 0 for all labels.",
  }),
  vera: bool(false, { help: "VERA, where a preset does something else." }),
  clfOnly: bool(false, { help: "A classifier on its own." }),
  vat: bool(false, { help: "Virtual adversarial training, the semi-supervised baseline." }),
  jemBaseline: bool(false, {
    help: "Negative samples from SGLD with a replay buffer instead of a generator; with labels if --jem is given.",
  }),
  energyDiscrepancy: bool(false, {
    aliases: ["ed"],
    help: "Energy discrepancy: neither generator nor chains; with labels if --jem is given.",
  }),
  baseOnly: bool(false, {
    help: "The density is the base measure (--base) alone; with labels if --jem is given, which a network then tells apart.",
  }),
  maximumLikelihood: bool(false, { help: "Maximum likelihood, for --nice and --mog-comps." }),
  ssm: bool(false, { help: "Sliced score matching, for --nice and --mog-comps." }),
  nice: bool(false, { help: "The model is a NICE flow, whose likelihood is known." }),
  mogComps: int(null, {
    min: 1,
    nothing: "none",
    help: "The model is a mixture of this many Gaussians, whose likelihood is known.",
  }),
};

const model = {
  base: choice("none", BASES, {
    help: "What f stands on, fitted to the training rows: a Gaussian, a mixture of Gaussians, or a pool of densities that fail in different ways.",
  }),
  resnet: bool(false, { help: "Residual networks, for 32×32 images. Without any of these: DCGAN." }),
  smallResnet: bool(false, {
    help: "A small residual network, for 32×32 images and a few cores; the generator is DCGAN's.",
  }),
  wideResnet: bool(false, { help: "Wide ResNet 28-2, for 32×32 images." }),
  thiccResnet: bool(false, { help: "Wide ResNet 28-10, for 32×32 images." }),
  classNetwork: choice("shared", ["shared", "small-resnet"], {
    effect: on.besideClasses,
    help: "What tells classes apart: the network of f itself, as in JEM, or a small residual network with batch norm beside it, for images of 32×32 or 64×64. Without labels that one learns by how many quarters a picture was turned.",
  }),
  typicality: bool(false, {
    effect: on.besideGenerator,
    help: "In evaluation f also counts how usual that network's inner layers look, and p(y|x) returns to the classes' shares where f is low.",
  }),
  norm: choice("none", ["none", "batch", "group", "instance", "layer"], {
    effect: on.normed,
    help: "Normalisation in the model: any for small and wide ResNets, batch for DCGAN.",
  }),
  dropout: float(0, { min: 0, below: 1, effect: on.wideResNets, help: "Probability of dropout in wide ResNets." }),
  hDim: int(100, { min: 1, effect: on.toyNetworks, help: "Hidden units of the networks for toy densities." }),
  hLayers: int(2, { min: 1, max: 1000, effect: on.toyModel, help: "Hidden layers of the model for toy densities." }),
  noiseDim: int(null, {
    min: 1,
    effect: on.withGenerator,
    nothing: "auto",
    otherwise: "2 for toy densities, 128 otherwise",
    help: "Dimensions of the generator's noise z.",
  }),
  gFeats: int(128, {
    min: 1,
    effect: on.resNetGenerator,
    help: "Features of the ResNet generator.",
  }),
  dcganWidth: int(64, {
    min: 1,
    effect: on.dcgans,
    help: "Channels at DCGAN's finest resolution, in both networks, and of the small ResNet on 16×16 pixels; they double with each halving of the image.",
  }),
  minSigma: float(0.01, { above: 0, effect: on.withGenerator, help: "Least scale σ of the generator's output noise." }),
  maxSigma: float(0.3, { above: 0, effect: on.withGenerator, help: "Greatest scale σ." }),
};

const training = {
  batchSize: int(200, { effect: on.iterated, min: 2, help: "Examples in a batch." }),
  nEpochs: int(200, {
    effect: on.iterated,
    min: 1,
    live: true,
    help: "Passes over the training data; of a toy density, 50 batches are one.",
  }),
  nIters: int(null, {
    effect: on.iterated,
    min: 1,
    live: true,
    nothing: "none",
    help: "Iterations, instead of --n-epochs.",
  }),
  lr: float(1e-3, { effect: on.iterated, above: 0, live: true, help: "Learning rate of the model." }),
  classLr: float(null, {
    effect: on.hasClassNetwork,
    above: 0,
    nothing: "shared",
    help: "Learning rate of the network that tells classes apart, where it is one of its own: by Adam with the usual decays, 0.9 and 0.999. Shared: as f learns, by the same Adam.",
  }),
  glr: float(1e-3, { above: 0, live: true, effect: on.withGenerator, help: "Learning rate of the generator." }),
  beta1: float(0, { effect: on.iterated, min: 0, below: 1, help: "Adam's decay of the mean gradient." }),
  beta2: float(0.9, { effect: on.iterated, min: 0, below: 1, help: "Adam's decay of the mean squared gradient." }),
  weightDecay: float(0, { effect: on.iterated, min: 0, live: true, help: "L2 penalty on all parameters." }),
  warmupIters: int(0, {
    effect: on.iterated,
    min: 0,
    live: true,
    help: "Iterations in which the learning rates rise linearly.",
  }),
  schedule: choice("steps", ["steps", "cosine"], {
    effect: on.iterated,
    live: true,
    help: "How learning rates fall: at --decay-epochs by --decay-rate, or along half a cosine to 0 at the end.",
  }),
  decayEpochs: numbers([160, 180], {
    effect: on.steppedRates,
    min: 0,
    live: true,
    help: "Epochs after which the learning rates decay.",
  }),
  decayRate: float(0.3, {
    effect: on.steppedRates,
    above: 0,
    max: 1,
    live: true,
    help: "Factor on the learning rates there.",
  }),
  eIters: int(1, { min: 1, effect: on.withGenerator, help: "The model learns every N iterations." }),
  gIters: int(1, { min: 1, effect: on.withGenerator, help: "The generator learns every N iterations." }),
  densityDraws: int(0, {
    min: 0,
    effect: on.withGenerator,
    help: "For data of few dimensions: half of the samples that the model learns from get noise of the data's scale, and all are weighed by e^f(x) / q(x), their density q being estimated from this many draws of the generator. 0: the generator's samples as they are.",
  }),
  recover: bool(false, {
    effect: on.iterated,
    live: true,
    help: "Where training diverges, go back to the last checkpoint in which f was sound, and on with a tenth of both learning rates; once.",
  }),
  ema: float(0, {
    effect: on.iterated,
    min: 0,
    below: 1,
    help: "Decay of a running average of the weights, kept for evaluation, once it has grown to it; 0 for none.",
  }),
  syncBatchNorm: bool(true, {
    effect: on.trainedBatchNorm,
    help: "Of several processes (mpirun, srun) each has batch norm look at its own part of a batch, not at all of it as one process would: less to wait for, another run.",
  }),
  seed: int(1234, { min: 0, max: 2 ** 32 - 1, help: "Seed of all random numbers." }),
};

const objective = {
  entWeight: float(1, { min: 0, effect: on.withGenerator, help: "Weight of the generator's entropy (λ)." }),
  clfWeight: float(1, {
    min: 0,
    effect: on.classified,
    help: "Weight of the classification loss (α).",
  }),
  densityClfWeight: float(0, {
    min: 0,
    effect: on.hasNetworkOfClasses,
    help: "With a network for the classes: weight of their loss in that of f, too, which then is the log-sum-exp of an output for each class.",
  }),
  clfEntWeight: float(0, {
    min: 0,
    effect: on.conditionalEntropy,
    help: "Weight of the predictions' entropy on unlabelled data, with --vat on all (β).",
  }),
  consistency: float(0, {
    min: 0,
    effect: on.fewLabels,
    help: "For images, of which few have labels: weight of the consistency between an image and a strongly changed view of it.",
  }),
  confidence: float(0.95, {
    min: 0,
    max: 1,
    effect: on.consistent,
    help: "How probable a class must be to be taught to that view.",
  }),
  pControl: float(0, { min: 0, effect: on.contrastive, help: "Penalty on f(x)² of data." }),
  nControl: float(0, { min: 0, effect: on.contrastive, help: "Penalty on f(x)² of samples." }),
  pgControl: float(0, {
    min: 0,
    effect: on.gradientPenalty,
    help: "Penalty on the squared gradient of f at data (γ).",
  }),
  pgShare: float(1, {
    above: 0,
    max: 1,
    effect: on.gradientPenalized,
    help: "Share of each batch on which that penalty is computed: it has second derivatives, and costs more than the rest of the model's step.",
  }),
  outerWeight: float(0, {
    min: 0,
    effect: on.outerNegatives,
    help: "Weight of the term that holds f down at pictures that are none of the data: empty ones, noise, means and collages of two.",
  }),
  outerMargin: float(10, {
    min: 0,
    effect: on.outerHeldDown,
    help: "By how much f shall be lower there than at data.",
  }),
  edScale: float(0.5, {
    above: 0,
    effect: on.discrepancy,
    help: "Scale of the steps from rows to negatives, in standard deviations.",
  }),
  edNegatives: int(8, { min: 1, effect: on.discrepancy, help: "Negatives of each row." }),
  vatWeight: float(1, { min: 0, effect: on.vat, help: "Weight of the virtual adversarial loss." }),
  vatEps: float(3, { above: 0, effect: on.vat, help: "Norm of the adversarial perturbation." }),
};

const output = {
  saveDir: string({ value: "DIR", otherwise: "runs/DATA-MODE", help: "Folder of the run." }),
  resume: string({ value: "DIR", live: true, help: "Continue the run in this folder, with its configuration." }),
  ckptPath: string({
    value: "FILE",
    live: true,
    otherwise: "in the run's folder",
    help: "Where the latest checkpoint is kept.",
  }),
  printEvery: int(100, { min: 0, live: true, help: "Iterations between lines of progress. 0, here and below: never." }),
  vizEvery: int(1000, { effect: on.iterated, min: 0, live: true, help: "Iterations between figures." }),
  ckptEvery: int(1000, {
    effect: on.iterated,
    min: 0,
    live: true,
    help: "Iterations between checkpoints; one is written at the latest after ten minutes.",
  }),
  saveEvery: int(0, {
    effect: on.iterated,
    min: 0,
    live: true,
    help: "Iterations between checkpoints that stay beside the latest.",
  }),
  evalEvery: int(1000, {
    effect: on.iterated,
    min: 0,
    live: true,
    help: "Iterations between evaluations on the validation split.",
  }),
  plots: bool(true, { live: true, help: "No figures." }),
  sgldSteps: int(100, { min: 0, live: true, help: "MALA steps of the chains in figures." }),
};

const engine = {
  provider: choice("cpu", ["cpu", "webgpu", "cuda"], { live: true, help: "What computes." }),
  threads: int(null, {
    min: 1,
    max: 1024,
    live: true,
    nothing: "auto",
    otherwise: "one per core",
    help: "Threads of the CPU. Of several processes of a job on one machine each has its part.",
  }),
  scan: int(null, {
    effect: on.iterated,
    min: 1,
    live: true,
    nothing: "auto",
    help: "Iterations in one call of the engine.",
  }),
};

/** The table, by the headings of help. */
export const GROUPS: readonly (readonly [title: string, options: Readonly<Record<string, Option>>])[] = [
  ["Data", data],
  ["What is learned", mode],
  ["Networks", model],
  ["Training", training],
  ["Weights of the objective", objective],
  ["Entropy of the generator", ENTROPY],
  ["SGLD of the JEM baseline", SGLD],
  ["Run and output", output],
  ["Engine", engine],
];

export const OPTIONS = {
  ...data,
  ...mode,
  ...model,
  ...training,
  ...objective,
  ...ENTROPY,
  ...SGLD,
  ...output,
  ...engine,
};

export type OptionName = keyof typeof OPTIONS;

type ValueOf<O> = O extends Option<infer T extends OptionValue> ? T : never;

/** A value for every option, before what depends on others is filled in. */
export type Settings = { readonly [K in OptionName]: ValueOf<(typeof OPTIONS)[K]> };

export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

/** The table as it is to code that treats all options alike. */
export const optionOf = (name: OptionName): Option => OPTIONS[name];

export const defaults = (): Settings =>
  Object.fromEntries(OPTION_NAMES.map((name) => [name, OPTIONS[name].default])) as Settings;

/** Flags of the original that have no counterpart here, and why. */
export const RETIRED: Readonly<Record<string, string>> = {
  optimizer: "the optimiser is Adam, as it was in the original whatever this flag said",
  "log-file": "the log is log.jsonl in the run's folder, see --save-dir",
  "load-path": "it had no effect in the original; continue a run with --resume DIR",
  "no-g-batch-norm": "the model's batch norm sees samples as it sees data, as in the original without it: leave it out",
};
