/** Folders of pictures as they are found: hidden files, links, parts, and files that cannot be used. */
import { mkdirSync, symlinkSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { beforeEach, describe, expect, it } from "vitest";
import { allPictures, listPictures } from "../../src/data/formats/image-folder.js";
import { decodePictures } from "../../src/data/formats/pictures.js";
import { loadImageFolder, resizeImages } from "../../src/data/index.js";
import { partsOf, testPart } from "../../src/data/sets/image-folder.js";
import { expectDataError, pattern, put, temporaryFolder } from "./files.js";

const RED = { r: 200, g: 40, b: 60 };
const red = (width = 12, height = 12) => sharp({ create: { width, height, channels: 3, background: RED } });

let root: string;
let png: Buffer;
beforeEach(async () => {
  root = temporaryFolder();
  png ??= await red().png().toBuffer();
});

/** Puts a picture at each path. */
async function pictures(...paths: string[]): Promise<void> {
  for (const path of paths) await put(root, path, png);
}
/** `a/0.png` … of each class. */
const classes = (folder: string, names: readonly string[], n = 2) =>
  pictures(...names.flatMap((name) => Array.from({ length: n }, (_, i) => `${folder}/${name}/${i}.png`)));
const load = (options = {}) => loadImageFolder(join(root, "set"), { imageSize: 8, ...options });

describe("pixels", () => {
  it.each([1, 3] as const)("of %i channels that are enlarged are those of data sets of that size", async (channels) => {
    const bytes = pattern(9 * 7 * channels, 5);
    const path = join(root, "small.png");
    await sharp(bytes, { raw: { width: 9, height: 7, channels } })
      .png()
      .toFile(path);
    const { pixels, bad } = await decodePictures([{ path, label: 0 }], 16, channels);
    expect(bad.size).toBe(0);
    // The square in the middle, channel by channel.
    const square = new Uint8Array(49 * channels);
    for (let c = 0; c < channels; c++)
      for (let p = 0; p < 49; p++) square[49 * c + p] = bytes[(9 * Math.floor(p / 7) + 1 + (p % 7)) * channels + c]!;
    expect(pixels).toEqual(resizeImages(square, [channels, 7, 7], 16));
  });
});

describe("what is a class and a picture", () => {
  it("hidden names and what systems leave behind are neither", async () => {
    await classes("set", ["cat", "dog"], 5);
    await pictures("set/.ipynb_checkpoints/0.png", "set/__MACOSX/cat/._0.png", "set/__MACOSX/x.png", "set/cat/._0.png");
    await pictures("set/dog/.hidden.png", "set/@eaDir/0.png", "set/cat/.thumbs/0.png");
    for (const name of [".DS_Store", "Thumbs.db", "desktop.ini", "cat/.DS_Store", "cat/Thumbs.db"])
      await put(root, `set/${name}`, "x");
    const set = await load();
    expect(set.classes).toEqual(["cat", "dog"]);
    expect(set.split).toMatchObject({ train: 8, validation: 1, test: 1 });
    expect(set.notes).toEqual([]);
    expect(allPictures(join(root, "set")).pictures).toHaveLength(10);
  });
  it("upper-case endings and folders within a class count", async () => {
    await mkdir(join(root, "set/a/more"), { recursive: true });
    await red().jpeg().toFile(join(root, "set/a/1.JPG"));
    await red().jpeg().toFile(join(root, "set/a/2.JPEG"));
    await red().webp().toFile(join(root, "set/a/3.WEBP"));
    await red().tiff().toFile(join(root, "set/a/4.TIF"));
    await red().gif().toFile(join(root, "set/a/more/5.Gif"));
    await pictures("set/b/1.PNG");
    expect(
      listPictures(join(root, "set")).pictures.map(({ path, label }) => [path.slice(root.length + 5), label]),
    ).toEqual([
      ["a/1.JPG", 0],
      ["a/2.JPEG", 0],
      ["a/3.WEBP", 0],
      ["a/4.TIF", 0],
      ["a/more/5.Gif", 0],
      ["b/1.PNG", 1],
    ]);
    expect((await load()).split).toMatchObject({ train: 4 });
  });
  it("what is left out is said, with the reason", async () => {
    await classes("set", ["cat", "dog"]);
    await pictures("set/stray.png");
    await put(root, "set/docs/readme.txt", "x");
    await put(root, "set/birds/1.bmp", "x");
    await put(root, "set/cat/2.HEIC", "x");
    const { notes, classes: names } = await load();
    expect(names).toEqual(["cat", "dog"]);
    expect(notes).toHaveLength(4);
    const all = notes.join("\n");
    expect(all).toMatch(/1 picture beside the folders of classes not used \(stray\.png\)/);
    expect(all).toMatch(/docs: no pictures in it/);
    expect(all).toMatch(/birds: 1 file not used, of kinds that are not read \(\.bmp;/);
    expect(all).toMatch(/cat: 1 file not used, of kinds that are not read \(\.heic;/);
    await rm(join(root, "set/cat"), { recursive: true });
    await rm(join(root, "set/dog"), { recursive: true });
    await rm(join(root, "set/stray.png"));
    await expectDataError(() => load(), /no pictures .*birds: 1 file not used, of kinds/);
  });
});

describe("links", () => {
  it("to folders and files are followed", async () => {
    await classes("elsewhere", ["cats"]);
    await classes("set", ["dog"]);
    symlinkSync(join(root, "elsewhere/cats"), join(root, "set/cat"));
    symlinkSync(join(root, "elsewhere/cats/1.png"), join(root, "set/dog/linked.png"));
    const set = await load();
    expect(set.classes).toEqual(["cat", "dog"]);
    expect(set.split.train + set.split.validation + set.split.test).toBe(5);
  });
  it("that lead back are followed once, and it is said", async () => {
    await classes("set", ["cat", "dog"]);
    symlinkSync("..", join(root, "set/cat/up"));
    symlinkSync(".", join(root, "set/self"));
    symlinkSync("cat", join(root, "set/twin"));
    const { notes, classes: names, split } = await load();
    expect(names).toEqual(["cat", "dog"]);
    expect(split.train + split.validation + split.test).toBe(4);
    expect(notes.map((note) => note.replaceAll(root, ""))).toEqual([
      "/set/cat/up leads to /set, which was read already: not read again",
      "/set/self leads to /set, which was read already: not read again",
      "/set/twin leads to /set/cat, which was read already: not read again",
    ]);
  });
  it("that are broken or go round in circles are named, all at once", async () => {
    await classes("set", ["cat", "dog"]);
    symlinkSync("nowhere", join(root, "set/bird"));
    symlinkSync("nothing.png", join(root, "set/cat/lost.png"));
    symlinkSync("b.png", join(root, "set/dog/a.png"));
    symlinkSync("a.png", join(root, "set/dog/b.png"));
    await expectDataError(
      () => load(),
      /4 files cannot be used:.*bird: a link to what is not there.*lost\.png: a link to what is not there.*a\.png: a link that leads back to itself.*replace or remove/s,
    );
  });
});

describe("train, val and test", () => {
  const sizes = async () => {
    const { train, validation, test } = (await load()).split;
    return [train, validation, test];
  };
  it.each<[string, string[], number[]]>([
    ["all three", ["Train", "VAL", "test"], [10, 10, 10]],
    ["valid", ["train", "valid", "Test"], [10, 10, 10]],
    ["validation", ["TRAIN", "Validation", "TEST"], [10, 10, 10]],
    ["train and test", ["Train", "TEST"], [9, 1, 10]],
    ["train and val", ["train", "val"], [9, 10, 1]],
    ["train alone", ["Train"], [8, 1, 1]],
  ])("%s", async (_, folders, expected) => {
    for (const folder of folders) await classes(`set/${folder}`, ["a", "b"], 5);
    expect(await sizes()).toEqual(expected);
    expect((await load()).classes).toEqual(["a", "b"]);
  });
  it("rows are those of their folders", async () => {
    const shade = async (folder: string, value: number) => {
      for (const name of ["a", "b"])
        for (let i = 0; i < 3; i++) {
          const path = join(root, "set", folder, name, `${i}.png`);
          await mkdir(dirname(path), { recursive: true });
          const background = { r: value, g: value, b: value };
          await sharp({ create: { width: 8, height: 8, channels: 3, background } }).toFile(path);
        }
    };
    await shade("train", 10);
    await shade("val", 20);
    await shade("test", 30);
    const { splits } = await load({ scaling: "unit" });
    for (const [split, value] of [
      [splits.train, 10],
      [splits.validation, 20],
      [splits.test, 30],
    ] as const) {
      expect([...split.y!].sort()).toEqual([0, 0, 0, 1, 1, 1]);
      for (let i = 0; i < 6; i++) expect(split.x([i]).data[0]).toBe(Math.fround(value / 255));
    }
  });
  it("train is a class among other classes", async () => {
    await classes("set", ["train", "car", "plane"], 2);
    expect((await load()).classes).toEqual(["car", "plane", "train"]);
    await classes("split/train", ["a", "b"]);
    await classes("split", ["extra"]);
    await pictures("split/stray.png");
    expect(partsOf(join(root, "split"))).toMatchObject({
      test: null,
      notes: [/extra, stray\.png beside train not used/].map((m) => expect.stringMatching(m)),
    });
  });
  it("a part that is a broken link is named", async () => {
    await classes("set/train", ["a", "b"]);
    symlinkSync("nowhere", join(root, "set/test"));
    await expectDataError(() => load(), /set\/test: a link to what is not there/);
  });
  it("classes that differ are named, with both sides", async () => {
    await classes("set/train", ["Cat", "dog", "emu"]);
    await classes("set/test", ["cat", "dogs", "emu"]);
    await expectDataError(
      () => load(),
      /test: classes "cat", "dogs" are not one of Cat, dog, emu, of which "Cat", "dog" are not here/,
    );
    await rm(join(root, "set/test"), { recursive: true });
    await classes("set/test", ["emu"]);
    expect((await load()).notes).toEqual([expect.stringMatching(/test: no pictures of "Cat", "dog"$/)]);
  });
  it("says what cannot be", async () => {
    await classes("set/test", ["a"]);
    await expectDataError(() => load(), /it has test and no train/);
    expect(testPart(join(root, "set"))).toBe(join(root, "set/test"));
    await classes("set/train", ["a"]);
    await classes("set/Training", ["a"]);
    await expectDataError(() => load(), /Training and train could be the same part/);
    await rm(join(root, "set/Training"), { recursive: true });
    await rm(join(root, "set/test"), { recursive: true });
    await pictures("set/test/1.png");
    await expectDataError(
      () => load(),
      /one of train and test has folders of classes, the other has none; .*--image-folder/,
    );
  });
});

describe("files that cannot be used", () => {
  it("are named all at once, up to 20", async () => {
    await classes("set", ["a", "b"]);
    await put(root, "set/a/empty.png", "");
    await put(root, "set/b/text.jpg", "no picture");
    await put(root, "set/b/cut.png", png.subarray(0, png.length / 2));
    mkdirSync(join(root, "set/b/folder.png"));
    await expectDataError(
      () => load(),
      /set: 3 files cannot be used:\n.*a\/empty\.png: empty: it has 0 bytes;\n.*cut\.png: truncated, or no picture.*\n.*text\.jpg: truncated/,
    );
    for (let i = 0; i < 30; i++) await put(root, `set/a/bad${i}.png`, "");
    await expectDataError(() => load(), /33 files cannot be used:(\n[^\n]*){20}\nand 13 more; replace or remove them$/);
  });
  it("are found among good ones, which are decoded", async () => {
    await classes("set", ["a"], 3);
    await put(root, "set/a/1.png", "no picture");
    const { pictures: all } = allPictures(join(root, "set"));
    const { pixels, bad } = await decodePictures(all, 4, 3);
    expect([...bad.keys()]).toEqual([1]);
    expect([...pixels.subarray(0, 16)]).toEqual(Array(16).fill(RED.r));
    expect([...pixels.subarray(48, 96)]).toEqual(Array(48).fill(0));
    expect([...pixels.subarray(96, 112)]).toEqual(Array(16).fill(RED.r));
  });
});

describe("kinds of pictures", () => {
  const decode = async (bytes: Buffer, channels: 1 | 3 = 3) => {
    await writeFile(join(root, "x.png"), bytes);
    const { pixels, bad } = await decodePictures([{ path: join(root, "x.png"), label: -1 }], 8, channels);
    expect([...bad.values()]).toEqual([]);
    return Array.from({ length: channels }, (_, c) => pixels[64 * c + 27]!);
  };
  const grey = (channels: 2 | 1) =>
    sharp(Buffer.from(Array.from({ length: 64 * channels }, (_, i) => (i % channels === 0 ? 120 : 255))), {
      raw: { width: 8, height: 8, channels },
    });
  const frames = Buffer.concat([Buffer.alloc(192, 100), Buffer.alloc(192, 255)]);
  const animated = () => sharp(frames, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } });

  it.each<[string, () => Promise<Buffer>, number[], number]>([
    ["16-bit PNG", () => red().toColourspace("rgb16").png().toBuffer(), [200, 40, 60], 1],
    ["16-bit TIFF", () => red().toColourspace("rgb16").tiff().toBuffer(), [200, 40, 60], 1],
    // CMYK to sRGB goes through a colour profile.
    ["CMYK JPEG", () => red().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer(), [200, 40, 60], 25],
    ["palette", () => red().png({ palette: true }).toBuffer(), [200, 40, 60], 1],
    ["grey", () => grey(1).toColourspace("b-w").png().toBuffer(), [120, 120, 120], 1],
    ["grey and alpha", () => grey(2).png().toBuffer(), [120, 120, 120], 1],
    ["animated GIF: the first frame", () => animated().gif().toBuffer(), [100, 100, 100], 1],
    ["animated WebP: the first frame", () => animated().webp({ lossless: true }).toBuffer(), [100, 100, 100], 1],
  ])("%s", async (_, make, expected, tolerance) => {
    const found = await decode(await make());
    for (const [c, value] of expected.entries()) expect(Math.abs(found[c]! - value)).toBeLessThanOrEqual(tolerance);
    const [luma] = await decode(await make(), 1);
    expect(luma).toBeGreaterThan(90);
    expect(luma).toBeLessThan(125);
  });
  it("is turned as EXIF says", async () => {
    const raw = Buffer.alloc(8 * 8 * 3);
    for (let i = 0; i < 64; i++) raw[3 * i] = i % 8 < 4 ? 255 : 0; // red on the left
    const jpeg = (orientation: number) =>
      sharp(raw, { raw: { width: 8, height: 8, channels: 3 } })
        .withMetadata({ orientation })
        .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
        .toBuffer();
    for (const [orientation, places] of [
      [1, [0, 56]],
      [3, [7, 63]],
      [6, [0, 7]], // turned right: red on top
      [8, [56, 63]],
    ] as const) {
      await writeFile(join(root, "x.jpg"), await jpeg(orientation));
      const { pixels } = await decodePictures([{ path: join(root, "x.jpg"), label: -1 }], 8, 3);
      for (const corner of [0, 7, 56, 63])
        expect(pixels[corner]! > 128, `orientation ${orientation}, corner ${corner}`).toBe(
          (places as readonly number[]).includes(corner),
        );
    }
  });
});
