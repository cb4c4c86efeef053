/**
 * What a checkpoint of the original says of the run that wrote it: names and shapes tell the architecture, the optimisers their
 * rates. What it does not say (which of several data sets, how pixels were scaled, weights of the objective) is for the user.
 */

import { TOY_NAMES } from "../data/sets/toy.js";
import { sizeOf } from "../graph/index.js";
import { datasetFacts, datasetName, type SourceFacts } from "../runs/config/datasets.js";
import { ConfigError, flagOf, type OptionName, type Settings } from "../runs/index.js";
import { InterchangeError } from "./error.js";
import type { OriginalCheckpoint } from "./original.js";

/** The names and shapes of a checkpoint, and whether its networks were trained. */
export type Evidence = {
  readonly jem: boolean;
  readonly energy: Shapes;
  readonly generator: Shapes;
} & Pick<OriginalCheckpoint, "decay" | "iteration"> & {
    readonly adam: { readonly [network in "energy" | "generator"]: Pick<Adam, "options" | "step"> | null };
  };
type Adam = NonNullable<OriginalCheckpoint["adam"]["energy"]>;
export type Shapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

type Given = Partial<Settings>;

/** What the density model's names and shapes tell. */
interface Density {
  readonly settings: Given;
  /** Classes, or 1. */
  readonly outputs: number;
  /** Whether an example of this kind and shape fits. */
  readonly fits: (kind: SourceFacts["kind"], shape: readonly number[]) => boolean;
  /** Pixels along a side, where the architecture tells. */
  readonly side?: number;
}

/**
 * Settings for `resolveConfig`, below those the user gave.
 * @param options `toUse`: the model is not to be trained further. Of several sets CIFAR-10 is taken, as the original's eval.py does, and
 * of the modes without a generator any.
 * @throws ConfigError naming the flag that is missing.
 */
export function inferSettings(
  evidence: Evidence,
  given: Given,
  { toUse = false }: { readonly toUse?: boolean } = {},
): Given {
  const density = densityOf(evidence.energy, given);
  const settings = {
    ...density.settings,
    ...(evidence.jem && { jem: true }),
    ...generatorSettings(evidence.generator),
    ...rates(evidence),
    // The original's batch norm sees the posterior samples.
    posteriorBatchNorm: "sample",
    ...sourceOf(density, evidence.jem, given, toUse ? "cifar10" : null),
  } as Given;
  if (!isWithoutGenerator(evidence, given)) return settings;
  if (!toUse) throw askForMode(evidence);
  return { ...settings, ...(evidence.jem ? { clfOnly: true } : { jemBaseline: true }) };
}

function densityOf(energy: Shapes, given: Given): Density {
  const shape = (name: string): readonly number[] => energy.get(name)?.shape ?? [];
  const flat = (kind: SourceFacts["kind"] | null, dim: number) => ({
    fits: (of: SourceFacts["kind"], event: readonly number[]) => (kind ?? of) === of && sizeOf(event) === dim,
  });
  const image = (channels: number, side: number) => ({
    fits: (of: SourceFacts["kind"], event: readonly number[]) =>
      of === "image" && event.join() === [channels, side, side].join(),
    side,
  });

  if (shape("mu").length === 2) {
    const [components, dim] = shape("mu") as [number, number];
    return { settings: { mogComps: components }, outputs: 1, ...flat(null, dim) };
  }
  if (energy.has("nice1.dense1.weight")) {
    return { settings: { nice: true }, outputs: 1, ...flat(null, shape("scale.scales")[1]!) };
  }
  if (energy.has("block1.conv1.weight")) {
    const outputs = shape("output_linear.weight")[0]!;
    return { settings: { resnet: true }, outputs, ...image(shape("block1.conv1.weight")[1]!, 32) };
  }
  if (energy.has("layer1.0.conv1.weight")) {
    const outputs = shape("linear.weight")[0]!;
    return { settings: wideResNet(energy, given), outputs, ...image(shape("conv1.weight")[1]!, 32) };
  }
  if (shape("0.weight").length === 4) {
    const normed = energy.has("3.running_mean");
    const last = shape(normed ? "11.weight" : "8.weight");
    const settings: Given = normed ? { norm: "batch" } : {};
    return { settings, outputs: last[0]!, ...image(shape("0.weight")[1]!, 16 * (last[2] ?? 0)) };
  }
  if (shape("0.weight").length === 2 && energy.has("2.weight")) {
    const [hDim, dim] = shape("0.weight") as [number, number];
    sameWidth(hDim, shape("2.weight"));
    return { settings: { hDim }, outputs: shape("4.weight")[0]!, ...flat("toy", dim) };
  }
  if (energy.has("1.weight_v")) {
    return { settings: {}, outputs: shape("13.weight")[0]!, ...flat("image", shape("1.weight_v")[1]!), side: 28 };
  }
  if (shape("1.weight").length === 2) {
    return { settings: {}, outputs: shape("13.weight")[0]!, ...flat("table", shape("1.weight")[1]!) };
  }
  const names = [...energy.keys()].slice(0, 6).join(", ");
  throw new InterchangeError(
    `its model is none of the original's architectures: it has ${names || "no parameters"}, …`,
  );
}

function wideResNet(energy: Shapes, { norm }: Given): Given {
  const widen = energy.get("layer1.0.conv1.weight")!.shape[0]! / 16;
  if ((widen !== 2 && widen !== 10) || !energy.has("layer3.3.conv2.weight") || energy.has("layer3.4.conv2.weight"))
    throw new InterchangeError("its wide ResNet is neither 28-2 nor 28-10");
  const wide: Given = widen === 2 ? { wideResnet: true } : { thiccResnet: true };
  if (!energy.has("bn1.weight")) return wide;
  if (energy.has("bn1.running_mean")) return { ...wide, norm: "batch" };
  if (norm !== undefined) return wide;
  throw new ConfigError(
    "group, instance and layer norm have the same parameters: say which this model has, --norm group, instance or layer",
  );
}

function generatorSettings(generator: Shapes): Given {
  const shape = (name: string): readonly number[] | undefined => generator.get(name)?.shape;
  const generatorType = generator.has("post_logsigma") ? "vera" : "verahmc";
  const linear = shape("g.input_linear.weight");
  if (linear !== undefined) {
    const gFeats = linear[0]! / 16;
    sameWidth(gFeats, shape("g.block1.conv1.weight"));
    return { generatorType, noiseDim: linear[1]!, gFeats };
  }
  const first = shape("g.first.0.weight");
  if (first !== undefined) return { generatorType, noiseDim: first[0]! };
  const dense = shape("g.0.weight");
  if (dense?.length !== 2) throw new InterchangeError("its generator is none of the original's architectures");
  if (generator.has("g.9.weight")) return { generatorType, noiseDim: dense[1]! };
  const hDim = dense[0]!;
  sameWidth(hDim, shape("g.3.weight"));
  return { generatorType, noiseDim: dense[1]!, hDim };
}

/** A width is believed where a square layer of the file has it: networks of the size it claims will be made. */
function sameWidth(width: number, [outputs, inputs]: readonly number[] = []): void {
  if (outputs !== width || inputs !== width)
    throw new InterchangeError(
      `its hidden layers are of width ${width} and [${outputs}, ${inputs}]: no network of the original`,
    );
}

function rates({ adam: { energy, generator }, decay }: Evidence): Given {
  return {
    ...(energy && {
      lr: energy.options.initialLr,
      beta1: energy.options.beta1,
      beta2: energy.options.beta2,
      weightDecay: energy.options.weightDecay,
    }),
    ...(generator && { glr: generator.options.initialLr }),
    ...(decay && { decayRate: decay.gamma }),
  };
}

/** The sets that the original could be trained on, by the names they have here. */
const DATASETS: readonly string[] = [
  ...TOY_NAMES,
  ...["mnist", "stackedmnist", "cifar10", "cifar100", "svhn", "hepmass", "human", "crop"],
];

/** The data set, where only one fits, and the size that images were brought to. */
function sourceOf({ fits, side, outputs }: Density, jem: boolean, given: Given, preferred: string | null): Given {
  const resized = (native: readonly number[]): Given =>
    side !== undefined && side !== native[1] && (side === 32 || side === 64) ? { imgSize: side } : {};
  if (given.imageFolder != null) return resized([3, 32, 32]);
  if (given.csv != null || given.table != null) return {};
  if (given.dataset != null) return resized(datasetFacts(datasetName(given.dataset)).shape!);
  const candidates = DATASETS.map(datasetFacts).filter(({ kind, shape, classes }) => {
    const event = kind === "image" && resized(shape!).imgSize ? [shape![0]!, side!, side!] : shape!;
    return fits(kind, event) && (!jem || classes === outputs);
  });
  const [only, other] = candidates.some(({ name }) => name === preferred)
    ? candidates.filter(({ name }) => name === preferred)
    : candidates;
  if (only !== undefined && other === undefined) return { dataset: only.name, ...resized(only.shape!) };
  throw new ConfigError(
    only === undefined
      ? "no data set of the original fits its shapes: name the data with --dataset, --csv or --image-folder"
      : `the checkpoint does not say which data it learned: give --dataset ${candidates.map(({ name }) => name).join(", or ")}`,
  );
}

const WITHOUT_GENERATOR: readonly OptionName[] = ["clfOnly", "vat", "jemBaseline", "maximumLikelihood", "ssm"];

/** A generator that was never trained belongs to one of the modes that have none: whether nobody has said which. */
function isWithoutGenerator({ adam: { energy, generator } }: Evidence, given: Given): boolean {
  const untrained = generator !== null && generator.step === 0 && (energy?.step ?? 0) > 0;
  return untrained && !WITHOUT_GENERATOR.some((name) => given[name] === true);
}

function askForMode({ jem }: Evidence): ConfigError {
  const fitting = WITHOUT_GENERATOR.filter((name) => jem || (name !== "clfOnly" && name !== "vat"));
  return new ConfigError(
    `its generator was never trained, so the run was none of VERA: say which, ${fitting.map(flagOf).join(", or ")}`,
  );
}
