/** Which of the data's modes a run's samples have: StackedMNIST's 1,000 triples of digits, or the ten digits. */

import { stat } from "node:fs/promises";
import { type Dataset, loadDataset, stackedLabel } from "../../data/index.js";
import { keep } from "../../files/index.js";
import { keptAt, type TrainedRun } from "../../runs/index.js";
import { chunksOf, type NdArray, streams } from "../../runtime/index.js";
import { runData } from "../../score/inputs.js";
import { drawSamples } from "../samples/refine.js";
import { refuseSamples } from "../sizes.js";
import { type ClassifierTraining, DigitClassifier, trainDigitClassifier } from "./digit-classifier.js";
import { histogram, type ModeReport, reportModes } from "./modes.js";

export interface ModeCountOptions extends ClassifierTraining {
  /** Samples that are counted. Default 10,000. */
  readonly samples?: number;
  /** File of a digit classifier, for images of this run's size and scaling. Default: one beside the run, trained where it is missing. */
  readonly classifier?: string;
  /** Folder of the data sets, if not where the run found them. */
  readonly dataRoot?: string;
  /** Is told where the trained classifier could not be kept. */
  readonly onNote?: (text: string) => void;
}

export interface ModeCountResult extends ModeReport {
  readonly dataset: string;
  /** On the test split's digits: labels of samples are no more reliable than this, digit by digit. */
  readonly classifierAccuracy: number;
}

const CLASSIFIER = "digit-classifier.safetensors";
/** Samples in memory at once. */
const CHUNK = 1000;

/** Whether a run's data are digits, single or stacked. */
export const hasDigits = ({ config }: TrainedRun): boolean =>
  config.dataset !== null && /^(digits|(stacked)?mnist(-test10k)?)$/.test(config.dataName);

/** The set of single digits behind a run's data. @throws TypeError where they are no digits. */
async function digitsOf(run: TrainedRun, dataRoot = run.config.dataRoot): Promise<Dataset> {
  const { config } = run;
  if (!hasDigits(run)) {
    throw new TypeError(`${config.dataName} has no digits: modes are counted on digits, mnist and stackedmnist`);
  }
  const name = config.dataName.replace(/^stacked/, "");
  return loadDataset(name, {
    scaling: config.scaling,
    ...(config.imgSize !== null && { imageSize: config.imgSize }),
    ...(dataRoot !== null && { root: dataRoot }),
  });
}

/**
 * The digit classifier of a run: from a file, or trained once and kept in the run's folder, if that can be written.
 * @throws TypeError where it is for images of another size, SafetensorsError where the file is none.
 */
export async function classifierOf(run: TrainedRun, options: ModeCountOptions = {}): Promise<DigitClassifier> {
  const path = options.classifier ?? keptAt(run, CLASSIFIER);
  const there = await stat(path).catch(() => null);
  if (there !== null || options.classifier !== undefined) {
    const loaded = await DigitClassifier.load(path);
    const size = run.info.data.shape[1];
    if (loaded.imageSize !== size) {
      throw new TypeError(`${path} is for images of ${loaded.imageSize} pixels along a side, the run's have ${size}`);
    }
    return loaded;
  }
  const trained = await trainDigitClassifier(await digitsOf(run, options.dataRoot), options);
  await keep(
    () => trained.save(path),
    (why) => options.onNote?.(`digit classifier ${why}`),
  );
  return trained;
}

/** Labels of images from the digits of their channels, in the order of {@link stackedLabel}. */
export function imageLabels(digits: Int32Array, channels: number): Int32Array {
  if (channels === 1) return digits;
  return Int32Array.from({ length: digits.length / 3 }, (_, i) =>
    stackedLabel(digits[3 * i]!, digits[3 * i + 1]!, digits[3 * i + 2]!),
  );
}

/**
 * Counts modes among a run's samples, labelled by the digit classifier; the data's distribution is that of the training split's labels.
 * @throws TypeError where the run's data are no digits.
 */
export async function evaluateModes(run: TrainedRun, options: ModeCountOptions = {}): Promise<ModeCountResult> {
  const { samples = 10_000, seed = 0 } = options;
  refuseSamples("--samples", samples, run);
  const digits = await digitsOf(run, options.dataRoot);
  const dataset = await runData(run, options);
  const modes = dataset.classes!.length;
  const classifier = await classifierOf(run, options);
  try {
    const own = streams(seed);
    const x = await drawSamples(run, samples, own.for("samples whose modes are counted"));
    const labels = await labelImages(classifier, x);
    const counts = [histogram(labels, modes), histogram(dataset.splits.train.y!, modes)] as const;
    const report = reportModes(...counts, own.for("ideal samples whose modes are counted"));
    return { dataset: dataset.name, classifierAccuracy: await classifier.accuracy(digits), ...report };
  } finally {
    await classifier.release();
  }
}

/** The mode of each image `[N, C, S, S]`. */
export async function labelImages(classifier: DigitClassifier, images: NdArray): Promise<Int32Array> {
  const channels = images.shape[1]!;
  const out = new Int32Array(images.shape[0]!);
  let at = 0;
  for (const chunk of chunksOf(images, CHUNK)) {
    const labels = imageLabels(await classifier.classify(chunk), channels);
    out.set(labels, at);
    at += labels.length;
  }
  return out;
}
