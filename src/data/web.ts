/** The part of the data code that runs in web pages: nothing here imports Node. */
export {
  type Augmentation,
  augment,
  CENTRED,
  CENTRED_STRONG,
  CROP,
  CROP_AND_FLIP,
  CROP_AND_FLIP_STRONG,
  CROP_STRONG,
  WRITTEN,
  WRITTEN_STRONG,
} from "./augment.js";
export {
  type Batch,
  type Batches,
  type BatchesOptions,
  type BatchesState,
  FreshBatches,
  inOrder,
  ShuffledBatches,
  trainingBatches,
} from "./batches.js";
export {
  allRows,
  type Dataset,
  type ImagePreprocessing,
  labelled,
  labels,
  type Preprocessing,
  type RowOptions,
  type Split,
  scalingOf,
} from "./dataset.js";
export { DataError } from "./error.js";
export { type Field, type NumberStyle, parseNumber } from "./fields.js";
export { fingerprint } from "./fingerprint.js";
export {
  type ImageDataset,
  type ImageOptions,
  imageDataset,
  type PixelParts,
  pixelDataset,
  type StoredImages,
  splitImages,
} from "./images.js";
export { labelledSubset, partition, SPLIT_SEED } from "./partition.js";
export { resizeImages } from "./resize.js";
export { FloatSplit, PixelArray, type PixelSource, PixelSplit } from "./rows.js";
export { brightness, pixelRange, SCALINGS, type Scaling, scalePixels, shownRange } from "./scaling.js";
export { DIGIT_PIXELS, digitsDataset } from "./sets/digits-set.js";
export { stackDigits, stackedDigits, stackedLabel } from "./sets/stackedmnist.js";
export { isToy, sampleToy, TOY_NAMES, type ToyName, toyDataset } from "./sets/toy.js";
export {
  categoriesOf,
  decodeRow,
  type EncodedRow,
  featureNames,
  featureRuns,
  rowEncoder,
  type TableColumn,
  type TablePreprocessing,
} from "./table.js";
export type { Warp } from "./warp.js";
