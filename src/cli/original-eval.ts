/**
 * The command line of the original's eval.py, and what it is called here: each of its evaluations is one of `vera eval` or
 * `vera sample`. Options of these that eval.py has not are passed on.
 */
import { bool, choice, datasetPart, float, int, kebab, string, strings } from "../runs/config/index.js";
import { parseArguments } from "./arguments.js";
import { UsageError } from "./errors.js";
import { OPTIONS as EVAL_OPTIONS } from "./eval-options.js";
import { readOptions } from "./options.js";

const EVALUATIONS = ["OOD", "test_clf", "logp_hist", "uncond_samples", "cond_samples"] as const;

/** What only eval.py has: one of them tells its command lines from others. */
const ONLY_THERE = {
  eval: choice("OOD", EVALUATIONS, { help: "What to evaluate." }),
  scoreFn: choice("px", ["px", "py", "pxgrad"], { help: "The score of OOD and logp_hist." }),
  oodDataset: string({ value: "NAME", help: "What OOD detects." }),
  testDataset: string({ value: "NAME", help: "What test_clf classifies." }),
  datasets: strings({ value: "NAME …", help: "What logp_hist draws." }),
  nSampleSteps: int(100, { min: 0, help: "Transitions that refine samples." }),
  nSampleBatches: int(1, { min: 1, help: "Batches of samples." }),
};

/** What a checkpoint's shapes say by themselves, and what eval.py takes without any effect. */
export const NEEDLESS = {
  width: int(10, { help: "" }),
  depth: int(28, { help: "" }),
  noiseDim: int(128, { help: "" }),
  gFeats: int(128, { help: "" }),
  generatorType: string({ value: "NAME", help: "" }),
  postLr: float(0.02, { help: "" }),
  mcmcLr: float(0.02, { help: "" }),
  uncond: bool(false, { help: "" }),
  dataAug: bool(false, { help: "" }),
  loadPath: string({ value: "FILE", help: "" }),
  logFile: string({ value: "FILE", help: "" }),
};

/** Everything that eval.py takes, and what `vera eval` takes beside. */
export const ORIGINAL_EVAL = {
  ...EVAL_OPTIONS,
  ...ONLY_THERE,
  ...NEEDLESS,
  batchSize: int(64, { min: 1, help: "Samples in a batch." }),
};

export interface AsThere {
  /** The evaluation there. */
  readonly what: (typeof EVALUATIONS)[number];
  /** The command here, and its command line. */
  readonly command: "eval" | "sample";
  readonly argv: readonly string[];
}

/**
 * What a command line of eval.py is here; null for one that is not eval.py's.
 * @throws ConfigError, UsageError for values that it cannot have
 */
export function asThere(argv: readonly string[]): AsThere | null {
  const names = argv.map((token) => kebab(token.replace(/^--/, "").replace(/=.*/, "")));
  const isThere = (token: string, i: number) => token.startsWith("--") && ONLY.has(names[i]!);
  if (!argv.some(isThere) || names.includes("help")) return null;
  const { values, positionals } = readOptions(argv, ORIGINAL_EVAL);
  const passed = { ...parseArguments(argv, ORIGINAL_EVAL).values };
  for (const name of [...Object.keys(ONLY_THERE), ...Object.keys(NEEDLESS), "batchSize", "dataset"])
    delete passed[name];
  const line = (command: AsThere["command"], options: Readonly<Record<string, unknown>>): AsThere => ({
    what: values.eval,
    command,
    argv: [...positionals, ...flags({ ...passed, ...options })],
  });
  switch (values.eval) {
    case "test_clf":
      delete passed.sigma; // no noise there
      return line("eval", { what: ["classification"], ...named(values.testDataset ?? values.dataset) });
    case "OOD":
      return line("eval", {
        what: ["ood"],
        ...inDistribution(values.dataset),
        against: [values.oodDataset ?? "svhn"],
        scores: [values.scoreFn],
      });
    case "logp_hist": {
      if (values.datasets.length === 0) throw new UsageError("--eval logp_hist needs --datasets: which to draw");
      // CIFAR-10, if it is among them, is what eval.py takes its models for.
      const first = values.datasets.find((name) => datasetPart(name)?.name === "cifar10") ?? values.datasets[0]!;
      const rest = values.datasets.filter((name) => name !== first);
      return line("eval", {
        what: ["histograms"],
        dataset: first,
        against: rest.length > 0 ? rest : ["none"],
        scores: [values.scoreFn],
      });
    }
    case "uncond_samples":
    case "cond_samples":
      for (const name of REFINEMENT) delete passed[name]; // chains that eval.py does not run there
      return line("sample", {
        ...(values.eval === "cond_samples" ? { class: ["all"] } : { count: values.batchSize * values.nSampleBatches }),
        steps: values.nSampleSteps,
        ...inDistribution(values.dataset),
      });
  }
}

const ONLY = new Set(Object.keys(ONLY_THERE).map(kebab));

const REFINEMENT = ["nSteps", "sgldLr", "sgldStd", "sigma"];

/** `--dataset` there says how many classes there are, and which data; of no other evaluation than test_clf which part. */
const inDistribution = (dataset: string | null): { readonly dataset?: string } =>
  named(dataset === null ? null : (datasetPart(dataset)?.name ?? dataset));

/** Without a name the model's own data are meant. */
const named = (dataset: string | null): { readonly dataset?: string } => (dataset === null ? {} : { dataset });

const flags = (values: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => {
    if (typeof value === "boolean") return [`--${value ? "" : "no-"}${kebab(name)}`];
    return [`--${kebab(name)}`, ...(Array.isArray(value) ? value.map(String) : [String(value)])];
  });
