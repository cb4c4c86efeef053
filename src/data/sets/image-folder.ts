/** Any folder of pictures as a data set, and CelebA as one. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Dataset } from "../dataset.js";
import { DataError, show } from "../error.js";
import { limitPictures, listPictures, type Picture, readPictures } from "../formats/image-folder.js";
import { carveValidation, type ImageOptions, type SplitRows, splitImages } from "../images.js";
import { partition } from "../partition.js";

export interface ImageFolderOptions extends ImageOptions {
  /** Default: the folder's name. */
  readonly name?: string;
  /** Colour or grey. Default 3. */
  readonly channels?: 1 | 3;
  /** Load at most this many pictures, drawn at random with a fixed seed; of a folder with a test part, of each part. */
  readonly limit?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

const DEFAULT_SIZE = 32;
/** Of a folder without a test part. */
const TEST = 0.1;

/**
 * Loads a folder with one sub-folder of pictures per class, or pictures without classes. Each picture's largest centred square
 * is resized to `imageSize` (default 32). Folders `train` and `test` in it are taken for what they say; otherwise a tenth is the test
 * split. The validation split is carved from the training part.
 * @throws DataError naming the folder or picture at fault.
 */
export async function loadImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<Dataset> {
  const { name = basename(folder), channels = 3, imageSize = DEFAULT_SIZE, limit, onProgress } = options;
  const cut = (pictures: readonly Picture[]) => (limit === undefined ? pictures : limitPictures(pictures, limit));
  const parted = existsSync(join(folder, "train")) && existsSync(join(folder, "test"));
  const train = listPictures(parted ? join(folder, "train") : folder);
  const test = parted ? listPictures(join(folder, "test"), train.classes ?? undefined) : null;
  if (test !== null && (test.classes === null) !== (train.classes === null))
    throw new DataError(folder, "one of train and test has sub-folders of classes, the other has none");
  const known = cut(train.pictures);
  const pictures = [...known, ...cut(test?.pictures ?? [])];
  const labels = train.classes && Int32Array.from(pictures, ({ label }) => label);
  const total = train.pictures.length + (test?.pictures.length ?? 0);
  const rows = parted
    ? carveValidation(labels, known.length, pictures.length, options)
    : split(labels, pictures, options);
  const pixels = await readPictures(pictures, imageSize, channels, onProgress);
  const shape = [channels, imageSize, imageSize] as const;
  const notes = pictures.length < total ? [`${show(pictures.length)} of ${show(total)} pictures of ${folder}`] : [];
  return splitImages(
    { name, shape, max: 255, classes: train.classes, pixels, labels, rows, source: null, notes },
    { ...options, imageSize },
  );
}

function split(labels: Int32Array | null, pictures: readonly Picture[], options: ImageOptions): SplitRows {
  const n = pictures.length;
  const test = Math.round(TEST * n);
  const held = Math.round((options.validation ?? 0.1) * n);
  const [train, validation, tested] = partition(n, labels, [n - test - held, held, test], options.splitSeed);
  return { train: train!, validation: validation!, test: tested! };
}

/** Pictures of CelebA loaded unless told otherwise: enough for an AUROC, and 200,000 would fill 600 MB at 32 pixels. */
const CELEBA_LIMIT = 10_000;

/** CelebA's aligned faces, without labels: the set serves as out-of-distribution data, so all of it is the test split. */
export async function loadCelebA(folder: string, options: ImageFolderOptions = {}): Promise<Dataset> {
  const all = listPictures(folder).pictures;
  const pictures = limitPictures(all, options.limit ?? CELEBA_LIMIT);
  const size = options.imageSize ?? DEFAULT_SIZE;
  const pixels = await readPictures(pictures, size, 3, options.onProgress);
  const none = new Int32Array(0);
  const rows = { train: none, validation: none, test: Int32Array.from(pictures, (_, i) => i) };
  const notes = pictures.length < all.length ? [`${show(pictures.length)} of ${show(all.length)} pictures`] : [];
  return splitImages(
    {
      name: "celeba",
      shape: [3, size, size],
      max: 255,
      classes: null,
      pixels,
      labels: null,
      rows,
      source: null,
      notes,
    },
    { ...options, imageSize: size },
  );
}
