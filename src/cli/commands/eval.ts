/** `vera eval`. */
import { join } from "node:path";
import type { Split } from "../../data/index.js";
import type { Evaluation, EvaluationContext } from "../../eval/evaluation.js";
import type { Inputs, SplitName } from "../../eval/inputs.js";
import type { Probe } from "../../eval/probe.js";
import { SCORE_NAMES, type ScoreName } from "../../eval/scores.js";
import type { ResultFolder } from "../../files/index.js";
import { bool, ConfigError, choice, float, int, numbers, string, strings } from "../../train/config/index.js";
import { type Command, line, type Terminal } from "../command.js";
import { ENGINE_OPTIONS, startEngine } from "../engine.js";
import { UsageError } from "../errors.js";
import { columns, optionGroup } from "../help.js";
import { readOptions, type Values } from "../options.js";
import { StageDisplay } from "../stages.js";

/** What can be evaluated, loaded when it is asked for. */
const EVALUATIONS: Readonly<Record<string, { summary: string; load: () => Promise<Evaluation> }>> = {
  classification: {
    summary: "accuracy, loss, AUROC, Brier score, calibration error; confusion matrix and reliability diagram",
    load: async () => (await import("../../eval/evaluate-classification.js")).classification,
  },
  ood: {
    summary: "detection of what is out of distribution: AUROC, AUPR, FPR at 95 % TPR; histograms and ROC curves",
    load: async () => (await import("../../eval/evaluate-ood.js")).ood,
  },
  outliers: {
    summary: "tables: f against odd rows, beside Mahalanobis' distance and nearest neighbours",
    load: async () => (await import("../../eval/evaluate-outliers.js")).outliers,
  },
  attacks: {
    summary: "accuracy under PGD attacks in L∞ and L2",
    load: async () => (await import("../../eval/evaluate-attacks.js")).attacks,
  },
  likelihood: {
    summary: "log p(x) of training and test data: log Z known, integrated, or by annealed importance sampling",
    load: async () => (await import("../../eval/evaluate-likelihood.js")).likelihood,
  },
  modes: {
    summary: "modes of StackedMNIST (or the ten digits) that samples fall into, and both KL divergences",
    load: async () => (await import("../../eval/evaluate-modes.js")).modes,
  },
  estimator: {
    summary: "bias and variance of the entropy-gradient estimators on a linear generator fitted to the run's data",
    load: async () => (await import("../../eval/evaluate-estimator.js")).estimator,
  },
};

/** Evaluated unless --what says otherwise, as far as the model has what it takes. */
const DEFAULT = ["classification", "ood"];

const GENERAL = {
  what: strings({ value: "NAME …", otherwise: DEFAULT.join(" "), help: "What to evaluate, of the list below." }),
  dataset: string({
    value: "NAME|FILE.csv|DIR",
    otherwise: "the run's own",
    help: "Other data in distribution: a data set's test split, a table, or a folder of pictures.",
  }),
  split: choice("test", ["test", "validation", "train"], { help: "Part of the run's own data." }),
  limit: int(null, { min: 2, nothing: "none", help: "At most this many examples of each set, drawn at random." }),
  out: string({ value: "DIR", otherwise: "eval, in the folder of the run", help: "Where to write." }),
  overwrite: bool(false, { help: "Replace files of that folder that have the names of results." }),
  dataRoot: string({ value: "DIR", otherwise: "as in training", help: "Folder of the data sets." }),
  seed: int(0, { min: 0, help: "Of all that is random." }),
  ...ENGINE_OPTIONS,
  debug: bool(false, { help: "Show where in the program an error arose." }),
  help: bool(false, { help: "This text." }),
};

const CLASSIFICATION = {
  temperature: bool(true, { help: "Do not fit a temperature on the validation split." }),
  nSteps: int(0, { min: 0, help: "Steps of SGLD on the inputs before they are classified." }),
  sgldLr: float(1, { above: 0, help: "Their step size; of the refinement scores, too." }),
  sgldStd: float(0.01, { min: 0, help: "Standard deviation of their noise." }),
};

const OOD = {
  against: strings({
    value: "NAME …",
    otherwise: "uniform constant interp",
    help: "What to detect: uniform noise, constants, means of two examples (interp), data sets, tables, folders of pictures. Of outliers: tables, beside the odd rows that are made.",
  }),
  scores: strings({ value: "NAME …", otherwise: "px py pxgrad", help: `Of ${SCORE_NAMES.join(", ")}; or all.` }),
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

const OPTIONS = { ...GENERAL, ...CLASSIFICATION, ...OOD, ...ATTACKS, ...LIKELIHOOD, ...MODES, ...ESTIMATOR };

type Options = Values<typeof OPTIONS>;

const help = (): string =>
  [
    `Usage: vera eval RUN [options]

Measure what a trained model knows, on data that it was not trained on. Writes a
table, and into a folder JSON files and figures. Also calibrates the model on
its validation split and leaves the result in the run's folder,
calibration.json, where \`vera score\` and \`vera export\` find it. RUN is the
folder of a run (its best checkpoint is taken, else the last) or one of its
checkpoints.

  vera eval runs/digits
  vera eval runs/digits --what ood --against uniform mnist photos/ --scores all
  vera eval runs/digits --what attacks --eps-linf 0.05 0.1 --restarts 5
  vera eval runs/digits --what estimator --latent-dim 4`,
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
  ].join("\n\n");

export const evaluate: Command = async (argv, terminal) => {
  const { values, positionals } = readOptions(argv, OPTIONS);
  if (values.help) {
    line(terminal.out, help());
    return 0;
  }
  const [path, more] = positionals;
  if (path === undefined || more !== undefined) throw new UsageError("vera eval needs a run: vera eval RUN");
  const what = chosen(values.what, Object.keys(EVALUATIONS), "--what");
  const scores = chosen(values.scores, SCORE_NAMES, "--scores") as ScoreName[];

  await startEngine(values);
  const { loadRun } = await import("../../train/index.js");
  const { Probe } = await import("../../eval/probe.js");
  const { keep, ResultFolder } = await import("../../files/index.js");
  const probe = new Probe(await loadRun(path));
  const names = what.length > 0 ? what : DEFAULT;
  const own = values.out === null;
  const folder = await ResultFolder.open(values.out ?? join(probe.run.folder, "eval"), own || values.overwrite);
  for (const name of names) folder.at(`${name}.json`);
  const { checkpoint, iteration } = probe.run;
  line(terminal.out, `${checkpoint}, iteration ${iteration}\n`);
  const display = new StageDisplay(terminal.err);
  try {
    const context = await prepare(probe, values, scores, display, terminal);
    const asked = what.length > 0 && values.what[0] !== "all";
    let kept = true;
    const keepResult: KeepResult = async (write) => {
      // A run that is read-only can be evaluated; a folder that was asked for has to be written.
      if (!own) return write();
      await keep(write, (why) => {
        if (kept) line(terminal.err, `note: results ${why} with --out`);
        kept = false;
      });
    };
    for (const name of names) await runOne(name, context, folder, asked, keepResult, display, terminal);
    if (kept) line(terminal.out, `Tables as JSON, and figures: ${folder.path}`);
  } finally {
    display.clear();
  }
  return 0;
};

/** `all`, or names of a list. @throws ConfigError for one that is not on it. */
function chosen(given: readonly string[], names: readonly string[], option: string): readonly string[] {
  if (given.length === 1 && given[0] === "all") return names;
  const wrong = given.find((name) => !names.includes(name));
  if (wrong !== undefined) throw new ConfigError(`${option} takes ${names.join(", ")} or all, not "${wrong}"`);
  return given;
}

/** @throws ConfigError for an empty list, or numbers that are not whole. */
function counts(given: readonly number[], option: string): readonly number[] {
  if (given.length > 0 && given.every(Number.isInteger)) return given;
  throw new ConfigError(`${option} takes whole numbers, not [${given.join(", ")}]`);
}

async function prepare(
  probe: Probe,
  values: Options,
  scores: readonly ScoreName[],
  display: StageDisplay,
  terminal: Terminal,
): Promise<EvaluationContext> {
  const { limited, namedInputs, runData } = await import("../../eval/inputs.js");
  const { streams } = await import("../../runtime/index.js");
  const { dataset: other, split, seed, temperature } = values;
  const source = {
    seed,
    ...(values.dataRoot !== null && { dataRoot: values.dataRoot }),
    ...(values.limit !== null && { limit: values.limit }),
  };
  const onProgress: EvaluationContext["onProgress"] = (...stage) => display.update(...stage);
  // With other data the run's own only serves calibration, and may be missing.
  const own = await runData(probe.run, source).catch((cause: Error) => {
    if (other === null) throw cause;
    display.clear();
    line(terminal.err, `note: without temperature and calibration.json: ${cause.message}`);
    return null;
  });
  if (own !== null) await keepCalibrated(probe, own, onProgress, terminal);
  const fresh = own === null || own.splits.validation.size === 0 || (other === null && split === "validation");
  const rows = (whole: Split) =>
    limited(whole, values.limit ?? whole.size, streams(seed).for("rows that are evaluated"));
  const data: Inputs =
    other === null
      ? { name: `${own!.name} (${split} split)`, own: true, split: rows(own!.splits[split as SplitName]) }
      : await namedInputs(other, probe.run, own?.splits.test ?? null, { ...source, labels: true });
  if (data.split.size === 0)
    throw new UsageError(`${data.name} is empty: name other data with --dataset, or another --split`);
  return {
    probe,
    data,
    own,
    validation: fresh || !temperature ? null : own.splits.validation,
    find: (name) => namedInputs(name, probe.run, data.split, source),
    onProgress,
    settings: {
      seed,
      dataRoot: values.dataRoot,
      limit: values.limit,
      refinement: { steps: values.nSteps, stepSize: values.sgldLr, std: values.sgldStd },
      against: values.against.length > 0 ? values.against : ["uniform", "constant", "interp"],
      scores: scores.length > 0 ? scores : ["px", "py", "pxgrad"],
      refineSteps: values.refineSteps,
      resamples: values.bootstrap,
      epsLinf: values.epsLinf,
      epsL2: values.epsL2,
      attackSteps: values.attackSteps,
      restarts: values.restarts,
      attackExamples: values.attackExamples,
      chains: values.chains,
      temperatures: values.temperatures,
      checkPartition: values.checkPartition,
      samples: values.samples,
      classifier: values.classifier,
      estimatorData: values.estimatorData,
      latentDim: values.latentDim,
      posteriorSamples: counts(values.posteriorSamples, "--posterior-samples"),
      repetitions: values.repetitions,
    },
  };
}

/** Leaves a calibration of this checkpoint beside the run, if there is none. */
async function keepCalibrated(
  probe: Probe,
  own: Awaited<ReturnType<typeof import("../../eval/inputs.js").runData>>,
  onProgress: EvaluationContext["onProgress"],
  { err }: Terminal,
): Promise<void> {
  const { calibrate, keepCalibration, readCalibration } = await import("../../eval/calibration.js");
  if (own.splits.validation.size === 0 || (await readCalibration(probe.run)) !== null) return;
  const made = await calibrate(probe, own, [], (done, total) => onProgress("calibration", done, total));
  await keepCalibration(probe.run, made, (text) => line(err, `note: ${text}`));
}

type KeepResult = (write: () => Promise<void>) => Promise<void>;

async function runOne(
  name: string,
  context: EvaluationContext,
  folder: ResultFolder,
  asked: boolean,
  keepResult: KeepResult,
  display: StageDisplay,
  terminal: Terminal,
): Promise<void> {
  const evaluation = await EVALUATIONS[name]!.load();
  const objection = evaluation.objection(context);
  if (objection !== null) {
    if (asked) throw new UsageError(`no ${name} here: ${objection}`);
    line(terminal.err, `note: no ${name}: ${objection}`);
    return;
  }
  const { savePlot } = await import("../../figures/index.js");
  const { writeAtomic } = await import("../../files/index.js");
  const { title, table, json, notes = [], figures } = await evaluation.run(context);
  await keepResult(async () => {
    const content = { of: context.data.name, ...(json as object) };
    await writeAtomic(folder.at(`${name}.json`), `${JSON.stringify(content, null, 2)}\n`);
    for (const [file, svg] of figures) await savePlot(folder.figure(file), svg);
  });
  display.clear();
  line(terminal.out, `${title}\n\n${table}\n`);
  for (const note of notes) line(terminal.err, `note: ${note}\n`);
}
