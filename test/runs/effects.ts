/** Which options change what a run trains: the same two iterations with and without each. */
import { leaves } from "../../src/graph/index.js";
import { type OptionName, resolveConfig, type TrainConfig, withoutEffect } from "../../src/runs/index.js";
import { fitAll } from "../../src/runs/setup/fits.js";
import { setup } from "../../src/runs/setup/setup.js";
import { loadData } from "../../src/runs/setup/source.js";
import { defaultEngine, setDefaultEngine } from "../../src/runtime/engine.js";
import { isArray, type NdArray } from "../../src/runtime/index.js";
import { remembering } from "./remembering.js";

export type Flags = Readonly<Record<string, unknown>>;

/** What all runs share. Some of it is there so that a changed value tells: bounds of σ below where it starts, a decay at once. */
const COMMON: Flags = {
  nIters: 2,
  batchSize: 6,
  noiseDim: 2,
  minSigma: 0.005,
  decayEpochs: [0.001],
  posteriorSamples: 2,
  nSteps: 2,
  dcganWidth: 2,
  confidence: 0.05,
  threads: 1,
};

/** Another value of every option that may change weights, by which it does in two iterations. */
export const CHANGES = {
  norm: "batch",
  classNetwork: "small-resnet",
  typicality: true,
  hDim: 7,
  hLayers: 3,
  noiseDim: 3,
  gFeats: 4,
  dcganWidth: 3,
  minSigma: 0.05,
  maxSigma: 0.008,
  batchSize: 8,
  nIters: 3,
  lr: 2e-3,
  classLr: 5e-3,
  glr: 2e-3,
  beta1: 0.5,
  beta2: 0.5,
  weightDecay: 0.1,
  warmupIters: 5,
  schedule: "cosine",
  decayEpochs: [5],
  decayRate: 0.5,
  eIters: 2,
  gIters: 2,
  densityDraws: 3,
  ema: 0.5,
  entWeight: 0.3,
  clfWeight: 3,
  densityClfWeight: 2,
  clfEntWeight: 0.7,
  consistency: 1,
  confidence: 0.9,
  pControl: 0.1,
  nControl: 0.1,
  pgControl: 0.1,
  pgShare: 0.5,
  outerWeight: 0.5,
  outerMargin: 3,
  edScale: 1,
  edNegatives: 3,
  vatWeight: 2,
  vatEps: 1,
  generatorType: "verahmc",
  posteriorSamples: 3,
  posteriorSteps: 1,
  posteriorBatchNorm: "sample",
  postLr: 0.5,
  nSteps: 3,
  sgldLr: 0.3,
  sgldStd: 0.1,
  sgldClip: 1e-9, // its default rate takes an input so little further
  bufferSize: 20,
  reinitFreq: 0.9,
} as const satisfies Partial<Record<OptionName, unknown>>;

export type Changed = keyof typeof CHANGES;

export const changedOptions = Object.keys(CHANGES) as Changed[];

/** The networks, as they would be evaluated, after training. */
async function networks(config: TrainConfig): Promise<ReadonlyMap<string, NdArray>> {
  const dataset = await loadData(config);
  const { trainer, iterations } = setup(config, dataset, await fitAll(config, dataset, {}, 2));
  if (iterations > 0) await trainer.advance(iterations);
  const { energy, generator } = trainer.averagedState as unknown as Record<string, { params: object; state: object }>;
  const trees = {
    energy: [energy!.params, energy!.state],
    generator: generator && [generator.params, generator.state],
  };
  return new Map(leaves(trees.generator ? trees : { energy: trees.energy }, isArray));
}

const equal = (a: ReadonlyMap<string, NdArray>, b: ReadonlyMap<string, NdArray>): boolean =>
  a.size === b.size &&
  [...a].every(([name, { shape, data }]) => {
    const other = b.get(name);
    return (
      other !== undefined && other.shape.join() === shape.join() && data.every((v, i) => Object.is(v, other.data[i]))
    );
  });

/** Of these options, those that leave the networks as they are, and those that the user is told leave them so. */
export async function effects(
  flags: Flags,
  options: readonly Changed[] = changedOptions,
): Promise<{ readonly unchanged: readonly string[]; readonly noted: readonly string[] }> {
  const engine = defaultEngine();
  setDefaultEngine(remembering(engine));
  try {
    return await compared(flags, options);
  } finally {
    setDefaultEngine(engine);
  }
}

const changed = (flags: Flags, name: Changed): TrainConfig =>
  resolveConfig({ flags: { ...COMMON, ...flags, [name]: CHANGES[name] } });

/** Whether the user of such a run is told that this option leaves it as it is. */
export const isNoted = (flags: Flags, name: Changed): boolean => withoutEffect(changed(flags, name), [name]).length > 0;

async function compared(flags: Flags, options: readonly Changed[]): ReturnType<typeof effects> {
  const without = await networks(resolveConfig({ flags: { ...COMMON, ...flags } }));
  const [unchanged, noted]: [string[], string[]] = [[], []];
  for (const name of options) {
    if (isNoted(flags, name)) noted.push(name);
    if (equal(await networks(changed(flags, name)), without)) unchanged.push(name);
  }
  return { unchanged, noted };
}
