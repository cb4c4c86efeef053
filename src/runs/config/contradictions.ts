/** The combinations that cannot be, and why. */
import { flagOf } from "./check.js";
import { type Choices, firstSet, KINDS } from "./choose.js";
import { type SourceFacts, tableOf } from "./datasets.js";
import { besideClasses, iterated, linearised } from "./effects.js";
import { ConfigError } from "./error.js";
import { type Architecture, type Mode, NORMED, RESNETS, WITH_GENERATOR } from "./kinds.js";
import { type OptionName, optionOf, type Settings } from "./options.js";

const FOR_IMAGES = [
  "unitInterval",
  "logit",
  "dataAug",
  "imgSize",
  "consistency",
] as const satisfies readonly OptionName[];
const READ = [
  "query",
  "delimiter",
  "header",
  "decimal",
  "missing",
  "encoding",
] as const satisfies readonly OptionName[];
const FOR_TABLES = [
  "label",
  "ignore",
  "categorical",
  "numeric",
  ...READ,
  "outliers",
] as const satisfies readonly OptionName[];
const RESIDUAL = ["resnet", "smallResnet", "wideResnet", "thiccResnet"] as const satisfies readonly OptionName[];
/** Those that ask for labels, the most telling first. */
const FOR_LABELS = ["clfOnly", "vat", "labelsPerClass", "jem"] as const satisfies readonly OptionName[];

/** The terms that the loss of a classifier may have. */
const TERMS = ["clfWeight", "clfEntWeight", "pgControl", "vatWeight"] as const satisfies readonly OptionName[];

/** @throws ConfigError for the first rule that the settings break. */
export function refuseContradictions(s: Settings, { kind, name, classes }: SourceFacts, choices: Choices): void {
  const { mode, labels, density, architecture, shape } = choices;
  const flag = (names: readonly OptionName[]) => flagOf(firstSet(s, names) ?? names[0]!);
  const is = <T>(list: readonly T[], x: T) => list.includes(x);
  const dimensions = shape?.reduce((a, b) => a * b, 1);
  const likelihood = mode === "maximum-likelihood" || mode === "ssm";
  const generator = is<Mode>(WITH_GENERATOR, mode);
  const tractable = flag(["nice", "mogComps"]);

  const table = tableOf(s);
  const run = { ...s, ...choices, dataKind: kind };
  const isOff = (name: (typeof TERMS)[number]) => s[name] === 0 || optionOf(name).effect?.(run) === false;
  const based = s.base !== "none";
  const rules: readonly (readonly [broken: boolean, why: string])[] = [
    [
      firstSet(s, FOR_TABLES) !== undefined && table === null,
      `${flag(FOR_TABLES)} is for tables given with --csv or --table`,
    ],
    [
      firstSet(s, FOR_IMAGES) !== undefined && kind !== "image",
      `${flag(FOR_IMAGES)} is for images, and ${name} is ${KINDS[kind]}`,
    ],
    [
      likelihood && density === "network",
      `${flagOf(mode === "ssm" ? "ssm" : "maximumLikelihood")} is for models whose likelihood is known: add --nice or --mog-comps N`,
    ],
    [
      density !== "network" && labels !== "none",
      `${tractable} is a density without classes: leave out ${flag(FOR_LABELS)}, or ${tractable}`,
    ],
    [
      density !== "network" && !generator && firstSet(s, RESIDUAL) !== undefined,
      `${flag(RESIDUAL)}: ${tractable} is the model and no generator is trained, so there is no network to choose`,
    ],
    [
      density === "nice" && dimensions !== undefined && dimensions % 2 === 1,
      `--nice halves its input, and ${name} has ${dimensions} dimensions, an odd number`,
    ],
    [
      labels !== "none" && classes === 0,
      table === null
        ? `${flag(FOR_LABELS)} needs labels, and ${name} has none`
        : `${flag(FOR_LABELS)} needs labels: name the column of classes with --label`,
    ],
    [
      s.norm !== "none" && !is<Architecture>(NORMED, architecture),
      s.norm === "batch"
        ? `--norm batch is for DCGAN and wide ResNets, and the networks here are ${architecture}`
        : `--norm ${s.norm} is for small and wide ResNets: add --small-resnet, --wide-resnet or --thicc-resnet`,
    ],
    [
      generator && is<Architecture>(RESNETS, architecture) && s.noiseDim !== null && s.noiseDim !== 128,
      `--noise-dim ${s.noiseDim}: the ResNet generator takes 128 dimensions`,
    ],
    [
      s.classNetwork === "small-resnet" && besideClasses(run) && shape?.at(-1) !== 32 && shape?.at(-1) !== 64,
      `--class-network small-resnet is for images of 32×32 or 64×64, and ${name} is of ${shape?.at(-1)}×${shape?.at(-1)}: add --img-size 32`,
    ],
    [mode === "base-only" && !based, "--base-only needs a base measure: add --base pool, mixture or gaussian"],
    [
      based && kind === "image" && dimensions !== undefined && dimensions > 4096,
      `--base is for tables and small images, and ${name} has ${dimensions} numbers`,
    ],
    [
      is<Mode>(["clf-only", "vat", "base-only"], mode) && iterated(run) && TERMS.every(isOff),
      "--clf-weight 0 leaves a classifier nothing to learn: give it a weight",
    ],
    [
      linearised(run) && s.posteriorBatchNorm === "sample",
      "--generator-type laplace needs a generator that maps each draw apart from the others: --posterior-batch-norm frozen",
    ],
    [s.minSigma > s.maxSigma, `--min-sigma ${s.minSigma} is above --max-sigma ${s.maxSigma}`],
    [
      s.decayEpochs.some((epoch, i) => i > 0 && epoch <= s.decayEpochs[i - 1]!),
      `--decay-epochs must increase, and ${s.decayEpochs.join(" ")} do not`,
    ],
  ];
  const broken = rules.find(([isBroken]) => isBroken);
  if (broken !== undefined) throw new ConfigError(broken[1]);
}
