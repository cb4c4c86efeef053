/** What `vera eval` takes, and its help. */
import { EVALUATION_GROUPS, EVALUATIONS } from "../evaluate/registry.js";
import { bool, choice, float, int, type OptionTable, string, strings } from "../runs/config/index.js";
import { ENGINE_OPTIONS } from "./engine.js";
import { columns, optionGroup } from "./help.js";
import { MODEL_OPTIONS, MODEL_TITLE } from "./model.js";

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

/** Its --dataset is the data to evaluate on. */
const { dataset: _, ...OF_MODEL } = MODEL_OPTIONS;

/** What the command itself reads, whatever is evaluated. */
export const OWN_OPTIONS = { ...OF_MODEL, ...GENERAL };

/** All that may be given. */
export const OPTIONS: OptionTable = Object.fromEntries(
  [OWN_OPTIONS, ...EVALUATION_GROUPS.map(({ options }) => options)].flatMap((each) => Object.entries(each)),
);

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
      EVALUATIONS.map(({ name, summary }) => [`  ${name}`, summary]),
      26,
    )}`,
    optionGroup("Options", GENERAL),
    ...EVALUATION_GROUPS.map(({ title, options }) => optionGroup(title, options)),
    optionGroup(MODEL_TITLE, OF_MODEL),
  ].join("\n\n");
