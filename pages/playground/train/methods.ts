/** The four ways to train f, each a step of the library. */
import { ebm, type NdArray, nn, type Rng, samplers, streams } from "../../../src/web.js";
import { RADIUS } from "../settings/points.js";
import type { Method, Settings } from "../settings/settings.js";
import { EVENT, NOISE_DIM, planeGenerator } from "./networks.js";

/** Persistent chains that remember where they last started. */
export class WatchedChains extends samplers.ReplayBuffer {
  started: NdArray | null = null;

  override sample(batch: number, rng: Rng): samplers.ReplaySample {
    const sample = super.sample(batch, rng);
    this.started = sample.positions;
    return sample;
  }
}

export interface TrainedMethod {
  readonly step: ebm.TrainingStep;
  readonly generator: ebm.Generator | null;
  readonly chains: WatchedChains | null;
}

const CHAINS = 2000;
/** σ of the generator: below, its samples are curves. */
const SIGMA = [0.1, 0.3] as const;

const adam = () => nn.adam({ beta1: 0, beta2: 0.99 });

/** Langevin steps with noise s have a = s² / 2, so that e^f is what they sample. */
export const langevin = ({ noise }: Settings["numbers"]): samplers.SgldOptions => ({
  std: noise,
  stepSize: noise ** 2 / 2,
});

export function methodOf(method: Method, model: ebm.EnergyModel, { numbers: n }: Settings): TrainedMethod {
  const optimizer = adam();
  const alone = (step: ebm.TrainingStep): TrainedMethod => ({ step, generator: null, chains: null });
  switch (method) {
    case "vera": {
      const generator = planeGenerator();
      const step = ebm.veraStep({
        model,
        generator,
        estimator: ebm.variationalEstimator({ noiseDim: NOISE_DIM, samples: n.posterior }),
        optimizers: { energy: optimizer, generator: adam() },
        entropyWeight: n.entropy,
        sigma: SIGMA,
        densityDraws: n.draws,
      });
      return { step, generator, chains: null };
    }
    case "sgld": {
      const own = streams(n.seed).for("chains of the playground");
      const options = { event: EVENT, capacity: CHAINS, restartProbability: n.restart, low: -RADIUS, high: RADIUS };
      const step = ebm.sgldStep({
        model,
        optimizer,
        weights: ebm.DENSITY_ONLY,
        sgld: langevin(n),
        steps: n.chain,
        event: EVENT,
      });
      return { step, generator: null, chains: new WatchedChains(options, own) };
    }
    case "ssm":
      return alone(ebm.scoreMatchingStep({ model, optimizer, event: EVENT }));
    case "ed":
      return alone(
        ebm.discrepancyStep({
          model,
          optimizer,
          weights: ebm.DENSITY_ONLY,
          event: EVENT,
          scale: n.scale,
          negatives: n.negatives,
        }),
      );
  }
}
