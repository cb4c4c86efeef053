/** The networks that a configuration asks for. */
import {
  basedModel,
  type EnergyModel,
  type FittedBase,
  type FittedClassifier,
  fittedClassifier,
  type Generator,
  generator,
  mixtureOfGaussians,
  networkEnergy,
  nice,
  type TractableModel,
  TURNS,
  twoNetworks,
} from "../../ebm/index.js";
import { relu, ShapeError, sizeOf } from "../../graph/index.js";
import * as nn from "../../nn/index.js";
import { hasClassNetwork, hasLabelledDensity, hasTypicality, type TrainConfig } from "../config/index.js";

/** Shape of one example, and the number of classes that the model tells apart (null: none). */
export interface Task {
  readonly event: readonly number[];
  readonly classes: number | null;
  /** The base measure as fitted, where the configuration asks for one. */
  readonly base?: FittedBase | null;
  /** The classifier as fitted, where it is one of tables. */
  readonly classifier?: FittedClassifier | null;
  /** Runs of features that are one category each: first feature and number of levels. */
  readonly categories?: readonly (readonly [start: number, levels: number])[];
  /** Labelled rows of each class: what probabilities return to far from the data. */
  readonly shares?: readonly number[];
}

type Pair = {
  readonly energy: (outputs: number) => nn.Module;
  readonly generator: (noiseDim: number) => nn.Module;
};

/** Both networks of an architecture. @throws ShapeError where it does not fit the data. */
function networks(config: TrainConfig, { event }: Task): Pair {
  const dataDim = sizeOf(event);
  const output = config.outputActivation;
  const image = () => {
    const [channels, height, width] = event;
    if (event.length !== 3 || height !== width) {
      throw new ShapeError(config.architecture, `needs square images [C, H, W], the data is [${event}]`);
    }
    return { channels: channels!, size: height! };
  };
  const smallMlpEbm = (outputs: number) => nn.largeMlpEbm({ dataDim, outputs, weightNorm: false, hidden: [256, 256] });
  switch (config.architecture) {
    case "toy":
      return {
        energy: (outputs) => nn.toyEbm({ dataDim, hidden: config.hDim, layers: config.hLayers, outputs }),
        generator: (noiseDim) => nn.toyGenerator({ noiseDim, dataDim, hidden: config.hDim }),
      };
    case "small-mlp": // of tables; of 8×8 images with few labels, and in runs of earlier versions
      return {
        energy: smallMlpEbm,
        generator: (noiseDim) => nn.largeMlpGenerator({ noiseDim, dataDim, output, hidden: 256 }),
      };
    case "image-mlp": {
      const sharp = { hidden: 256, layers: 4, activation: relu };
      return {
        energy: smallMlpEbm,
        generator: (noiseDim) => nn.largeMlpGenerator({ noiseDim, dataDim, output, ...sharp }),
      };
    }
    case "table-ensemble":
      throw new TypeError("the classifier of a table is fitted: it is no network to be trained");
    case "mlp":
      return {
        energy: (outputs) => nn.largeMlpEbm({ dataDim, outputs, weightNorm: config.dataKind === "image" }),
        generator: (noiseDim) => nn.largeMlpGenerator({ noiseDim, dataDim, output }),
      };
    case "dcgan32":
    case "dcgan64":
    case "dcgan-bn": {
      const { channels, size } = image();
      const imageSize = size === 64 ? 64 : 32;
      const shape = { channels, imageSize, width: config.dcganWidth } as const;
      return {
        energy: (outputs) =>
          nn.dcganDiscriminator({ ...shape, outputs, batchNorm: config.architecture === "dcgan-bn" }),
        generator: (noiseDim) => nn.dcganGenerator({ ...shape, noiseDim, output }),
      };
    }
    case "resnet":
      return {
        energy: (outputs) => nn.resNetDiscriminator({ channels: image().channels, outputs }),
        generator: (noiseDim) =>
          nn.resNetGenerator({ noiseDim, channels: image().channels, features: config.gFeats, output }),
      };
    case "small-resnet": {
      const { channels } = image();
      const width = config.dcganWidth;
      return {
        energy: (outputs) => nn.smallResNet({ channels, outputs, width, norm: config.norm }),
        generator: (noiseDim) => nn.dcganGenerator({ channels, noiseDim, output, width }),
      };
    }
    case "wide-resnet-28-2":
    case "wide-resnet-28-10":
      return {
        energy: (outputs) =>
          nn.wideResNet({
            depth: 28,
            widenFactor: config.architecture === "wide-resnet-28-2" ? 2 : 10,
            channels: image().channels,
            outputs,
            norm: config.norm,
            dropoutRate: config.dropout,
          }),
        generator: (noiseDim) =>
          nn.resNetGenerator({ noiseDim, channels: image().channels, features: config.gFeats, output }),
      };
  }
}

const classNetwork = ({ dcganWidth: width }: TrainConfig, { event, classes }: Task): nn.Module =>
  nn.smallResNet({ channels: event[0]!, outputs: classes ?? TURNS, width, norm: "batch" });

/** The model with a known likelihood, where the configuration asks for one. */
export function tractableModel(config: TrainConfig, { event }: Task): TractableModel | null {
  if (config.density === "nice") return nice(event);
  return config.density === "mog" ? mixtureOfGaussians(event, config.mogComps!) : null;
}

export function energyModel(config: TrainConfig, task: Task): EnergyModel {
  const { classes, base = null, classifier = null, shares } = task;
  const alone = config.mode === "base-only";
  const network = () =>
    classifier !== null
      ? fittedClassifier(classifier, classes!)
      : hasClassNetwork(config)
        ? twoNetworks(
            networks(config, task).energy(hasLabelledDensity(config) ? classes! : 1),
            classNetwork(config, task),
            classes,
            {
              densityLogits: hasLabelledDensity(config),
              ...(hasTypicality(config) && {
                typicality: {
                  channels: nn.smallResNetStages(config.dcganWidth),
                  shares: classes === null ? null : (shares ?? Array(classes).fill(1)),
                },
              }),
            },
          )
        : networkEnergy(networks(config, task).energy(classes ?? 1), classes);
  if (base === null) return tractableModel(config, task) ?? network();
  return basedModel({
    base,
    network: alone && classes === null ? null : network(),
    residual: !alone,
    ...(shares && { shares }),
  });
}

export const generatorModel = (config: TrainConfig, task: Task): Generator =>
  generator(networks(config, task).generator(config.noiseDim), config.noiseDim, task.event);
