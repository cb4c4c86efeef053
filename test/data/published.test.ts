/** Published sets under the names and in the types in which they are found, and files that claim more than they hold. */
import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { readTar, Zip } from "../../src/data/formats/archive.js";
import { allowance, Budget, BudgetError } from "../../src/data/formats/budget.js";
import { parseCifarPython } from "../../src/data/formats/cifar-python.js";
import { unpack } from "../../src/data/formats/gzip.js";
import { parseIdx } from "../../src/data/formats/idx.js";
import { checkPixels } from "../../src/data/formats/labels.js";
import { parseMat5 } from "../../src/data/formats/mat5.js";
import { listDatasets, loadDataset } from "../../src/data/index.js";
import { parseSvhn } from "../../src/data/sets/svhn.js";
import {
  cifarPickle,
  cifarRecords,
  expectDataError,
  idx,
  type MatSource,
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
const state = (name: string) => listDatasets(root).find((s) => s.name === name)!;

const digits = Uint8Array.from({ length: 20 }, (_, i) => i % 10);
const MNIST = (dot: string) => ({
  [`train-images${dot}idx3-ubyte`]: idx([20, 28, 28], pattern(20 * 784)),
  [`train-labels${dot}idx1-ubyte`]: idx([20], digits),
  [`t10k-images${dot}idx3-ubyte`]: idx([20, 28, 28], pattern(20 * 784, 3)),
  [`t10k-labels${dot}idx1-ubyte`]: idx([20], digits),
});

describe("MNIST's names", () => {
  it.each<[string, (name: string) => string, boolean]>([
    ["with a dot", (name) => `mnist/${name}`, false],
    ["with a dot, compressed", (name) => `MNIST/raw/${name}.gz`, true],
    ["each in a folder of its name", (name) => `mnist/${name}/${name}`, false],
  ])("%s", async (_, path, packed) => {
    for (const dot of [".", "-"]) {
      root = temporaryFolder();
      for (const [name, bytes] of Object.entries(MNIST(dot)))
        await put(root, path(name), packed ? gzipSync(bytes) : bytes);
      expect(state("mnist").state).toBe("ready");
      const set = await loadDataset("mnist", { root, validation: 0 });
      expect([...set.splits.test.y!]).toEqual([...digits]);
    }
  });
  it("names the file as it is called", async () => {
    for (const [name, bytes] of Object.entries(MNIST("."))) await put(root, `mnist/${name}`, bytes);
    await put(root, "mnist/t10k-labels.idx1-ubyte", idx([19], digits.subarray(1)));
    await expectDataError(() => loadDataset("mnist", { root }), /t10k-labels\.idx1-ubyte: 19 labels for 20 images/);
  });
  it("a folder of pictures called train is no CIFAR-100", async () => {
    await put(root, "train/cat/1.png", "");
    await put(root, "test/cat/1.png", "");
    expect(state("cifar100").state).toBe("missing");
  });
});

describe("CIFAR's places", () => {
  const data = pattern(2 * 3072);
  const python = {
    "cifar-10-batches-py/data_batch_1": cifarPickle("labels", [3, 9], data),
    "cifar-10-batches-py/test_batch": cifarPickle("labels", [1, 2], data),
  };
  const below = (place: string, files: Record<string, Uint8Array>) =>
    Object.fromEntries(Object.entries(files).map(([name, bytes]) => [place + name, bytes]));
  const flat = Object.fromEntries(Object.entries(python).map(([name, bytes]) => [name.split("/")[1]!, bytes]));
  it.each<[string, Record<string, Uint8Array>]>([
    ["unpacked beside the archive's name", below("cifar-10-python/", python)],
    ["unpacked in a folder of the set's name", below("cifar10/", python)],
    ["the batches alone in such a folder", below("CIFAR10/", flat)],
    ["an archive that a browser decompressed", { "cifar-10-python.tar": tar(python) }],
    ["an archive in a folder", { "cifar-10/cifar-10-python.tgz": gzipSync(tar(python)) }],
  ])("%s", async (_, files) => {
    for (const [name, bytes] of Object.entries(files)) await put(root, name, bytes);
    const set = await loadDataset("cifar10", { root, validation: 0 });
    expect([[...set.splits.train.y!], [...set.splits.test.y!]]).toEqual([
      [3, 9],
      [1, 2],
    ]);
  });
});

/** Numbers as bytes. */
const stored = (values: Uint8Array | BigInt64Array | BigUint64Array | Float64Array | Int16Array) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

describe("types of labels and pixels", () => {
  const X: MatSource = { name: "X", shape: [32, 32, 3, 2], data: pattern(6144) };
  const y = (labels: Uint8Array, kind: number, type: number): MatSource => ({
    name: "y",
    shape: [2, 1],
    data: labels,
    kind,
    type,
  });
  it.each<[string, MatSource]>([
    ["uint8", y(Uint8Array.of(10, 3), 9, 2)],
    ["int64", y(stored(BigInt64Array.of(10n, 3n)), 14, 12)],
    ["uint64", y(stored(BigUint64Array.of(10n, 3n)), 15, 13)],
    ["double", y(stored(Float64Array.of(10, 3)), 6, 9)],
    ["double, stored as bytes", y(Uint8Array.of(10, 3), 6, 2)],
    ["int16", y(stored(Int16Array.of(10, 3)), 10, 3)],
  ])("SVHN's labels as %s", (_, labels) => {
    for (const compressed of [true, false])
      expect([...parseSvhn(mat5([X, labels], compressed), "f").labels]).toEqual([0, 3]);
  });
  it("SVHN's pixels as doubles, and one image without a fourth dimension", async () => {
    const doubles = { ...X, data: stored(Float64Array.from(X.data)), kind: 6, type: 9 };
    const labels = y(Uint8Array.of(1, 2), 9, 2);
    expect(parseSvhn(mat5([doubles, labels], true), "f")).toEqual(parseSvhn(mat5([X, labels], true), "f"));
    const one = { ...X, shape: [32, 32, 3], data: X.data.subarray(3072) };
    expect(parseSvhn(mat5([one, { ...labels, shape: [1, 1], data: Uint8Array.of(7) }], false), "f").pixels.length).toBe(
      3072,
    );
    await expectDataError(() => checkPixels([0, 0.5], "f"), /pixel 1 is 0\.5: .*scale the images/);
  });
  it("other MAT-files are named, with the way out", async () => {
    const header = (text: string, size = 600) => {
      const bytes = Buffer.alloc(size);
      bytes.write(text, 0, "latin1");
      return bytes;
    };
    const hdf5 = header("MATLAB 7.3 MAT-file, Platform: GLNXA64", 520);
    hdf5.write("\x89HDF\r\n\x1a\n", 512, "latin1");
    await expectDataError(() => parseMat5(hdf5, "f", ["X"]), /version 7\.3, which is HDF5; .*-v7.*scipy\.io\.savemat/);
    await expectDataError(() => parseMat5(header("\x89HDF\r\n\x1a\n"), "f", ["X"]), /not a MAT-file .* but HDF5/);
    const four = Buffer.from(Uint32Array.of(0, 2, 1, 0, 2).buffer);
    await expectDataError(() => parseMat5(four, "f", ["y"]), /of level 4; .*-v7/);
    await expectDataError(
      () => parseSvhn(mat5([X, y(Uint8Array.of(10, 3), 1, 2)], true), "f"),
      /array y does not hold real numbers: it is a cell array/,
    );
  });
  it.each<[string, number, (labels: readonly number[]) => Buffer]>([
    ["signed bytes", 9, (labels) => Buffer.from(labels)],
    ["short", 11, (labels) => Buffer.from(labels.flatMap((l) => [0, l]))],
    ["int", 12, (labels) => Buffer.from(labels.flatMap((l) => [0, 0, 0, l]))],
    [
      "double",
      14,
      (labels) => {
        const out = Buffer.alloc(8 * labels.length);
        for (const [i, label] of labels.entries()) out.writeDoubleBE(label, 8 * i);
        return out;
      },
    ],
  ])("IDX labels as %s", (_, type, write) => {
    const bytes = idx([3], write([4, 0, 9]), type);
    expect([...parseIdx(bytes, "f", 1).data]).toEqual([4, 0, 9]);
    for (let n = 0; n < bytes.length; n++) expect(() => parseIdx(bytes.subarray(0, n), "f", 1)).toThrow(/truncated/);
  });
  const array = (labels: readonly number[]) =>
    `cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85U\x01b\x87R(K\x01K${String.fromCharCode(labels.length)}\x85cnumpy\ndtype\nU\x02i8K\0K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb\x89U${String.fromCharCode(8 * labels.length)}${labels.map((l) => `${String.fromCharCode(l)}\0\0\0\0\0\0\0`).join("")}tb`;
  const cifar = cifarPickle("labels", [3, 9], pattern(6144)).toString("latin1");
  const withArray = Buffer.from(cifar.replace("]q\x05(K\x03K\x09e", array([3, 9])), "latin1");
  it("CIFAR's labels as an array of integers", () => {
    expect([...parseCifarPython(withArray, "f", 10).labels]).toEqual([3, 9]);
    const texts = Buffer.from(cifar.replace("K\x03K\x09e", "U\x01aU\x01be"), "latin1");
    expect(() => parseCifarPython(texts, "f", 10)).toThrow(/labels is a list or tuple, and a list of integers/);
    const newer = Buffer.from(withArray.toString("latin1").replaceAll("numpy.core", "numpy._core"), "latin1");
    expect([...parseCifarPython(newer, "f", 10).labels]).toEqual([3, 9]);
  });
  it.each<[string, Uint8Array, (bytes: Uint8Array) => unknown]>([
    ["MAT", mat5([X, y(stored(BigInt64Array.of(10n, 3n)), 14, 12)], true), (bytes) => parseSvhn(bytes, "f")],
    ["MAT, plain", mat5([X, y(stored(Float64Array.of(10, 3)), 6, 9)], false), (bytes) => parseSvhn(bytes, "f")],
    ["IDX", idx([3], Buffer.alloc(24), 14), (bytes) => parseIdx(bytes, "f", 1)],
    ["CIFAR", withArray, (bytes) => parseCifarPython(bytes, "f", 10)],
  ])("%s with bytes changed is refused or read", async (_, bytes, parse) => {
    // The pixels may be anything: half of the changes are in the first and last bytes, where the structure is.
    const edge = fc.oneof(
      fc.nat(300),
      fc.nat(300).map((at) => bytes.length - 1 - at),
    );
    const place = fc.oneof(edge, fc.nat(bytes.length - 1)).filter((at) => at >= 0 && at < bytes.length);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 3 }), async (changes) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        await refusedOrRead(() => parse(copy));
      }),
      { numRuns: 500 },
    );
  });
});

describe("files that claim more than they hold", () => {
  it("the rule: a floor, so many times the file, 512 MiB, and 4 times a large file unless it is objects", () => {
    expect([0, 1000, 2 ** 25, 2 ** 28].map((size) => allowance(size, "inflated"))).toEqual([
      2 ** 24,
      2 ** 24 + 32_000,
      2 ** 29,
      2 ** 30,
    ]);
    expect([1000, 2 ** 28].map((size) => allowance(size, "copies"))).toEqual([2 ** 20 + 4000, 2 ** 30]);
    expect([1000, 2 ** 28].map((size) => allowance(size, "objects"))).toEqual([2 ** 20 + 64_000, 2 ** 29]);
    const budget = new Budget(0, "objects");
    budget.spend(2 ** 20);
    expect(() => budget.spend(1)).toThrow(BudgetError);
    expect(() => new Budget(0, "copies").spend(Number.NaN)).toThrow(BudgetError);
  });
  it("gzip and archives that swell a thousand times", async () => {
    const zeros = Buffer.alloc(20_000_000);
    await expectDataError(() => unpack(gzipSync(zeros), "f.gz"), /larger than 17,\d{3},\d{3} bytes unpacked/);
    const archive = await Zip.open("f.zip", zip({ "a.bin": zeros }));
    await expectDataError(
      () => archive.bytes("a.bin"),
      /20,000,000 bytes, more than the 17,\d{3},\d{3} that it may swell to/,
    );
    const path = await put(root, "a.tar.gz", gzipSync(tar({ "a.bin": zeros })));
    await expectDataError(() => readTar(path, ["a.bin"]), /the files in it exceed 17,\d{3},\d{3} bytes/);
  });
  it("tables in archives that swell a thousand times", async () => {
    const zeros = Buffer.from("0 0 0\n".repeat(4_000_000));
    for (const part of ["train", "test"]) {
      await put(root, `HUMAN/${part}/X_${part}.txt.gz`, gzipSync(zeros));
      await put(root, `HUMAN/${part}/y_${part}.txt`, "1\n");
    }
    await expectDataError(
      () => loadDataset("human", { root }),
      /X_train\.txt\.gz: larger than 17,\d{3},\d{3} bytes unpacked/,
    );
    root = temporaryFolder();
    const entries = Object.fromEntries(
      ["train/X_train.txt", "train/y_train.txt", "test/X_test.txt", "test/y_test.txt"].map((name) => [name, zeros]),
    );
    await put(root, "UCI HAR Dataset.zip", zip(entries));
    await expectDataError(
      () => loadDataset("human", { root }),
      /X_train\.txt: larger than 17,\d{3},\d{3} bytes unpacked/,
    );
  });
  it("a tar whose header claims gigabytes", async () => {
    const bytes = tar({ "a.bin": Buffer.from("abc") });
    bytes.write("77777777777\0", 124);
    bytes.write("        ", 148);
    const sum = bytes.subarray(0, 512).reduce((a, b) => a + b, 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const before = process.memoryUsage().arrayBuffers;
    await expectDataError(async () => readTar(await put(root, "a.tar", bytes), ["a.bin"]), /exceed|truncated/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e8);
  });
  it("MAT-files whose elements swell", async () => {
    const X = { name: "X", shape: [32, 32, 3, 16_000], data: Buffer.alloc(3072 * 16_000) };
    const bomb = mat5([X], true);
    expect(bomb.length).toBeLessThan(60_000);
    await expectDataError(() => parseMat5(bomb, "f", ["X"]), /refused: the file has 4\d,\d{3} bytes/);
    // One by one each is allowed.
    const part = { name: "y", shape: [250_000, 1], data: Buffer.alloc(250_000) };
    expect(parseMat5(mat5([part], true), "f", ["y"]).y!.data.length).toBe(250_000);
    await expectDataError(() => parseMat5(mat5(Array(80).fill(part), true), "f", ["y"]), /refused: the file has/);
    // Only the start of what is not asked for is inflated, so this is read.
    const other = deflateSync(Buffer.alloc(4_000_000));
    const element = Buffer.concat([Buffer.from(Uint32Array.of(15, other.length).buffer), other]);
    const small = mat5([{ name: "y", shape: [1, 1], data: Uint8Array.of(5) }], true);
    expect(parseMat5(Buffer.concat([small, ...Array(50).fill(element)]), "f", ["y"]).y!.data).toEqual(Buffer.of(5));
  });
  it("an IDX file whose dimensions are gigabytes", () =>
    expectDataError(
      () => parseIdx(idx([2 ** 31, 28, 28], pattern(784)), "f", 3),
      /truncated: 1,683,627,180,032 bytes expected .* found 784/,
    ));
  it("labels out of range in a batch", () =>
    expectDataError(async () => {
      await put(root, "cifar-10-batches-bin/data_batch_1.bin", cifarRecords([[77]]));
      await put(root, "cifar-10-batches-bin/test_batch.bin", cifarRecords([[1]]));
      await loadDataset("cifar10", { root });
    }, /label 77 of row 0/));
});
