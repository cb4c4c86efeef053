/** How near a run's samples are to its data, in a feature space: precision, recall, Fréchet distance. */
import type { Dataset, Split } from "../../data/index.js";
import { frechetDistance } from "../../metrics/frechet.js";
import { type PrecisionRecall, precisionRecall } from "../../metrics/precision-recall.js";
import type { TrainedRun } from "../../runs/index.js";
import { type NdArray, type Rng, streams, takeRows } from "../../runtime/index.js";
import { runData, someRows } from "../../score/inputs.js";
import { classifierOf, hasDigits, type ModeCountOptions } from "../modes/mode-count.js";
import { drawSamples } from "../samples/refine.js";
import { refuseSamples } from "../sizes.js";
import { digitFeatures, type FeatureNetwork, inputFeatures, onnxFeatures } from "./features.js";

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
  const own = streams(seed);
  const { train, test } = dataset.splits;
  // The Fréchet distance depends on the number of rows: all three sets have as many.
  const most = Math.min(count, options.samples?.shape[0] ?? count);
  const rows = dataset.sample === null ? Math.min(most, train.size, test.size) : most;
  const draw = (split: Split, rng: Rng) => dataset.sample?.(rows, rng) ?? someRows(split, rows, rng);
  const known = draw(train, own.for("training rows whose quality is measured"));
  const held = draw(test, own.for("test rows that quality is measured by"));
  const rng = own.for("samples whose quality is measured");
  const x = options.samples
    ? takeRows(options.samples, rng.choose(options.samples.shape[0]!, rows))
    : await drawSamples(run, rows, rng);
  const network = await featuresOf(run, dataset, options);
  try {
    const [a, b, c] = [await network.features(known), await network.features(held), await network.features(x)];
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
  if (!hasDigits(run)) {
    throw new TypeError(`${dataset.name} has no feature network of its own: give one with --features model.onnx`);
  }
  const { samples: _, ...rest } = options;
  return digitFeatures(await classifierOf(run, rest));
}
