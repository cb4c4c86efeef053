/** CIFAR-10 and CIFAR-100, in the binary and the Python version, unpacked or as the published archives. */
import type { Container, Layout } from "../container.js";
import type { Dataset } from "../dataset.js";
import { show } from "../error.js";
import { parseCifarBinary } from "../formats/cifar-binary.js";
import { parseCifarMeta, parseCifarPython } from "../formats/cifar-python.js";
import { concatImages, type LabelledImages } from "../formats/labels.js";
import { type ImageOptions, imageDataset } from "../images.js";

interface Version {
  readonly train: readonly string[];
  readonly test: string;
  /** File with the names of the classes. */
  readonly names: string;
  readonly binary: boolean;
  /** Name of the published archive, without its ending, and of the folder in it. */
  readonly archive: string;
  readonly folder: string;
}

const batches = (end: string) => [1, 2, 3, 4, 5].map((i) => `data_batch_${i}${end}`);
const VERSIONS: Readonly<Record<10 | 100, readonly [Version, Version]>> = {
  10: [
    {
      train: batches(".bin"),
      test: "test_batch.bin",
      names: "batches.meta.txt",
      binary: true,
      archive: "cifar-10-binary",
      folder: "cifar-10-batches-bin",
    },
    {
      train: batches(""),
      test: "test_batch",
      names: "batches.meta",
      binary: false,
      archive: "cifar-10-python",
      folder: "cifar-10-batches-py",
    },
  ],
  100: [
    {
      train: ["train.bin"],
      test: "test.bin",
      names: "fine_label_names.txt",
      binary: true,
      archive: "cifar-100-binary",
      folder: "cifar-100-binary",
    },
    {
      train: ["train"],
      test: "test",
      names: "meta",
      binary: false,
      archive: "cifar-100-python",
      folder: "cifar-100-python",
    },
  ],
};
const SIZE = { train: 50_000, test: 10_000 };

/** Where an archive, or what is unpacked from it, is put: in the data root, or in a folder named after the set or the archive. */
const places = (count: 10 | 100, archive: string): string[] =>
  [`cifar${count}`, `cifar-${count}`, `CIFAR${count}`, `CIFAR-${count}`, archive].map((folder) => `${folder}/`);

/** One training batch and the test batch are enough to load something. */
function layouts(count: 10 | 100, form: "folder" | "tar"): Layout[] {
  return VERSIONS[count].map(({ train, test, names, archive, folder }) => {
    const around = places(count, archive);
    const at =
      form === "tar"
        ? ["", ...around].flatMap((place) => [".tar.gz", ".tgz", ".tar"].map((end) => place + archive + end))
        : [...["", ...around].map((place) => place + folder), ...around, "."];
    return { form, at, files: [...train, test, names], enough: (has) => has(test) && train.some(has) };
  });
}

export const CIFAR10_LAYOUTS: readonly Layout[] = [...layouts(10, "folder"), ...layouts(10, "tar")];
export const CIFAR100_LAYOUTS: readonly Layout[] = [...layouts(100, "folder"), ...layouts(100, "tar")];

/**
 * Loads CIFAR from whichever version is there. Where only some batches are, those are loaded and a note says how many images.
 * @throws DataError where a batch is damaged or a label out of range.
 */
export async function loadCifar(files: Container, count: 10 | 100, options: ImageOptions): Promise<Dataset> {
  const version = VERSIONS[count].find(({ test }) => files.has(test)) ?? VERSIONS[count][0];
  const parse = version.binary ? parseCifarBinary : parseCifarPython;
  const read = async (name: string): Promise<LabelledImages> =>
    parse(await files.bytes(name), files.label(name), count);
  const present = version.train.filter((name) => files.has(name));
  const parts: LabelledImages[] = [];
  for (const name of present.length > 0 ? present : version.train) parts.push(await read(name));
  const train = concatImages(parts);
  const test = await read(version.test);
  const notes: string[] = [];
  if (train.labels.length !== SIZE.train || test.labels.length !== SIZE.test)
    notes.push(
      `not the whole of CIFAR-${count}: ${show(train.labels.length)} of ${show(SIZE.train)} training images and ` +
        `${show(test.labels.length)} of ${show(SIZE.test)} test images are in ${files.where}`,
    );
  const classes = await classNames(files, version, count);
  return imageDataset({ name: `cifar${count}`, shape: [3, 32, 32], max: 255, classes, train, test, notes }, options);
}

async function classNames(files: Container, { names, binary }: Version, count: 10 | 100): Promise<string[]> {
  if (!files.has(names)) return Array.from({ length: count }, (_, i) => String(i));
  const bytes = await files.bytes(names);
  if (!binary) return parseCifarMeta(bytes, files.label(names), count);
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/).filter(Boolean);
  return lines.length === count ? lines : Array.from({ length: count }, (_, i) => String(i));
}
