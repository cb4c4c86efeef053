/** How near a run's samples are to its data, in a feature space: precision, recall, Fréchet distance. */
import type { Dataset } from "../data/index.js";
import { type NdArray, Rng } from "../runtime/index.js";
import type { TrainedRun } from "../train/index.js";
import { digitFeatures, type FeatureNetwork, inputFeatures, onnxFeatures } from "./features.js";
import { frechetDistance } from "./frechet.js";
import { runData } from "./inputs.js";
import { someRows } from "./likelihood.js";
import { classifierOf, type ModeCountOptions } from "./mode-count.js";
import { sliceRows } from "./moments.js";
import { type PrecisionRecall, precisionRecall } from "./precision-recall.js";
import { drawSamples } from "./refine.js";
import { refuseSamples } from "./sizes.js";

export interface Quality extends PrecisionRecall {
  readonly frechet: number;
}

export interface QualityResult {
  /** Whose features. Numbers of different feature spaces cannot be compared. */
  readonly features: string;
  readonly dim: number;
  /** Rows on either side. */
  readonly count: number;
  /** Samples against test data. */
  readonly samples: Quality;
  /** Training data against test data: what perfect samples would score. */
  readonly ideal: Quality;
}

export interface QualityOptions extends Omit<ModeCountOptions, "samples"> {
  /** An ONNX network for features. Default: the digit classifier on digits, no network on points and tables. */
  readonly features?: string;
  /** Values that it takes for black and white. Default [-1, 1]. */
  readonly range?: readonly [number, number];
  /** Samples, and rows of data at most. Default 2000. */
  readonly count?: number;
  /** Samples to judge, if not fresh ones of the run. */
  readonly samples?: NdArray;
}

/** @throws TypeError where there is no feature space: images that are no digits need a network. */
export async function evaluateQuality(run: TrainedRun, options: QualityOptions = {}): Promise<QualityResult> {
  const { count = 2000, seed = 0 } = options;
  const dataset = await runData(run, options);
  if (dataset.sample !== null) refuseSamples("--quality-count", count, run);
  const rng = new Rng(seed);
  const draw = (split: "train" | "test") => dataset.sample?.(count, rng) ?? someRows(dataset.splits[split], count);
  const [train, test] = [draw("train"), draw("test")];
  // The Fréchet distance depends on the number of rows: all three sets have as many.
  const rows = Math.min(train.shape[0]!, test.shape[0]!, options.samples?.shape[0] ?? count);
  const x = options.samples ?? (await drawSamples(run, rows, rng));
  const network = await featuresOf(run, dataset, options);
  try {
    const of = (data: NdArray) => network.features(sliceRows(data, 0, rows));
    const [a, b, c] = [await of(train), await of(test), await of(x)];
    const compare = async (samples: NdArray): Promise<Quality> => ({
      ...(await precisionRecall(b, samples)),
      frechet: await frechetDistance(b, samples),
    });
    const result = { features: network.name, dim: b.shape[1]!, count: rows };
    return { ...result, samples: await compare(c), ideal: await compare(a) };
  } finally {
    await network.release();
  }
}

async function featuresOf(run: TrainedRun, dataset: Dataset, options: QualityOptions): Promise<FeatureNetwork> {
  const { features, range } = options;
  const { preprocessing } = dataset;
  if (features !== undefined) return onnxFeatures(features, { preprocessing, ...(range && { range }) });
  if (dataset.kind !== "image") return inputFeatures;
  if (!/digits|mnist/.test(dataset.name)) {
    throw new TypeError(`${dataset.name} has no feature network of its own: give one with --features model.onnx`);
  }
  const { samples: _, ...rest } = options;
  return digitFeatures(await classifierOf(run, rest));
}
