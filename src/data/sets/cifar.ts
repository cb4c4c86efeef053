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
}

const batches = (end: string) => [1, 2, 3, 4, 5].map((i) => `data_batch_${i}${end}`);
const VERSIONS: Readonly<Record<10 | 100, readonly [Version, Version]>> = {
  10: [
    { train: batches(".bin"), test: "test_batch.bin", names: "batches.meta.txt", binary: true },
    { train: batches(""), test: "test_batch", names: "batches.meta", binary: false },
  ],
  100: [
    { train: ["train.bin"], test: "test.bin", names: "fine_label_names.txt", binary: true },
    { train: ["train"], test: "test", names: "meta", binary: false },
  ],
};
const SIZE = { train: 50_000, test: 10_000 };

/** One training batch and the test batch are enough to load something. */
const layout = (form: Layout["form"], at: string, { train, test, names }: Version): Layout => ({
  form,
  at: form === "folder" ? [at, "."] : [at],
  files: [...train, test, names],
  enough: (has) => has(test) && train.some(has),
});

export const CIFAR10_LAYOUTS: readonly Layout[] = [
  layout("folder", "cifar-10-batches-bin", VERSIONS[10][0]),
  layout("folder", "cifar-10-batches-py", VERSIONS[10][1]),
  layout("tar", "cifar-10-binary.tar.gz", VERSIONS[10][0]),
  layout("tar", "cifar-10-python.tar.gz", VERSIONS[10][1]),
];
export const CIFAR100_LAYOUTS: readonly Layout[] = [
  layout("folder", "cifar-100-binary", VERSIONS[100][0]),
  layout("folder", "cifar-100-python", VERSIONS[100][1]),
  layout("tar", "cifar-100-binary.tar.gz", VERSIONS[100][0]),
  layout("tar", "cifar-100-python.tar.gz", VERSIONS[100][1]),
];

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
