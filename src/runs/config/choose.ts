/** From settings to what a run is: how it learns, which model and which networks. */
import { type SourceFacts, tableOf } from "./datasets.js";
import { ConfigError } from "./error.js";
import type { Architecture, Density, Labels, Mode } from "./kinds.js";
import { type OptionName, optionOf, type Settings } from "./options.js";

/** Of each of these, a run has one at most. The name is for messages. */
export const ALTERNATIVES: readonly (readonly [what: string, options: readonly OptionName[]])[] = [
  ["source of data", ["dataset", "csv", "table", "imageFolder"]],
  ["scaling of images", ["unitInterval", "logit"]],
  [
    "way to train",
    ["vera", "clfOnly", "vat", "jemBaseline", "energyDiscrepancy", "baseOnly", "maximumLikelihood", "ssm"],
  ],
  ["density to begin with", ["nice", "mogComps", "base"]],
  ["architecture", ["resnet", "smallResnet", "wideResnet", "thiccResnet"]],
];

/** The first of some options that is set to something else than its default. */
export const firstSet = (s: Settings, names: readonly OptionName[]): OptionName | undefined =>
  names.find((name) => JSON.stringify(s[name]) !== JSON.stringify(optionOf(name).default));

/** What is chosen by the settings. */
export interface Choices {
  readonly mode: Mode;
  readonly labels: Labels;
  readonly density: Density;
  readonly architecture: Architecture;
  /** Of one example, as trained on: `[C, H, W]` or `[D]`; null for a CSV file, which must be read first. */
  readonly shape: readonly number[] | null;
}

/** @throws ConfigError where no architecture fits the data. */
export function choose(s: Settings, source: SourceFacts): Choices {
  const mode = chooseMode(s);
  const shape = s.imgSize === null || source.kind !== "image" ? source.shape : withSide(source.shape!, s.imgSize);
  const labelled = s.jem || mode === "clf-only" || mode === "vat";
  const labels = s.labelsPerClass > 0 ? "few" : labelled ? "all" : "none";
  const isTableClassifier = tableOf(s) !== null && labels !== "none" && (mode === "base-only" || mode === "clf-only");
  return {
    mode,
    labels,
    density: s.nice ? "nice" : s.mogComps === null ? "network" : "mog",
    architecture: isTableClassifier ? "table-ensemble" : chooseArchitecture(s, source, shape),
    shape,
  };
}

const withSide = ([channels]: readonly number[], side: number): readonly number[] => [channels!, side, side];

function chooseMode(s: Settings): Mode {
  if (s.clfOnly) return "clf-only";
  if (s.vat) return "vat";
  if (s.jemBaseline) return "jem-baseline";
  if (s.energyDiscrepancy) return "energy-discrepancy";
  if (s.baseOnly) return "base-only";
  if (s.maximumLikelihood) return "maximum-likelihood";
  if (s.ssm) return "ssm";
  if (s.labelsPerClass > 0) return "semi-supervised";
  return s.jem ? "jem" : "vera";
}

function chooseArchitecture(s: Settings, { kind, name }: SourceFacts, shape: readonly number[] | null): Architecture {
  const side = kind === "image" ? shape![1]! : null;
  if ((s.resnet || s.smallResnet || s.wideResnet || s.thiccResnet) && side !== 32) {
    const found = side === null ? KINDS[kind] : `of ${side}×${side}: add --img-size 32`;
    throw new ConfigError(`residual networks are for images of 32×32, and ${name} is ${found}`);
  }
  if (kind === "toy") return "toy";
  if (kind === "table") return tableOf(s) === null ? "mlp" : "small-mlp"; // a user's own table: most have few rows
  if (s.resnet) return "resnet";
  if (s.smallResnet) return "small-resnet";
  if (s.wideResnet) return "wide-resnet-28-2";
  if (s.thiccResnet) return "wide-resnet-28-10";
  if (side === 8) return s.labelsPerClass > 0 ? "small-mlp" : "image-mlp"; // few labels gain nothing by better samples
  if (side === 28) return "mlp";
  if (s.norm === "batch") return "dcgan-bn";
  return side === 64 ? "dcgan64" : "dcgan32";
}

/** For messages. */
export const KINDS: Readonly<Record<SourceFacts["kind"], string>> = {
  toy: "a density in the plane",
  image: "images",
  table: "a table",
};
