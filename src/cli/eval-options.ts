/** What `vera eval` takes, and its help. */
import type { Evaluation } from "../evaluate/evaluation.js";
import { SCORE_NAMES } from "../evaluate/outliers/scores.js";
import { bool, choice, float, int, numbers, string, strings } from "../runs/config/index.js";
import { ENGINE_OPTIONS } from "./engine.js";
import { columns, optionGroup } from "./help.js";
import { MODEL_OPTIONS, MODEL_TITLE } from "./model.js";

/** What can be evaluated, loaded when it is asked for. */
export const EVALUATIONS: Readonly<Record<string, { summary: string; load: () => Promise<Evaluation> }>> = {
  classification: {
    summary: "accuracy, loss, AUROC, Brier score, calibration error; confusion matrix and reliability diagram",
    load: async () => (await import("../evaluate/classification/evaluate-classification.js")).classification,
  },
  ood: {
    summary: "detection of what is out of distribution: AUROC, AUPR, FPR at 95 % TPR; histograms and ROC curves",
    load: async () => (await import("../evaluate/outliers/evaluate-ood.js")).ood,
  },
  histograms: {
    summary: "scores of the data and of other sets side by side, as histograms",
    load: async () => (await import("../evaluate/outliers/evaluate-histograms.js")).histograms,
  },
  outliers: {
    summary: "tables: f against odd rows, beside Mahalanobis' distance and nearest neighbours",
    load: async () => (await import("../evaluate/outliers/evaluate-outliers.js")).outliers,
  },
  attacks: {
    summary: "accuracy under PGD attacks in L∞ and L2",
    load: async () => (await import("../evaluate/attacks/evaluate-attacks.js")).attacks,
  },
  likelihood: {
    summary: "log p(x) of training and test data: log Z known, integrated, or by annealed importance sampling",
    load: async () => (await import("../evaluate/likelihood/evaluate-likelihood.js")).likelihood,
  },
  modes: {
    summary: "modes of StackedMNIST (or the ten digits) that samples fall into, and both KL divergences",
    load: async () => (await import("../evaluate/modes/evaluate-modes.js")).modes,
  },
  estimator: {
    summary: "bias and variance of the entropy-gradient estimators on a linear generator fitted to the run's data",
    load: async () => (await import("../evaluate/estimators/evaluate-estimator.js")).estimator,
  },
};

/** Evaluated unless --what says otherwise, as far as the model has what it takes. */
export const DEFAULT = ["classification", "ood"];

const GENERAL = {
  what: strings({ value: "NAME …", otherwise: DEFAULT.join(" "), help: "What to evaluate, of the list below." }),
  dataset: string({
    value: "NAME|FILE.csv|DIR",
    otherwise: "the run's own",
    help: "Other data in distribution: a data set's test split, a table, or a folder of pictures.",
  }),
  split: choice("test", ["test", "validation", "train"], { help: "Part of the run's own data." }),
  limit: int(null, { min: 2, nothing: "none", help: "At most this many examples of each set, drawn at random." }),
  sigma: float(0, { min: 0, help: "Standard deviation of Gaussian noise on all inputs but the made ones." }),
  out: string({
    aliases: ["save-dir"],
    value: "DIR",
    otherwise: "eval, in the folder of the run, or beside a checkpoint FILE: FILE.eval",
    help: "Where to write.",
  }),
  overwrite: bool(false, { help: "Replace files of that folder that have the names of results." }),
  dataRoot: string({ value: "DIR", otherwise: "as in training", help: "Folder of the data sets." }),
  seed: int(0, { min: 0, help: "Of all that is random." }),
  ...ENGINE_OPTIONS,
  debug: bool(false, { help: "Show where in the program an error arose." }),
  help: bool(false, { help: "This text." }),
};

const CLASSIFICATION = {
  temperature: bool(true, { help: "Do not fit a temperature on the validation split." }),
  people: string({
    value: "FILE.npy",
    help: "How people label the test split, [examples, classes] in its order, as cifar10h-probs.npy: compare with them, too.",
  }),
  nSteps: int(0, { min: 0, help: "Steps of SGLD on the inputs before they are classified." }),
  sgldLr: float(1, { above: 0, help: "Their step size; of the refinement scores, too." }),
  sgldStd: float(0.01, { min: 0, help: "Standard deviation of their noise." }),
};

const OOD = {
  against: strings({
    value: "NAME …",
    default: ["uniform", "constant", "interp"],
    help: "What to detect: uniform noise, constants, means of two examples (interp), data sets, tables, folders of pictures. Of outliers: tables, beside the odd rows that are made.",
  }),
  scores: strings({ value: "NAME …", otherwise: "px py pxgrad", help: `Of ${SCORE_NAMES.join(", ")}; or all.` }),
  baseline: string({
    value: "RUN",
    help: "Of ood: another run on the same data, say a plain classifier, whose scores stand beside.",
  }),
  refineSteps: int(20, { min: 1, help: "Steps of SGLD in the scores refine, refinegrad and refinel2." }),
  bootstrap: int(500, { min: 20, help: "Resamples behind the 95 % intervals." }),
};

const ATTACKS = {
  epsLinf: numbers([0.01, 0.02, 0.04, 0.08], {
    min: 0,
    help: "Radii in L∞, as shares of the range of pixels (8/255 is 0.031), or in standard deviations of a table's columns.",
  }),
  epsL2: numbers([0.25, 0.5, 1, 2], { min: 0, help: "Radii in L2, in the same units." }),
  attackSteps: int(40, { min: 1, help: "Steps of an attack." }),
  restarts: int(2, { min: 1, help: "Random starts of each attack." }),
  attackExamples: int(500, { min: 1, help: "At most this many examples are attacked." }),
};

const LIKELIHOOD = {
  chains: int(200, { min: 2, help: "Chains of annealed importance sampling." }),
  temperatures: int(1000, { min: 2, help: "Temperatures along their way." }),
  checkPartition: bool(false, { help: "Run it even where log Z is known or can be integrated." }),
};

const MODES = {
  samples: int(10_000, { min: 1, help: "Samples whose modes are counted." }),
  classifier: string({
    value: "FILE",
    otherwise: "one in the folder of the run, trained where it is missing",
    help: "Digit classifier that labels them.",
  }),
};

const ESTIMATOR = {
  estimatorData: string({
    value: "NAME",
    otherwise: "the run's own",
    help: "Data set to fit the linear generator to, whatever the run learned.",
  }),
  latentDim: int(null, {
    min: 1,
    nothing: "the run's --noise-dim",
    help: "Latent dimensions of the linear generator.",
  }),
  posteriorSamples: numbers([1, 2, 5, 10, 20, 50, 100], {
    value: "N …",
    min: 1,
    help: "Posterior samples of an estimate; of HMC those up to 20.",
  }),
  repetitions: int(200, { min: 2, help: "Estimates of each kind." }),
};

/** Its --dataset is the data to evaluate on. */
const { dataset: _, ...OF_MODEL } = MODEL_OPTIONS;

export const OPTIONS = {
  ...OF_MODEL,
  ...GENERAL,
  ...CLASSIFICATION,
  ...OOD,
  ...ATTACKS,
  ...LIKELIHOOD,
  ...MODES,
  ...ESTIMATOR,
};

export const help = (): string =>
  [
    `Usage: vera eval RUN [options]

Measure what a trained model knows, on data that it was not trained on. Writes a
table, and into a folder JSON files and figures. Also calibrates the model on
its validation split and leaves the result in the run's folder,
calibration.json, where \`vera score\` and \`vera export\` find it. RUN is the
folder of a run (its best checkpoint is taken, else the last), a checkpoint
wherever it lies, or one of the authors' PyTorch implementation, whose eval.py's
flags are taken as well and say what they are here.

  vera eval runs/digits
  vera eval runs/digits --what ood --against uniform mnist photos/ --scores all
  vera eval runs/cifar --what classification --people cifar10h-probs.npy
  vera eval runs/mnist --what ood --against fashion-mnist --scores all
    --baseline runs/mnist-clf
  vera eval runs/digits --what attacks --eps-linf 0.05 0.1 --restarts 5
  vera eval runs/digits --what estimator --latent-dim 4
  vera eval --ckpt_path cifar.pt --eval OOD --ood_dataset svhn`,
    `What can be evaluated\n${columns(
      Object.entries(EVALUATIONS).map(([name, { summary }]) => [`  ${name}`, summary]),
      26,
    )}`,
    optionGroup("Options", GENERAL),
    optionGroup("Classification", CLASSIFICATION),
    optionGroup("Detection of what is out of distribution (ood, outliers)", OOD),
    optionGroup("Attacks", ATTACKS),
    optionGroup("Likelihood", LIKELIHOOD),
    optionGroup("Modes", MODES),
    optionGroup("Estimators", ESTIMATOR),
    optionGroup(MODEL_TITLE, OF_MODEL),
  ].join("\n\n");
