/** JEM of digits by VERA: networks smaller than those of the preset `quickstart`, so that they train in a page in a minute or so. */
import { data, ebm, nn, relu, train } from "../../../src/web.js";

const EVENT = [1, 8, 8] as const;
const NOISE_DIM = 16;
const CLASSES = 10;

export interface DigitsModel {
  readonly model: ebm.EnergyModel;
  readonly generator: ebm.Generator;
  readonly trainer: train.Trainer;
}

export function digitsModel(set: data.Dataset, seed: number): DigitsModel {
  const network = nn.largeMlpEbm({ dataDim: 64, outputs: CLASSES, weightNorm: false, hidden: [192, 192] });
  const model = ebm.networkEnergy(network, CLASSES);
  const sharp = { hidden: 128, layers: 3, activation: relu };
  const generator = ebm.generator(
    nn.largeMlpGenerator({ noiseDim: NOISE_DIM, dataDim: 64, ...sharp }),
    NOISE_DIM,
    EVENT,
  );
  const adam = nn.adam({ beta1: 0, beta2: 0.99 });
  const step = ebm.veraStep({
    model,
    generator,
    estimator: ebm.variationalEstimator({ noiseDim: NOISE_DIM, samples: 5 }),
    optimizers: { energy: adam, generator: adam },
    // Without them an empty picture is as usual as any digit (docs/playground.md).
    outer: ebm.outerNegatives({ event: EVENT, range: [-1, 1], margin: 5 }),
    weights: { clf: 4, pgControl: 0.1, outer: 1 },
    entropyWeight: 0.01,
    sigma: [0.04, 0.05],
  });
  const trainer = new train.Trainer({
    step,
    batches: new data.ShuffledBatches(set.splits.train, { batchSize: 64, seed }),
    supervised: true,
    rates: { energy: 2e-3, generator: 4e-4 },
    average: 0.99,
    seed,
    scan: 5,
  });
  return { model, generator, trainer };
}

export { CLASSES, NOISE_DIM };
