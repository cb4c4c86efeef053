import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { beforeEach, describe, expect, it } from "vitest";
import { readTar, Zip } from "../../src/data/formats/archive.js";
import {
  allRows,
  type Dataset,
  datasetEntry,
  listDatasets,
  loadDataset,
  loadImageFolder,
  rowEncoder,
  type Split,
  type TablePreprocessing,
} from "../../src/data/index.js";
import { Rng } from "../../src/runtime/random.js";
import {
  cifarPickle,
  cifarRecords,
  expectDataError,
  idx,
  mat5,
  pattern,
  put,
  refusedOrRead,
  tar,
  temporaryFolder,
  zip,
} from "./files.js";

let root: string;
beforeEach(() => {
  root = temporaryFolder();
});

const everything = (split: Split) => split.x(allRows(split.size));
const state = (name: string) => listDatasets(root).find((s) => s.name === name)!;

/** MNIST in small: image i is filled with 10 × its label + part. */
async function putMnist(
  parts: readonly ("train" | "t10k")[],
  n = 40,
  gz = true,
  { folder = "mnist", first = [] }: { folder?: string; first?: readonly number[] } = {},
): Promise<void> {
  for (const part of parts) {
    const labels = Uint8Array.from({ length: n }, (_, i) => first[i] ?? i % 10);
    const pixels = Uint8Array.from(
      { length: n * 784 },
      (_, i) => 20 * labels[Math.floor(i / 784)]! + (part === "train" ? 0 : 1),
    );
    const [x, y] = [idx([n, 28, 28], pixels), idx([n], labels)];
    await put(root, `${folder}/${part}-images-idx3-ubyte${gz ? ".gz" : ""}`, gz ? gzipSync(x) : x);
    await put(root, `${folder}/${part}-labels-idx1-ubyte${gz ? ".gz" : ""}`, gz ? gzipSync(y) : y);
  }
}

describe("digits", () => {
  it("come with the package: 1,797 in three disjoint splits, every class in proportion", async () => {
    const set = await loadDataset("digits");
    expect(set.split).toEqual({ seed: 1234, train: 1258, validation: 180, test: 359 });
    expect(set).toMatchObject({ shape: [1, 8, 8], kind: "image", preprocessing: { max: 16, scaling: "symmetric" } });
    for (const split of Object.values(set.splits)) {
      const { data } = everything(split);
      expect(Math.min(...data)).toBe(-1);
      expect(Math.max(...data)).toBe(1);
      for (let d = 0; d < 10; d++) {
        const share = split.y!.filter((y) => y === d).length / split.size;
        expect(Math.abs(share - 0.1)).toBeLessThan(0.015);
      }
    }
    expect(set.fingerprint).toBe((await loadDataset("digits")).fingerprint);
    const unit = await loadDataset("Digits", { scaling: "unit", imageSize: 32 });
    expect(unit.shape).toEqual([1, 32, 32]);
    expect(unit.fingerprint).not.toBe(set.fingerprint);
    expect(Math.max(...unit.splits.test.x([0, 1, 2]).data)).toBeGreaterThan(0.9);
  });
});

describe("MNIST", () => {
  it.each([true, false])("loads from its files (gzip: %s), validation carved from training", async (gz) => {
    await putMnist(["train", "t10k"], 40, gz);
    expect(state("mnist")).toMatchObject({ state: "ready", path: join(root, "mnist"), missing: [] });
    const set = await loadDataset("mnist", { root, scaling: "unit" });
    expect(set.split).toMatchObject({ train: 36, validation: 4, test: 40 });
    for (const [name, offset] of [
      ["train", 0],
      ["validation", 0],
      ["test", 1],
    ] as const) {
      const split = set.splits[name];
      const x = everything(split).data;
      for (let i = 0; i < split.size; i++) expect(x[784 * i]).toBe(Math.fround((20 * split.y![i]! + offset) / 255));
    }
    expect((await loadDataset("mnist", { root, validation: 0 })).splits.validation.size).toBe(0);
    expect((await loadDataset("mnist", { root, imageSize: 32 })).shape).toEqual([1, 32, 32]);
  });
  it("says which files are missing, and offers what is there", async () => {
    await expectDataError(() => loadDataset("mnist", { root }), /not found.*lacks train-images.*vera data fetch mnist/);
    await putMnist(["t10k"]);
    expect(state("mnist")).toMatchObject({
      state: "incomplete",
      missing: [/train-images/, /train-labels/].map((name) => expect.stringMatching(name)),
    });
    await expectDataError(() => loadDataset("mnist", { root }), /incomplete.*or use mnist-test10k, which is there/);
    const set = await loadDataset("mnist-test10k", { root });
    expect(set.split).toMatchObject({ train: 32, validation: 4, test: 4 });
    expect(set.notes).toEqual([expect.stringMatching(/for development, not for results/)]);
  });
  it("refuses images and labels that do not belong together", async () => {
    await putMnist(["train", "t10k"]);
    await put(root, "mnist/train-labels-idx1-ubyte.gz", gzipSync(idx([39], new Uint8Array(39))));
    await expectDataError(() => loadDataset("mnist", { root }), /39 labels for 40 images/);
    await put(root, "mnist/train-labels-idx1-ubyte.gz", gzipSync(idx([40], new Uint8Array(40))).subarray(0, 30));
    await expectDataError(() => loadDataset("mnist", { root }), /train-labels.*truncated/);
  });
});

describe("Fashion-MNIST", () => {
  const FASHION = [9, 2, 1, 1, 6, 1, 4, 6, 5, 7, 4, 5]; // classes of the first test images as they are published
  const DIGITS = [7, 2, 1, 0, 4, 1, 4, 9, 5, 9, 0, 6];
  it.each(["fashion-mnist", "FashionMNIST/raw"])("loads from %s, which is no MNIST", async (folder) => {
    await putMnist(["train", "t10k"], 40, true, { folder, first: FASHION });
    expect(state("fashion-mnist")).toMatchObject({ state: "ready", path: join(root, folder), missing: [] });
    expect(state("mnist").state).toBe("missing");
    const set = await loadDataset("Fashion_MNIST", { root, validation: 0 });
    expect(set).toMatchObject({ name: "fashion-mnist", shape: [1, 28, 28], split: { train: 40, test: 40 } });
    expect(FASHION.slice(0, 3).map((k) => set.classes![k])).toEqual(["Ankle boot", "Pullover", "Trouser"]);
    expect([...set.splits.test.y!.subarray(0, 12)]).toEqual(FASHION);
  });
  it("is not taken for MNIST, nor MNIST for it, wherever the files lie", async () => {
    await putMnist(["train", "t10k"], 40, true, { folder: "mnist", first: FASHION });
    const told = /mnist: holds Fashion-MNIST, not MNIST; use --dataset fashion-mnist/;
    for (const name of ["mnist", "mnist-test10k", "stackedmnist"])
      await expectDataError(() => loadDataset(name, { root }), told);
    await putMnist(["train", "t10k"], 40, true, { folder: "fashion-mnist", first: DIGITS });
    await expectDataError(
      () => loadDataset("fashion-mnist", { root }),
      /holds MNIST, not Fashion-MNIST; use --dataset/,
    );
    await expectDataError(() => loadDataset("mnist", { root: join(root, "mnist") }), /holds Fashion-MNIST/);
  });
});

describe("StackedMNIST", () => {
  it("stacks digits of the same split; the label reads the channels in order", async () => {
    await putMnist(["train", "t10k"]);
    const set = await loadDataset("stackedmnist", { root, scaling: "unit" });
    expect(set).toMatchObject({ shape: [3, 28, 28], split: { train: 36, validation: 4, test: 40 } });
    expect(set.classes!.length).toBe(1000);
    for (const [name, offset] of [
      ["train", 0],
      ["test", 1],
    ] as const) {
      const split = set.splits[name];
      const x = everything(split).data;
      for (let i = 0; i < split.size; i++) {
        const digits = [0, 1, 2].map((c) => Math.round((x[(3 * i + c) * 784]! * 255 - offset) / 20));
        expect(100 * digits[0]! + 10 * digits[1]! + digits[2]!).toBe(split.y![i]);
      }
    }
    expect(new Set(set.splits.train.y).size).toBeGreaterThan(20);
    expect((await loadDataset("stackedmnist", { root, imageSize: 64 })).shape).toEqual([3, 64, 64]);
  });
});

describe("CIFAR", () => {
  const same = async (): Promise<Float32Array> =>
    everything((await loadDataset("cifar10", { root, validation: 0 })).splits.train).data as Float32Array;
  const data = pattern(2 * 3072);
  const record = (labels: readonly number[]) =>
    Buffer.concat(labels.flatMap((l, i) => [Uint8Array.of(l), data.subarray(3072 * i, 3072 * (i + 1))]));

  it("loads the same from binary and Python files, folders and archives", async () => {
    const binary = {
      "cifar-10-batches-bin/data_batch_1.bin": record([3, 9]),
      "cifar-10-batches-bin/test_batch.bin": record([1, 2]),
    };
    const python = {
      "cifar-10-batches-py/data_batch_1": cifarPickle("labels", [3, 9], data),
      "cifar-10-batches-py/test_batch": cifarPickle("labels", [1, 2], data),
    };
    const forms: Record<string, Uint8Array>[] = [
      binary,
      Object.fromEntries(Object.entries(binary).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)])),
      python,
      { "cifar-10-binary.tar.gz": gzipSync(tar(binary)) },
      { "cifar-10-python.tar.gz": gzipSync(tar(python)) },
    ];
    let first: Float32Array | null = null;
    for (const files of forms) {
      for (const [name, bytes] of Object.entries(files)) await put(root, name, bytes);
      const loaded = await same();
      first ??= loaded;
      expect(loaded).toEqual(first);
      await rm(root, { recursive: true });
    }
  });
  it("loads the batches that are there and says how many", async () => {
    await put(root, "cifar-10-batches-bin/data_batch_1.bin", cifarRecords([[1], [2], [3]]));
    await put(root, "cifar-10-batches-bin/data_batch_4.bin", cifarRecords([[1], [2]]));
    await put(
      root,
      "cifar-10-batches-bin/batches.meta.txt",
      "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n",
    );
    expect(state("cifar10").state).toBe("incomplete");
    await expectDataError(() => loadDataset("cifar10", { root }), /lacks .*test_batch.bin/);
    await put(root, "cifar-10-batches-bin/test_batch.bin", cifarRecords([[0]]));
    expect(state("cifar10").state).toBe("partial");
    const set = await loadDataset("cifar-10", { root, validation: 0.2 });
    expect(set).toMatchObject({ shape: [3, 32, 32], split: { train: 4, validation: 1, test: 1 } });
    expect(set.classes![9]).toBe("truck");
    expect(set.notes).toEqual([expect.stringMatching(/5 of 50,000 training images and 1 of 10,000 test images/)]);
  });
  it("loads CIFAR-100's fine labels", async () => {
    await put(root, "cifar-100-python/train", cifarPickle("fine_labels", [99, 0], data));
    await put(root, "cifar-100-python/test", cifarPickle("fine_labels", [50, 7], data));
    const set = await loadDataset("cifar_100", { root, validation: 0 });
    expect([...set.splits.train.y!]).toEqual([99, 0]);
    expect(set.classes!.length).toBe(100);
  });
  it("refuses truncated archives", async () => {
    const files = { "x/data_batch_1.bin": record([3, 9]), "x/test_batch.bin": record([1, 2]) };
    const archive = gzipSync(tar(files));
    for (const part of [0.3, 0.9]) {
      await put(root, "cifar-10-binary.tar.gz", archive.subarray(0, part * archive.length));
      await expectDataError(() => loadDataset("cifar10", { root }), /truncated or corrupt archive/);
    }
  });
});

describe("SVHN", () => {
  it("loads both files, with the digit 0 as class 0", async () => {
    const file = (labels: number[]) =>
      mat5(
        [
          { name: "X", shape: [32, 32, 3, 2], data: pattern(6144) },
          { name: "y", shape: [2, 1], data: Uint8Array.from(labels) },
        ],
        true,
      );
    await put(root, "svhn/train_32x32.mat", file([10, 1]));
    await put(root, "svhn/test_32x32.mat", file([9, 10]));
    const set = await loadDataset("svhn", { root, validation: 0 });
    expect([[...set.splits.train.y!], [...set.splits.test.y!]]).toEqual([
      [0, 1],
      [9, 0],
    ]);
    expect(set.shape).toEqual([3, 32, 32]);
  });
});

/** Rows of numbers, drawn at random, with a label; column 2 has a smallest value that repeats. */
function rows(
  n: number,
  columns: number,
  label: (i: number) => number | string,
  seed: number,
  separator: string,
): string {
  const rng = new Rng(seed);
  return Array.from({ length: n }, (_, i) => {
    const values = Array.from({ length: columns }, (_, j) =>
      j === 1 ? Math.max(0, rng.gaussian()) : rng.gaussian() * (j + 1),
    );
    return [label(i), ...values].join(separator);
  }).join("\n");
}

/** Training rows have mean 0 and deviation 1 in each feature, to 32-bit rounding. */
function expectStandardised(set: Dataset): void {
  const { train } = set.splits;
  const x = everything(train).data;
  const width = set.shape[0]!;
  for (let j = 0; j < width; j++) {
    const column = Array.from({ length: train.size }, (_, i) => x[i * width + j]!);
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    expect(Math.abs(mean)).toBeLessThan(1e-5);
    expect(Math.abs(column.reduce((a, b) => a + (b - mean) ** 2, 0) / column.length - 1)).toBeLessThan(1e-4);
  }
}

describe("published tables", () => {
  it("HEPMASS: label first, a column more in the test file, features with repeats dropped", async () => {
    const header = "# label,f0,f1,f2\n";
    const test = rows(20, 3, (i) => `${i % 2}.0`, 2, ",").replaceAll("\n", ",9\n");
    await put(root, "HEPMASS/1000_train.csv.gz", gzipSync(header + rows(100, 3, (i) => `${i % 2}.0`, 1, ",")));
    await put(root, "HEPMASS/1000_test.csv.gz", gzipSync(`# label,f0,f1,f2,mass\n${test},9`));
    expect(state("hepmass").state).toBe("ready");
    const set = await loadDataset("hepmass", { root });
    expect(set).toMatchObject({
      shape: [2],
      classes: ["background", "signal"],
      split: { train: 90, validation: 10, test: 20 },
    });
    const table = set.preprocessing as TablePreprocessing;
    expect(table.columns.map((c) => c.name)).toEqual(["f0", "f2"]);
    expect(table.dropped.map((c) => c.name)).toEqual(["f1"]);
    expect(set.notes).toEqual([expect.stringMatching(/2 features kept; of the complete files 15 remain/)]);
    expectStandardised(set);
    const [, f0, , f2] = test.split("\n")[3]!.split(",").map(Number);
    const encoded = rowEncoder(table, ["f0", "f2"])([f0, f2]);
    expect([...set.splits.test.x([3]).data].map((v) => v.toFixed(4))).toEqual([...encoded.x].map((v) => v.toFixed(4)));
  });
  it("HUMAN: separate files of features and labels, in a folder, a zip, or a zip in a zip", async () => {
    const files: Record<string, Buffer> = {};
    for (const [part, n] of [
      ["train", 60],
      ["test", 12],
    ] as const) {
      files[`UCI HAR Dataset/${part}/X_${part}.txt`] = Buffer.from(rows(n, 3, () => "", n, "  "));
      files[`UCI HAR Dataset/${part}/y_${part}.txt`] = Buffer.from(
        Array.from({ length: n }, (_, i) => (i % 6) + 1).join("\n"),
      );
    }
    const archive = "HUMAN/human+activity+recognition+using+smartphones.zip";
    const fingerprints: string[] = [];
    for (const form of ["folder", "zip", "nested"] as const) {
      root = temporaryFolder();
      if (form === "folder") for (const [name, bytes] of Object.entries(files)) await put(root, name, bytes);
      else await put(root, archive, form === "zip" ? zip(files) : zip({ "UCI HAR Dataset.zip": zip(files) }));
      const set = await loadDataset("human", { root });
      expect(set).toMatchObject({ shape: [2], split: { train: 54, validation: 6, test: 12 } });
      expect(set.classes![0]).toBe("WALKING");
      expect([...set.splits.test.y!.subarray(0, 3)]).toEqual([0, 1, 2]);
      expectStandardised(set);
      fingerprints.push(set.fingerprint);
    }
    expect(new Set(fingerprints).size).toBe(1);
    await put(root, archive, zip(files).subarray(0, 2000));
    await expectDataError(() => loadDataset("human", { root }), /truncated or corrupt zip/);
  });
  it("CROP: one file, labels from 1, all features kept", async () => {
    await put(root, "CROP/WinnipegDataset.txt", `label,f1,f2,f3\n${rows(140, 3, (i) => (i % 7) + 1, 3, ",")}`);
    const set = await loadDataset("crop", { root });
    expect(set).toMatchObject({ shape: [3], split: { train: 113, validation: 13, test: 14 } });
    expect(set.classes!.length).toBe(7);
    for (let c = 0; c < 7; c++) expect([...set.splits.test.y!].filter((y) => y === c).length).toBe(2);
    expectStandardised(set);
    await put(root, "CROP/WinnipegDataset.txt", `label,f1\n8,1\n`);
    await expectDataError(() => loadDataset("crop", { root }), /label 8 of row 0 is not in 1 … 7/);
  });
});

describe("image folders", () => {
  /** A picture in one colour. */
  async function picture(
    path: string,
    colour: { r: number; g: number; b: number },
    width = 40,
    height = 24,
  ): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await sharp({ create: { width, height, channels: 3, background: colour } }).toFile(join(root, path));
  }
  const red = { r: 255, g: 0, b: 0 };
  const grey = { r: 128, g: 128, b: 128 };

  it("loads a class per sub-folder, resized, with progress", async () => {
    for (let i = 0; i < 10; i++) {
      await picture(`pets/cat/${i}.png`, red);
      await picture(`pets/dog/${i}.${i % 2 ? "jpg" : "jpeg"}`, grey, 20, 50);
    }
    const seen: number[] = [];
    const set = await loadImageFolder(join(root, "pets"), {
      imageSize: 16,
      scaling: "unit",
      onProgress: (done) => seen.push(done),
    });
    expect(set).toMatchObject({
      name: "pets",
      shape: [3, 16, 16],
      classes: ["cat", "dog"],
      split: { train: 16, validation: 2, test: 2 },
    });
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    const { train } = set.splits;
    for (let i = 0; i < train.size; i++) {
      const x = train.x([i]).data;
      const expected = train.y![i] === 0 ? [1, 0, 0] : [0.502, 0.502, 0.502];
      // JPEG is not exact.
      expected.forEach((v, c) => {
        expect(Math.abs(x[256 * c + 100]! - v)).toBeLessThan(0.02);
      });
    }
    const mono = await loadImageFolder(join(root, "pets"), { channels: 1, limit: 12, imageSize: 8 });
    expect(mono).toMatchObject({ shape: [1, 8, 8], notes: [expect.stringMatching(/12 of 20 pictures/)] });
  });
  it("takes train and test folders for what they say", async () => {
    for (const part of ["train", "test"])
      for (const c of ["a", "b"]) for (let i = 0; i < 5; i++) await picture(`set/${part}/${c}/${i}.png`, red);
    const set = await loadImageFolder(join(root, "set"), { validation: 0.2 });
    expect(set.split).toMatchObject({ train: 8, validation: 2, test: 10 });
    await picture("set/test/c/0.png", red);
    await expectDataError(() => loadImageFolder(join(root, "set")), /class "c" is not one of a, b/);
  });
  it("crops the centre before resizing", async () => {
    const raw = Buffer.alloc(60 * 20 * 3);
    for (let i = 0; i < 60 * 20; i++) raw[3 * i] = i % 60 >= 20 && i % 60 < 40 ? 255 : 0;
    await mkdir(join(root, "wide"));
    await sharp(raw, { raw: { width: 60, height: 20, channels: 3 } })
      .png()
      .toFile(join(root, "wide", "a.png"));
    const set = await loadImageFolder(join(root, "wide"), { imageSize: 10, scaling: "unit", validation: 0 });
    const x = set.splits.train.x([0]).data;
    // The outermost columns see a little of what was cut off.
    for (let i = 0; i < 100; i++) expect(x[i]).toBeGreaterThan(i % 10 === 0 || i % 10 === 9 ? 0.8 : 0.99);
  });
  it("names the picture that is damaged", async () => {
    const noise = Buffer.from(pattern(64 * 64 * 3));
    const jpeg = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    const png = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    for (const [name, bytes] of [
      ["cut.jpg", jpeg.subarray(0, jpeg.length / 2)],
      ["cut.png", png.subarray(0, png.length / 2)],
      ["text.png", Buffer.from("no picture")],
    ] as const) {
      root = temporaryFolder();
      await picture("f/a/0.png", red);
      await put(root, `f/a/${name}`, bytes);
      await expectDataError(() => loadImageFolder(join(root, "f")), new RegExp(`${name}: truncated, or no picture`));
    }
    await expectDataError(() => loadImageFolder(join(root, "absent")), /not a folder/);
    await mkdir(join(root, "empty"));
    await expectDataError(() => loadImageFolder(join(root, "empty")), /no pictures/);
  });
  it("CelebA is a test split without labels", async () => {
    expect(state("celeba")).toMatchObject({ state: "missing", fetchable: false });
    for (let i = 0; i < 3; i++) await picture(`celeba/img_align_celeba/00000${i}.jpg`, grey, 178, 218);
    const set = await loadDataset("celeba", { root, limit: 2 });
    expect(set).toMatchObject({ shape: [3, 32, 32], classes: null, split: { train: 0, validation: 0, test: 2 } });
  });
});

describe("archives", () => {
  const files = { "a/one.bin": Buffer.from(pattern(3000)), "a/two.bin": Buffer.from(pattern(10, 5)) };

  it("tar: finds files by name; refuses every truncation and survives corruption", async () => {
    const bytes = tar(files);
    const path = await put(root, "a.tar", bytes);
    expect(await readTar(path, ["one.bin", "none"])).toEqual(new Map([["one.bin", files["a/one.bin"]]]));
    const packed = gzipSync(bytes);
    for (let n = 1; n < packed.length; n += 7) {
      await put(root, "cut.tar.gz", packed.subarray(0, n));
      expect(await refusedOrRead(() => readTar(join(root, "cut.tar.gz"), ["one.bin"])), `cut to ${n}`).toBe("refused");
    }
    for (let n = 0; n < bytes.length; n += 97) {
      const damaged = Buffer.from(bytes);
      damaged[n]! ^= 0x55;
      await put(root, "damaged.tar", damaged);
      await refusedOrRead(() => readTar(join(root, "damaged.tar"), ["one.bin"]));
    }
  });
  it("zip: checks checksums; refuses every truncation and every change of content", async () => {
    const bytes = zip(files);
    const path = await put(root, "a.zip", bytes);
    const whole = await Zip.open(path);
    expect(await whole.bytes("one.bin")).toEqual(files["a/one.bin"]);
    expect(whole.has("none")).toBe(false);
    await expectDataError(() => whole.bytes("none"), /no none in it/);
    whole.close();
    const readAll = async (content: Uint8Array): Promise<Uint8Array> => {
      const archive = await Zip.open("f.zip", content);
      return archive.bytes("one.bin");
    };
    for (let n = 0; n < bytes.length; n += 3)
      expect(await refusedOrRead(() => readAll(bytes.subarray(0, n))), `cut to ${n}`).toBe("refused");
    const start = bytes.indexOf("one.bin") + 7;
    for (let n = start; n < start + 100; n += 3) {
      const damaged = Buffer.from(bytes);
      damaged[n]! ^= 0x10;
      const outcome = await refusedOrRead(async () => expect(await readAll(damaged)).toEqual(files["a/one.bin"]));
      expect(["refused", "read"]).toContain(outcome);
    }
  });
});

describe("the registry", () => {
  it("knows names in any spelling and lists them for an unknown one", async () => {
    expect(datasetEntry("CIFAR_100").name).toBe("cifar100");
    await expectDataError(() => loadDataset("imagenet"), /unknown; there are moons, .*crop/);
  });
  it("reports everything missing in an empty folder", () => {
    const states = listDatasets(root);
    expect(states.filter((s) => s.state === "built in").length).toBe(9);
    expect(states.filter((s) => s.state === "missing").length).toBe(states.length - 9);
    for (const s of states.filter((s) => s.state === "missing")) expect(s.missing.length).toBeGreaterThan(0);
  });
});
