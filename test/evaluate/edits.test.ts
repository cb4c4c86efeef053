/** Pictures that are filled in and denoised: masks, what may be given, and models whose answer is known. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { vera } from "../../src/cli/vera.js";
import { encodeNpy, parseNpy } from "../../src/data/formats/npy.js";
import { generator, networkEnergy } from "../../src/ebm/index.js";
import { denoise } from "../../src/evaluate/samples/denoise.js";
import { fillIn } from "../../src/evaluate/samples/fill.js";
import { maskOf } from "../../src/evaluate/samples/masks.js";
import { Refiner } from "../../src/evaluate/samples/refine.js";
import { mul, reshape, square, sum, type Tensor } from "../../src/graph/index.js";
import { linear, stateless } from "../../src/nn/index.js";
import { resolveConfig, type TrainedRun } from "../../src/runs/index.js";
import { array, NdArray, Rng } from "../../src/runtime/index.js";
import { trainBriefly } from "../export/runs.js";
import { linearRun } from "../runs/linear-run.js";

let folder: string;
let digits: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-edits-"));
  digits = await trainBriefly(join(folder, "digits"), { dataset: "digits", jem: true, noiseDim: 4 });
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

async function cli(...argv: string[]) {
  let [out, err] = ["", ""];
  const terminal = { out: { write: (t: string) => (out += t) }, err: { write: (t: string) => (err += t) } };
  const code = await vera(argv, terminal);
  return { code, out, err };
}

/** A grey picture of these bytes, as a file. */
async function picture(name: string, width: number, height: number, at: (i: number) => number): Promise<string> {
  const path = join(folder, name);
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => at(i));
  await writeFile(
    path,
    await sharp(pixels, { raw: { width, height, channels: 1 } })
      .png()
      .toBuffer(),
  );
  return path;
}

async function saved(name: string, x: NdArray): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, encodeNpy(x));
  return path;
}
const read = async (...path: string[]) => {
  const file = join(folder, ...path);
  const { values, shape } = parseNpy(await readFile(file), file);
  return new NdArray(Float32Array.from(values), shape);
};
const uniform = (...shape: number[]) => new Rng(7).uniform(shape, -1, 1);

describe("masks", () => {
  const rows = async (text: string, height = 4, width = 4) => {
    const mask = await maskOf(text, height, width);
    return Array.from({ length: height }, (_, i) => mask.subarray(i * width, (i + 1) * width).join(""));
  };

  test("halves, the centre, rectangles", async () => {
    expect(await rows("left")).toEqual(["1100", "1100", "1100", "1100"]);
    expect(await rows("right", 2, 3)).toEqual(["011", "011"]); // the odd column is hidden
    expect(await rows("top")).toEqual(["1111", "1111", "0000", "0000"]);
    expect(await rows("bottom", 3, 2)).toEqual(["00", "11", "11"]);
    expect(await rows("centre")).toEqual(["0000", "0110", "0110", "0000"]);
    expect(await rows("1,0,3,2")).toEqual(["0111", "0111", "0000", "0000"]);
  });

  test("left and right, and top and bottom, are each other's rest", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 2, max: 20 }), async (h, w) => {
        for (const [a, b] of [
          ["left", "right"],
          ["top", "bottom"],
        ] as const) {
          const [one, other] = [await maskOf(a, h, w), await maskOf(b, h, w)];
          expect(one.every((m, i) => m + other[i]! === 1)).toBe(true);
        }
      }),
    );
  });

  test("a picture, white where it is to be filled in", async () => {
    const path = await picture("mask.png", 4, 2, (i) => (i < 3 ? 255 : i === 3 ? 127 : 0));
    expect(await rows(path, 2, 4)).toEqual(["1110", "0000"]);
  });

  test("what is no mask is refused with what is allowed", async () => {
    await expect(maskOf("0,0,4,4", 4, 4)).rejects.toThrow(/covers the whole picture/);
    for (const text of ["1,1,0,1", "1,1,4,1", "-1,0,2,2"])
      await expect(maskOf(text, 4, 4)).rejects.toThrow(/--mask .*within the model's 4×4 pixels/);
    await expect(maskOf("lower", 4, 4)).rejects.toThrow(/lower: no picture .*left, right, top, bottom, centre/);
    const grey = await picture("dark.png", 4, 4, () => 20);
    const white = await picture("white.png", 4, 4, () => 255);
    await expect(maskOf(grey, 4, 4)).rejects.toThrow(/nothing is white/);
    await expect(maskOf(white, 4, 4)).rejects.toThrow(/all is white/);
    await expect(maskOf(white, 8, 8)).rejects.toThrow(/the mask has 4×4 pixels, the model's pictures 8×8/);
  });
});

/** Pictures 4×4, f(x) = -curvature/2 ‖x‖², and, where it has a generator, g(z) = A z with two numbers z. */
const A = new Rng(3).normal([16, 2]);
function closedRun(curvature: number, hasGenerator: boolean): TrainedRun {
  const network = stateless(
    () => ({}),
    (_, x: Tensor) => mul(sum(square(reshape(x, [x.shape[0]!, 16])), 1, true), -curvature / 2),
  );
  const preprocessing = { kind: "image", scaling: "symmetric", max: 255, source: [1, 4, 4] } as const;
  const run = linearRun({ weight: [[0]], bias: [0], classes: null, preprocessing });
  const variables = { params: { g: { weight: A }, logsigma: array([Math.log(0.1)]) }, state: {} };
  const made = { model: generator(linear(2, 16, { bias: false }), 2, [1, 4, 4]), variables };
  return {
    ...run,
    config: resolveConfig({ flags: { dataset: "digits" } }),
    info: { ...run.info, data: { ...run.info.data, shape: [1, 4, 4] } },
    model: networkEnergy(network, null),
    variables: { params: {}, state: {} },
    generator: hasGenerator ? made : null,
  };
}

describe("filling in", () => {
  test("finds what the generator has for the known pixels, which stay as they are", async () => {
    const z = [1.2, -0.7];
    const pixel = (i: number) => A.data[2 * i]! * z[0]! + A.data[2 * i + 1]! * z[1]!;
    const given = new NdArray(
      Float32Array.from({ length: 16 }, (_, i) => pixel(i)),
      [1, 1, 4, 4],
    );
    const mask = await maskOf("bottom", 4, 4);
    const options = { results: 8, steps: 300, rng: new Rng(1) };
    const { x, from, acceptance } = await fillIn(closedRun(0, true), given, mask, options);
    expect([from, x.shape]).toEqual(["generator", [8, 1, 4, 4]]);
    expect(acceptance).toBeGreaterThan(0.2);
    let error = 0;
    for (let i = 0; i < x.size; i++) {
      if (mask[i % 16] === 0) expect(x.data[i]).toBe(given.data[i % 16]);
      else error += (x.data[i]! - given.data[i % 16]!) ** 2 / (8 * 8);
    }
    // With s = 0.3 and eight known pixels, each standard normal in z, z is known to 0.1 or so in both numbers, and a pixel to 0.15; where
    // nothing is known, to 1.4.
    expect(Math.sqrt(error)).toBeLessThan(0.35);
  });

  test("without a generator the hidden pixels follow f, within their range", async () => {
    const given = new NdArray(new Float32Array(16).fill(0.9), [1, 1, 4, 4]);
    const mask = await maskOf("left", 4, 4);
    const options = { results: 20, steps: 300, rng: new Rng(1) };
    const { x, from } = await fillIn(closedRun(100, false), given, mask, options);
    expect(from).toBe("noise");
    const hidden = Array.from(x.data).filter((_, i) => mask[i % 16] === 1);
    expect(Array.from(x.data).filter((_, i) => mask[i % 16] === 0)).toEqual(Array(160).fill(given.data[0]));
    // Normal with deviation 0.1: uniform noise has 0.58.
    const deviation = Math.sqrt(hidden.reduce((total, v) => total + v * v, 0) / hidden.length);
    expect(deviation).toBeGreaterThan(0.05);
    expect(deviation).toBeLessThan(0.2);
  });

  test("the same seed, the same pictures", async () => {
    const mask = await maskOf("centre", 4, 4);
    const once = (seed: number) =>
      fillIn(closedRun(1, true), uniform(2, 1, 4, 4), mask, { results: 2, steps: 9, rng: new Rng(seed) });
    const [a, b, c] = [await once(1), await once(1), await once(2)];
    expect(a).toEqual(b);
    expect(a.x).not.toEqual(c.x);
  });
});

test("denoising climbs f, and adds little noise of its own", async () => {
  const given = uniform(20, 1, 4, 4);
  const { x } = await denoise(closedRun(1, false), given, { steps: 100, rng: new Rng(1) });
  const rms = (of: NdArray) => Math.sqrt(Array.from(of.data).reduce((total, v) => total + v * v, 0) / of.size);
  // At temperature 1 the chains would end at a deviation of 1, clipped to 0.8; at 0.001 it is 0.03.
  expect(rms(given)).toBeGreaterThan(0.5);
  expect(rms(x)).toBeLessThan(0.25);
});

test("refined samples are shown without the generator's noise", async () => {
  const refiner = new Refiner(closedRun(1, true));
  const rng = new Rng(2);
  const { x, positions } = await refiner.refine(refiner.start(5, rng), { steps: 4, rng });
  const means = Array.from({ length: 5 * 16 }, (_, i) => {
    const z = positions.data.subarray(Math.floor(i / 16) * 18, Math.floor(i / 16) * 18 + 2);
    return A.data[2 * (i % 16)]! * z[0]! + A.data[2 * (i % 16) + 1]! * z[1]!;
  });
  for (const [i, mean] of means.entries()) expect(x.data[i]).toBeCloseTo(mean, 5);
  await refiner.release();
});

describe("vera sample --from", () => {
  test("fills in an array: known pixels exactly, as many results as asked for", async () => {
    const from = await saved("given.npy", uniform(3, 1, 8, 8));
    const argv = ["sample", digits, "--from", from, "--mask", "0,0,8,3", "--results", "2", "--steps", "9"];
    const { code, out } = await cli(...argv, "--out", join(folder, "filled"));
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^3 pictures filled in, 2 times each by 9 transitions, acc/),
    ]);
    expect(await readdir(join(folder, "filled"))).toEqual(["filled.json", "filled.npy", "filled.png"]);
    const [x, given] = [await read("filled", "filled.npy"), await read("given.npy")];
    expect(x.shape).toEqual([3, 2, 1, 8, 8]);
    for (let i = 0; i < x.size; i++)
      if (i % 64 >= 24) expect(x.data[i]).toBe(given.data[Math.floor(i / 128) * 64 + (i % 64)]);
    expect(JSON.parse(await readFile(join(folder, "filled", "filled.json"), "utf8"))).toMatchObject({
      ...{ pictures: 3, results: 2, steps: 9, started: "generator", mask: "0,0,8,3" },
    });
    await cli(...argv, "--out", join(folder, "again"));
    expect(await read("again", "filled.npy")).toEqual(x);
    await cli(...argv, "--seed", "1", "--out", join(folder, "other"));
    expect(await read("other", "filled.npy")).not.toEqual(x);
  });

  test("denoises a folder of pictures, and says what it took away", async () => {
    await mkdir(join(folder, "pictures"));
    for (const i of [0, 1]) await picture(`pictures/${i}.png`, 8, 8, (p) => (37 * p + i) % 256);
    const { code, out } = await cli(
      "sample",
      digits,
      "--from",
      join(folder, "pictures"),
      "--out",
      join(folder, "clean"),
    );
    expect([code, out]).toEqual([0, expect.stringMatching(/^2 pictures denoised by 100 transitions/)]);
    expect(await readdir(join(folder, "clean"))).toEqual([
      ...["denoised.json", "denoised.npy", "denoised.png", "difference.npy"],
    ]);
    const [x, difference] = [await read("clean", "denoised.npy"), await read("clean", "difference.npy")];
    expect(x.shape).toEqual([2, 1, 8, 8]);
    x.data.forEach((v, i) => {
      const byte = ((37 * (i % 64) + Math.floor(i / 64)) % 256) / 127.5 - 1;
      expect(v + difference.data[i]!).toBeCloseTo(byte, 5);
    });
    const { before, after } = JSON.parse(await readFile(join(folder, "clean", "denoised.json"), "utf8"));
    expect(after).toBeGreaterThan(before);
  });

  test("what cannot be is refused in one line", async () => {
    const given = await saved("some.npy", uniform(2, 1, 8, 8));
    const colour = await saved("colour.npy", uniform(2, 3, 8, 8));
    const large = await saved("large.npy", uniform(1, 1, 16, 16));
    const bytes = await saved("bytes.npy", new NdArray(new Float32Array(64).fill(255), [1, 1, 8, 8]));
    const mask = await picture("half.png", 16, 16, (i) => (i < 128 ? 255 : 0));
    const table = await trainBriefly(join(folder, "plane"), { dataset: "moons" });
    const cases: readonly (readonly [argv: readonly string[], code: number, message: RegExp])[] = [
      [[digits, "--mask", "left"], 2, /name them with --from/],
      [[digits, "--from", given, "--class", "3"], 2, /--class .*leave out one/],
      [[digits, "--from", given, "--quality"], 2, /--quality .*leave out one/],
      [[digits, "--from", given, "--steps", "0"], 2, /nothing is denoised/],
      [[digits, "--from", given, "--mask", "0,0,9,9"], 2, /--mask 0,0,9,9: .*8×8 pixels/],
      [[digits, "--from", given, "--mask", mask], 1, /half\.png: the mask has 16×16 pixels, the model's pictures 8×8/],
      [[digits, "--from", colour], 1, /colour\.npy: numbers of shape \[2,3,8,8\], .*\[N, 1,8,8\]/],
      [[digits, "--from", large], 1, /large\.npy: numbers of shape/],
      [[digits, "--from", bytes], 1, /bytes\.npy: holds 255, where the model takes -1 for black and 1 for white/],
      [[digits, "--from", join(folder, "none.npy")], 1, /none\.npy: cannot be read/],
      [[table, "--from", given], 2, /--from takes pictures, and the model takes/],
    ];
    for (const [argv, code, message] of cases) {
      const { code: got, err } = await cli("sample", ...argv, "--out", join(folder, "refused"));
      expect([argv, got, err]).toEqual([argv, code, expect.stringMatching(message)]);
      expect(err.trim().split("\n").at(-1)).toMatch(/^vera: /);
    }
  });
});
