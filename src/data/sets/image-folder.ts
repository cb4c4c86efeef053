/** Any folder of pictures as a data set, and CelebA as one. */
import { basename, join } from "node:path";
import type { Dataset } from "../dataset.js";
import { type BadFile, DataError, show } from "../error.js";
import { allPictures, limitPictures, listPictures, type Picture, type PictureFolder } from "../formats/image-folder.js";
import { entriesOf, isPicture } from "../formats/picture-files.js";
import { readPictures } from "../formats/pictures.js";
import { type ImageOptions, type SplitRows, splitImages } from "../images.js";
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
/** Part of the training pictures that is the test split of a folder without one. */
const TEST = 0.1;

const PARTS = {
  train: /^train(ing)?$/i,
  validation: /^(val|valid|validation|dev)$/i,
  test: /^test(ing)?$/i,
} as const;

/** Paths of the parts of a folder; null for a part that is not there. */
export interface ImageFolderParts {
  readonly train: string;
  readonly validation: string | null;
  readonly test: string | null;
  /** What is beside them. */
  readonly notes: readonly string[];
  /** Links among them that lead nowhere. */
  readonly bad: readonly BadFile[];
}

/**
 * The parts that a folder is divided in: sub-folders `train`, `val` or `validation`, and `test`, in any case. Null where it is not: one
 * without `train`, or where `train` is a class like others.
 * @throws DataError where two folders could be one part, or there is a test part and nothing to train on.
 */
export function partsOf(folder: string): ImageFolderParts | null {
  const { folders, files, bad } = entriesOf(folder);
  const named = (part: keyof typeof PARTS) => folders.filter((name) => PARTS[part].test(name));
  const found = { train: named("train"), validation: named("validation"), test: named("test") };
  const others = folders.filter((name) => !Object.values(PARTS).some((part) => part.test(name)));
  const [train] = found.train;
  const apart = found.validation.length > 0 || found.test.length > 0;
  if (train === undefined) {
    if (!apart || others.length > 0) return null;
    throw new DataError(
      folder,
      `it has ${folders.join(" and ")} and no train`,
      "put what to learn from in a folder train",
    );
  }
  if (!apart && others.length > 0 && entriesOf(join(folder, train)).folders.length === 0) return null;
  for (const names of Object.values(found))
    if (names.length > 1)
      throw new DataError(folder, `${names.join(" and ")} could be the same part`, "rename or merge them");
  const unused = [...others, ...some(files.filter(isPicture))];
  const path = (name: string | undefined) => (name === undefined ? null : join(folder, name));
  return {
    train: join(folder, train),
    validation: path(found.validation[0]),
    test: path(found.test[0]),
    notes: unused.length === 0 ? [] : [`${folder}: ${unused.join(", ")} beside ${train} not used`],
    bad,
  };
}

/** The first names of a list. */
const some = (names: readonly string[]): string[] =>
  names.length <= 3 ? [...names] : [...names.slice(0, 3), `${show(names.length - 3)} more pictures`];

/** Where a folder's test pictures are: in its test part, or in all of it where it is not divided. */
export function testPart(folder: string): string {
  const { folders } = entriesOf(folder);
  const divided = folders.every((name) => Object.values(PARTS).some((part) => part.test(name)));
  const [test, more] = folders.filter((name) => PARTS.test.test(name));
  return divided && test !== undefined && more === undefined ? join(folder, test) : folder;
}

/**
 * Loads a folder with one sub-folder of pictures per class, or pictures without classes. Each picture's largest centred square
 * is resized to `imageSize` (default 32). Folders `train`, `val` and `test` in it are taken for what they say ({@link partsOf});
 * a part that is not there is drawn from the training part: a tenth each, unless `validation` says otherwise.
 * @throws DataError naming the folder at fault, or all files that cannot be used.
 */
export async function loadImageFolder(folder: string, options: ImageFolderOptions = {}): Promise<Dataset> {
  const { name = basename(folder), channels = 3, imageSize = DEFAULT_SIZE, limit, onProgress } = options;
  const parts = partsOf(folder);
  const train = listPictures(parts?.train ?? folder);
  const { classes } = train;
  const held = (path: string | null | undefined): PictureFolder | null => {
    if (path === null || path === undefined) return null;
    const part = listPictures(path, classes ?? undefined);
    if ((part.classes === null) === (classes === null)) return part;
    throw new DataError(
      folder,
      `one of ${basename(train.folder)} and ${basename(path)} has folders of classes, the other has none`,
      `give both the same folders, or train on the first alone: --image-folder ${train.folder}`,
    );
  };
  const lists = { train, validation: held(parts?.validation), test: held(parts?.test) };
  const cut = (part: PictureFolder | null): readonly Picture[] =>
    part === null ? [] : limit === undefined ? part.pictures : limitPictures(part.pictures, limit);
  const chosen = { train: cut(train), validation: cut(lists.validation), test: cut(lists.test) };
  const pictures = [...chosen.train, ...chosen.validation, ...chosen.test];
  const all = [train, lists.validation, lists.test].filter((part) => part !== null);
  const labels = classes && Int32Array.from(pictures, ({ label }) => label);
  const rows = split(labels, chosen, options);
  const pixels = await readPictures(
    [{ folder, bad: parts?.bad ?? [] }, ...all],
    pictures,
    imageSize,
    channels,
    onProgress,
  );
  const shape = [channels, imageSize, imageSize] as const;
  const total = all.reduce((n, part) => n + part.pictures.length, 0);
  const notes = [
    ...(parts?.notes ?? []),
    ...all.flatMap((part) => part.notes),
    ...(pictures.length < total ? [`${show(pictures.length)} of ${show(total)} pictures of ${folder}`] : []),
  ];
  return splitImages(
    { name, shape, max: 255, classes, pixels, labels, rows, source: null, notes },
    { ...options, imageSize },
  );
}

/** Rows of the parts, one after the other; parts without pictures are drawn from the training part. */
function split(
  labels: Int32Array | null,
  parts: Readonly<Record<keyof SplitRows, readonly Picture[]>>,
  { validation = 0.1, splitSeed }: ImageOptions,
): SplitRows {
  const n = parts.train.length;
  const tested = parts.test.length > 0 ? 0 : Math.round(TEST * n);
  const held = parts.validation.length > 0 ? 0 : Math.round(validation * n);
  const [train, drawn, drawnTest] = partition(n, labels, [n - tested - held, held, tested], splitSeed);
  const part = (start: number, length: number) => Int32Array.from({ length }, (_, i) => start + i);
  return {
    train: train!,
    validation: parts.validation.length > 0 ? part(n, parts.validation.length) : drawn!,
    test: parts.test.length > 0 ? part(n + parts.validation.length, parts.test.length) : drawnTest!,
  };
}

/** Pictures of CelebA loaded unless told otherwise: enough for an AUROC, and 200,000 would fill 600 MB at 32 pixels. */
const CELEBA_LIMIT = 10_000;

/** CelebA's aligned faces, without labels: the set serves as out-of-distribution data, so all of it is the test split. */
export async function loadCelebA(folder: string, options: ImageFolderOptions = {}): Promise<Dataset> {
  const listed = allPictures(folder);
  const all = listed.pictures;
  const pictures = limitPictures(all, options.limit ?? CELEBA_LIMIT);
  const size = options.imageSize ?? DEFAULT_SIZE;
  const pixels = await readPictures([listed], pictures, size, 3, options.onProgress);
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
