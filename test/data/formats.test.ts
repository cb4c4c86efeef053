import { readFileSync } from "node:fs";
import { gunzipSync, gzipSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCifarBinary } from "../../src/data/formats/cifar-binary.js";
import { parseCifarMeta, parseCifarPython } from "../../src/data/formats/cifar-python.js";
import { unpack } from "../../src/data/formats/gzip.js";
import { parseIdx } from "../../src/data/formats/idx.js";
import { parseMat5 } from "../../src/data/formats/mat5.js";
import { unpickle } from "../../src/data/formats/pickle.js";
import { parseSvhn } from "../../src/data/sets/svhn.js";
import { cifarPickle, cifarRecords, expectDataError, idx, mat5, pattern, refusedOrRead } from "./files.js";

/** Written by Python 3.11 and NumPy 1.24 with the protocol in the key, deflated. */
const PICKLES = JSON.parse(readFileSync(new URL("pickles.json", import.meta.url), "utf8")) as Record<string, string>;
const pickle = (key: string): Uint8Array => inflateSync(Buffer.from(PICKLES[key]!, "base64"));

/** Every way to cut a file short must be refused, at each of up to 300 places. */
async function refusesTruncation(bytes: Uint8Array, parse: (bytes: Uint8Array) => unknown): Promise<void> {
  const step = Math.max(1, Math.floor(bytes.length / 300));
  for (let n = 0; n < bytes.length; n += step)
    expect(await refusedOrRead(() => parse(bytes.subarray(0, n))), `cut to ${n} bytes`).toBe("refused");
}

/** A changed byte may go unnoticed in the pixels, but must not break anything else. */
async function survivesCorruption(bytes: Uint8Array, parse: (bytes: Uint8Array) => unknown): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const damaged = Uint8Array.from(bytes);
      damaged[at]! ^= change;
      await refusedOrRead(() => parse(damaged));
    }),
    { numRuns: 300 },
  );
}

describe("IDX", () => {
  const images = idx([3, 4, 5], pattern(60));
  const parse = (bytes: Uint8Array) => parseIdx(bytes, "images", 3);

  it("reads a whole file", () => {
    expect(parse(images)).toEqual({ shape: [3, 4, 5], data: Buffer.from(pattern(60)) });
  });
  it("refuses truncated files", () => refusesTruncation(images, parse));
  it("survives corrupt files", () => survivesCorruption(images, parse));
  it("says what is wrong", async () => {
    await expectDataError(() => parse(Buffer.concat([images, Buffer.from("x")])), /too long: 60 bytes expected.*61/);
    await expectDataError(
      () => parse(idx([60], pattern(60))),
      /begins with 0x00000801, expected 0x00000803; .*swapped/,
    );
    await expectDataError(
      () => parse(images.subarray(0, 40)),
      /truncated: 60 bytes expected for 3 × 4 × 5 values, found 24/,
    );
  });
});

describe("gzip", () => {
  const packed = gzipSync(pattern(5000));

  it("is unpacked by content", async () => {
    expect(await unpack(packed, "f")).toEqual(Buffer.from(pattern(5000)));
    expect(await unpack(pattern(10), "f")).toEqual(pattern(10));
    expect(gunzipSync(packed).length).toBe(5000);
  });
  it("refuses truncated and oversized streams", async () => {
    await expectDataError(() => unpack(packed.subarray(0, packed.length - 9), "f"), /truncated/);
    await expectDataError(() => unpack(packed, "f", 4999), /larger than 4,999 bytes/);
    const damaged = Buffer.from(packed);
    damaged[packed.length - 6]! ^= 1;
    await expectDataError(() => unpack(damaged, "f"), /corrupt/);
  });
});

describe("CIFAR binary", () => {
  const ten = cifarRecords([[3], [9]]);
  it("reads CIFAR-10 and the fine labels of CIFAR-100", () => {
    const images = parseCifarBinary(ten, "b", 10);
    expect([...images.labels]).toEqual([3, 9]);
    expect(images.pixels).toEqual(Uint8Array.from([...pattern(3072, 0), ...pattern(3072, 1)]));
    const hundred = parseCifarBinary(
      cifarRecords([
        [19, 99],
        [0, 7],
      ]),
      "b",
      100,
    );
    expect([...hundred.labels]).toEqual([99, 7]);
  });
  it("refuses truncated files", () => refusesTruncation(ten.subarray(0, 3073), (b) => parseCifarBinary(b, "b", 10)));
  it("refuses labels out of range", () =>
    expectDataError(() => parseCifarBinary(cifarRecords([[3], [10]]), "b", 10), /label 10 of row 1 is not in 0 … 9/));
});

describe("CIFAR pickles", () => {
  const data = pattern(2 * 3072);
  const python2 = cifarPickle("labels", [3, 9], data);
  const parse = (bytes: Uint8Array) => parseCifarPython(bytes, "data_batch_1", 10);

  it("reads what Python 2 wrote", () => {
    const images = parse(python2);
    expect([...images.labels]).toEqual([3, 9]);
    expect(Buffer.from(images.pixels)).toEqual(Buffer.from(data));
    expect([...parseCifarPython(cifarPickle("fine_labels", [99], pattern(3072)), "train", 100).labels]).toEqual([99]);
  });
  it.each(["2", "3", "4", "5"])("reads what Python 3 writes with protocol %s", (protocol) => {
    const images = parse(pickle(protocol));
    expect([...images.labels]).toEqual([3, 9]);
    expect(Buffer.from(images.pixels)).toEqual(Buffer.from(data));
  });
  it("reads the names of classes", () => {
    const names = Buffer.from(
      `\x80\x02}q\x01U\x0blabel_namesq\x02]q\x03(${"abcdefghij".replace(/./g, "U\x01$&")}es.`,
      "latin1",
    );
    expect(parseCifarMeta(names, "batches.meta", 10)).toEqual([..."abcdefghij"]);
  });
  it("refuses truncated files", () => refusesTruncation(python2, parse));
  it("survives corrupt files", () => survivesCorruption(python2, parse));
  it("refuses to call anything, by name", async () => {
    await expectDataError(() => unpickle(pickle("evil"), "f"), /refused: this pickle wants to call (posix|os)\.system/);
    const evalCall = Buffer.from("c__builtin__\neval\n(U\x011tR.", "latin1");
    await expectDataError(() => unpickle(evalCall, "f"), /__builtin__\.eval/);
  });
  it("refuses arrays it does not know", async () => {
    await expectDataError(() => parse(pickle("float")), /bytes \(u1\) was expected, found f4/);
    await expectDataError(() => parse(pickle("fortran")), /column-major/);
    await expectDataError(() => parse(cifarPickle("labels", [3], pattern(6144))), /does not have its 3072 bytes/);
    await expectDataError(() => parse(cifarPickle("fine_labels", [3], pattern(3072))), /no CIFAR-10 batch/);
  });
});

describe("MAT-files", () => {
  // Pixel (row r, column c, channel k, image n) has value (r + 2 c + 50 k + 100 n) mod 256, stored column by column.
  const at = (r: number, c: number, k: number, n: number) => (r + 2 * c + 50 * k + 100 * n) % 256;
  const X = Uint8Array.from({ length: 2 * 3072 }, (_, i) =>
    at(i % 32, (i >> 5) % 32, Math.floor(i / 1024) % 3, Math.floor(i / 3072)),
  );
  const file = (compressed: boolean, labels = [1, 10]) =>
    mat5(
      [
        { name: "X", shape: [32, 32, 3, 2], data: X },
        { name: "y", shape: [2, 1], data: Uint8Array.from(labels) },
      ],
      compressed,
    );

  it.each([true, false])("reads SVHN's arrays (compressed: %s)", (compressed) => {
    const { pixels, labels } = parseSvhn(file(compressed), "train_32x32.mat");
    expect([...labels]).toEqual([1, 0]);
    for (const [r, c, k, n] of [
      [0, 0, 0, 0],
      [5, 31, 2, 1],
      [31, 4, 1, 0],
    ] as const)
      expect(pixels[n * 3072 + k * 1024 + r * 32 + c]).toBe(at(r, c, k, n));
  });
  it.each([true, false])("refuses truncated files (compressed: %s)", (compressed) =>
    refusesTruncation(file(compressed), (b) => parseSvhn(b, "f")),
  );
  it.each([true, false])("survives corrupt files (compressed: %s)", (compressed) =>
    survivesCorruption(file(compressed), (b) => parseSvhn(b, "f")),
  );
  it("says what is wrong", async () => {
    await expectDataError(() => parseSvhn(file(true, [1, 11]), "f"), /label 11 of row 1 is not in 1 … 10/);
    await expectDataError(() => parseMat5(file(true), "f", ["X", "z"]), /no array z/);
    await expectDataError(() => parseMat5(Buffer.alloc(200), "f", ["X"]), /not a MAT-file of level 5/);
  });
});
