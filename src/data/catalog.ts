/** The data sets: where their files are looked for, where they are published, how they are loaded. */
import { join } from "node:path";
import type { Container, Layout } from "./container.js";
import type { Dataset } from "./dataset.js";
import type { Checksum } from "./fetch.js";
import type { ImageOptions } from "./images.js";
import { CIFAR10_LAYOUTS, CIFAR100_LAYOUTS, loadCifar } from "./sets/cifar.js";
import { CROP_LAYOUTS, loadCrop } from "./sets/crop.js";
import { loadDigits } from "./sets/digits.js";
import { HEPMASS_LAYOUTS, loadHepmass } from "./sets/hepmass.js";
import { HUMAN_LAYOUTS, loadHuman } from "./sets/human.js";
import { type ImageFolderOptions, loadCelebA } from "./sets/image-folder.js";
import {
  FASHION_MNIST_LAYOUTS,
  loadFashionMnist,
  loadMnist,
  loadMnistTest10k,
  MNIST_LAYOUTS,
  MNIST_TEST10K_LAYOUTS,
} from "./sets/mnist.js";
import { stackDigits } from "./sets/stackedmnist.js";
import { loadSvhn, SVHN_LAYOUTS } from "./sets/svhn.js";
import { TOY_NAMES, toyDataset } from "./sets/toy.js";

export interface LoadOptions extends ImageOptions {
  /** Folder of the data. Default: `$VERA_DATA`, else `./data`. */
  readonly root?: string;
  /** CelebA: how many pictures. */
  readonly limit?: number;
  /** CelebA: called as pictures are decoded. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A published file. */
export interface Download {
  /** Mirrors, the first one first. */
  readonly urls: readonly string[];
  /** Path below the data root. */
  readonly path: string;
  /** Null where none is published. */
  readonly checksum: Checksum | null;
}

export interface DatasetEntry {
  readonly name: string;
  readonly kind: Dataset["kind"];
  readonly summary: string;
  /** Forms in which its files may be there; none for sets that need no files. */
  readonly layouts: readonly Layout[];
  readonly downloads: readonly Download[];
  /** What to do where it cannot be fetched, or is not there. */
  readonly wayOut: string;
  /** @param files null for sets that need none. */
  readonly load: (files: Container | null, options: LoadOptions) => Promise<Dataset>;
}

const md5 = (hex: string): Checksum => ({ algorithm: "md5", hex });
const sha256 = (hex: string): Checksum => ({ algorithm: "sha256", hex });

// The MD5 sums are those that torchvision publishes with its data sets.
const MNIST_DOWNLOADS: readonly Download[] = (
  [
    ["train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"],
    ["train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"],
    ["t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"],
    ["t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"],
  ] as const
).map(([file, sum]) => ({
  urls: [`https://ossci-datasets.s3.amazonaws.com/mnist/${file}`, `http://yann.lecun.com/exdb/mnist/${file}`],
  path: `mnist/${file}`,
  checksum: md5(sum),
}));

const ZALANDO = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion";
const FASHION_S3 = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com";

// Computed from files whose MD5 sums are those that the authors publish.
const FASHION_DOWNLOADS: readonly Download[] = (
  [
    ["train-images-idx3-ubyte.gz", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"],
    ["train-labels-idx1-ubyte.gz", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"],
    ["t10k-images-idx3-ubyte.gz", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"],
    ["t10k-labels-idx1-ubyte.gz", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"],
  ] as const
).map(([file, sum]) => ({
  urls: [`${ZALANDO}/${file}`, `${FASHION_S3}/${file}`],
  path: `fashion-mnist/${file}`,
  checksum: sha256(sum),
}));

const single = (url: string, path: string, checksum: Checksum | null): Download => ({ urls: [url], path, checksum });
const TORONTO = "https://www.cs.toronto.edu/~kriz";
const STANFORD = "http://ufldl.stanford.edu/housenumbers";
const UCI = "https://archive.ics.uci.edu";
const CROP_ZIP = "crop+mapping+using+fused+optical+radar+data+set.zip";
const HUMAN_ZIP = "human+activity+recognition+using+smartphones.zip";

const fetchIt = (name: string) => `fetch it with \`vera data fetch ${name}\``;

/** An entry whose files are in a container. */
function filed(
  entry: Omit<DatasetEntry, "load" | "wayOut"> & { wayOut?: string },
  load: (files: Container, options: LoadOptions) => Promise<Dataset>,
): DatasetEntry {
  return { wayOut: fetchIt(entry.name), ...entry, load: (files, options) => load(files!, options) };
}

const TOY_ENTRIES = TOY_NAMES.map(
  (name): DatasetEntry => ({
    name,
    kind: "toy",
    summary: "a density in the plane, sampled afresh for each batch",
    layouts: [],
    downloads: [],
    wayOut: "",
    load: () => toyDataset(name),
  }),
);

const TEST10K = "put t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz into mnist/ below the data root";

/** All data sets with a name of their own. CSV files and image folders are loaded by path. */
export const DATASETS: readonly DatasetEntry[] = [
  ...TOY_ENTRIES,
  {
    name: "digits",
    kind: "image",
    summary: "1,797 handwritten digits of 8×8 pixels, shipped with the package",
    layouts: [],
    downloads: [],
    wayOut: "",
    load: (_, options) => loadDigits(options),
  },
  filed(
    {
      name: "mnist",
      kind: "image",
      summary: "70,000 handwritten digits, 28×28",
      layouts: MNIST_LAYOUTS,
      downloads: MNIST_DOWNLOADS,
    },
    loadMnist,
  ),
  filed(
    {
      name: "mnist-test10k",
      kind: "image",
      summary: "MNIST's 10,000 test images alone, divided 8,000 / 1,000 / 1,000, for development",
      layouts: MNIST_TEST10K_LAYOUTS,
      downloads: MNIST_DOWNLOADS.slice(2),
      wayOut: TEST10K,
    },
    loadMnistTest10k,
  ),
  filed(
    {
      name: "fashion-mnist",
      kind: "image",
      summary: "70,000 pictures of clothes, shoes and bags, 28×28",
      layouts: FASHION_MNIST_LAYOUTS,
      downloads: FASHION_DOWNLOADS,
    },
    loadFashionMnist,
  ),
  filed(
    {
      name: "stackedmnist",
      kind: "image",
      summary: "three random MNIST digits as channels, 1,000 classes",
      layouts: MNIST_LAYOUTS,
      downloads: MNIST_DOWNLOADS,
    },
    async (files, options) => stackDigits(await loadMnist(files, options), "stackedmnist", options),
  ),
  filed(
    {
      name: "stackedmnist-test10k",
      kind: "image",
      summary: "the same from mnist-test10k, for development",
      layouts: MNIST_TEST10K_LAYOUTS,
      downloads: MNIST_DOWNLOADS.slice(2),
      wayOut: TEST10K,
    },
    async (files, options) => stackDigits(await loadMnistTest10k(files, options), "stackedmnist-test10k", options),
  ),
  filed(
    {
      name: "cifar10",
      kind: "image",
      summary: "60,000 photographs of 10 classes, 32×32",
      layouts: CIFAR10_LAYOUTS,
      downloads: [
        single(`${TORONTO}/cifar-10-python.tar.gz`, "cifar-10-python.tar.gz", md5("c58f30108f718f92721af3b95e74349a")),
      ],
    },
    (files, options) => loadCifar(files, 10, options),
  ),
  filed(
    {
      name: "cifar100",
      kind: "image",
      summary: "60,000 photographs of 100 classes, 32×32",
      layouts: CIFAR100_LAYOUTS,
      downloads: [
        single(
          `${TORONTO}/cifar-100-python.tar.gz`,
          "cifar-100-python.tar.gz",
          md5("eb9058c3a382ffc7106e4002c42a8d85"),
        ),
      ],
    },
    (files, options) => loadCifar(files, 100, options),
  ),
  filed(
    {
      name: "svhn",
      kind: "image",
      summary: "99,289 house numbers, cropped to one digit, 32×32",
      layouts: SVHN_LAYOUTS,
      downloads: [
        single(`${STANFORD}/train_32x32.mat`, "svhn/train_32x32.mat", md5("e26dedcc434d2e4c54c9b2d4a06d8373")),
        single(`${STANFORD}/test_32x32.mat`, "svhn/test_32x32.mat", md5("eb5a983be6a315427106f1b164d9cef3")),
      ],
    },
    loadSvhn,
  ),
  filed(
    {
      name: "celeba",
      kind: "image",
      summary: "faces, as out-of-distribution images: a folder of pictures",
      layouts: [{ form: "folder", at: ["celeba", "CelebA"], files: ["img_align_celeba"], folders: true }],
      downloads: [],
      wayOut:
        "it is published on Google Drive, which cannot be fetched from here: unpack img_align_celeba.zip into celeba/ below " +
        "the data root (https://mmlab.ie.cuhk.edu.hk/projects/CelebA.html)",
    },
    (files, { limit, onProgress, ...options }) => {
      const pictures: ImageFolderOptions = {
        ...options,
        ...(limit !== undefined && { limit }),
        ...(onProgress !== undefined && { onProgress }),
      };
      return loadCelebA(join(files.where, "img_align_celeba"), pictures);
    },
  ),
  filed(
    {
      name: "hepmass",
      kind: "table",
      summary: "10.5 million particle collisions, 2 classes",
      layouts: HEPMASS_LAYOUTS,
      downloads: ["1000_train.csv.gz", "1000_test.csv.gz"].map((file) =>
        single(`${UCI}/ml/machine-learning-databases/00347/${file}`, `HEPMASS/${file}`, null),
      ),
    },
    loadHepmass,
  ),
  filed(
    {
      name: "human",
      kind: "table",
      summary: "10,299 windows of smartphone motion, 6 activities",
      layouts: HUMAN_LAYOUTS,
      downloads: [single(`${UCI}/static/public/240/${HUMAN_ZIP}`, `HUMAN/${HUMAN_ZIP}`, null)],
    },
    loadHuman,
  ),
  filed(
    {
      name: "crop",
      kind: "table",
      summary: "325,834 pixels of optical and radar images, 7 crops",
      layouts: CROP_LAYOUTS,
      downloads: [single(`${UCI}/static/public/525/${CROP_ZIP}`, `CROP/${CROP_ZIP}`, null)],
    },
    loadCrop,
  ),
];
