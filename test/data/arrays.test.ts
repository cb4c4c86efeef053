/** What runs in a web page: densities, scaling, resizing, augmentation, splits, batches. */
import { readFileSync } from "node:fs";
import { build } from "esbuild";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  allRows,
  augment,
  type Batches,
  brightness,
  CROP,
  CROP_AND_FLIP,
  CROP_AND_FLIP_STRONG,
  FloatSplit,
  FreshBatches,
  fingerprint,
  inOrder,
  labelledSubset,
  PixelArray,
  PixelSplit,
  partition,
  pixelRange,
  resizeImages,
  SCALINGS,
  ShuffledBatches,
  sampleToy,
  scalePixels,
  shownRange,
  stackedDigits,
  stackedLabel,
  TOY_NAMES,
  type ToyName,
  toyDataset,
  WRITTEN,
} from "../../src/data/web.js";
import { Rng } from "../../src/runtime/random.js";

describe("toy densities", () => {
  const points = (name: ToyName, n = 20_000) => {
    const { data } = sampleToy(name, n, new Rng(7));
    return Array.from({ length: n }, (_, i) => [data[2 * i]!, data[2 * i + 1]!] as const);
  };
  const radius = ([x, y]: readonly [number, number]) => Math.hypot(x, y);
  const mean = (v: readonly number[]) => v.reduce((a, b) => a + b, 0) / v.length;

  it("has eight, repeatable by seed", () => {
    expect(TOY_NAMES.length).toBe(8);
    for (const name of TOY_NAMES) {
      expect(sampleToy(name, 50, new Rng(1))).toEqual(sampleToy(name, 50, new Rng(1)));
      expect(sampleToy(name, 50, new Rng(1))).not.toEqual(sampleToy(name, 50, new Rng(2)));
      expect(points(name).flat().every(Number.isFinite)).toBe(true);
    }
  });
  // Tolerances: 5 standard errors of the quantity over 20,000 points, rounded up.
  it("moons: mean (0, 0.3), two halves", () => {
    const p = points("moons");
    expect(Math.abs(mean(p.map(([x]) => x)))).toBeLessThan(0.08);
    expect(Math.abs(mean(p.map(([, y]) => y)) - 0.3)).toBeLessThan(0.06);
    const centres = [
      [-1, -0.2],
      [1, 0.8],
    ] as const;
    const offset = p.map(([x, y]) => Math.min(...centres.map(([a, b]) => Math.abs(radius([x - a, y - b]) - 2))));
    expect(Math.max(...offset)).toBeLessThan(1.2);
  });
  it("circles and rings: the right radii, equally often", () => {
    for (const [name, radii, noise] of [
      ["circles", [1.5, 3], 0.24],
      ["rings", [0.75, 1.5, 2.25, 3], 0.08],
    ] as const) {
      const r = points(name).map(radius);
      const nearest = r.map((v) => radii.reduce((a, b, i) => (Math.abs(v - b) < Math.abs(v - radii[a]!) ? i : a), 0));
      for (let i = 0; i < radii.length; i++) {
        const share = nearest.filter((k) => k === i).length / r.length;
        expect(Math.abs(share - 1 / radii.length)).toBeLessThan(0.02);
      }
      const residual = r.map((v, i) => v - radii[nearest[i]!]!);
      expect(Math.abs(Math.sqrt(mean(residual.map((v) => v * v))) - noise)).toBeLessThan(0.02);
    }
  });
  it("8gaussians: eight equal clusters of deviation 0.5/√2 at radius 4/√2", () => {
    const p = points("8gaussians");
    const sector = p.map(([x, y]) => ((Math.round(Math.atan2(y, x) / (Math.PI / 4)) % 8) + 8) % 8);
    for (let k = 0; k < 8; k++) {
      const cluster = p.filter((_, i) => sector[i] === k);
      expect(Math.abs(cluster.length / p.length - 1 / 8)).toBeLessThan(0.012);
      const centre = [
        Math.cos((k * Math.PI) / 4) * 2 * Math.SQRT2,
        Math.sin((k * Math.PI) / 4) * 2 * Math.SQRT2,
      ] as const;
      expect(Math.abs(mean(cluster.map(([x]) => x)) - centre[0])).toBeLessThan(0.05);
      expect(Math.abs(mean(cluster.map(([, y]) => y)) - centre[1])).toBeLessThan(0.05);
      const squares = mean(cluster.map(([x, y]) => (x - centre[0]) ** 2 + (y - centre[1]) ** 2));
      expect(Math.abs(squares - 2 * 0.125)).toBeLessThan(0.03);
    }
  });
  it("checkerboard: only dark squares, equally often", () => {
    const squares = new Map<string, number>();
    for (const [x, y] of points("checkerboard")) {
      const [i, j] = [Math.floor(x / 2), Math.floor(y / 2)];
      expect((((i + j) % 2) + 2) % 2).toBe(0);
      squares.set(`${i},${j}`, (squares.get(`${i},${j}`) ?? 0) + 1);
    }
    expect(squares.size).toBe(8);
    for (const count of squares.values()) expect(Math.abs(count / 20_000 - 1 / 8)).toBeLessThan(0.012);
  });
  it("pinwheel: mean square radius 4 (1 + 0.09 + 0.01), fivefold", () => {
    const p = points("pinwheel");
    expect(Math.abs(mean(p.map((q) => radius(q) ** 2)) - 4.4)).toBeLessThan(0.1);
    // Rotating by a fifth of a turn leaves the density as it is; its fifth circular moment is what does not vanish.
    const moment = (k: number) =>
      Math.hypot(
        mean(p.map(([x, y]) => Math.cos(k * Math.atan2(y, x)))),
        mean(p.map(([x, y]) => Math.sin(k * Math.atan2(y, x)))),
      );
    for (const k of [1, 2, 3, 4]) expect(moment(k)).toBeLessThan(0.03);
    expect(moment(5)).toBeGreaterThan(0.1);
  });
  it("2spirals and swissroll: the radius grows with the angle", () => {
    const p = points("2spirals");
    expect(Math.abs(mean(p.map(([x]) => x)))).toBeLessThan(0.07);
    // E t² of t = 3π √u is (3π)²/2; jitter of [0, ½]² adds 2/12·½² and its mean, noise 2·0.1²: 4.95 ± 0.15 together.
    expect(Math.abs(mean(p.map((q) => radius(q) ** 2)) - 4.95)).toBeLessThan(0.25);
    const roll = points("swissroll").map(radius);
    // E t² of t uniform on [1.5π, 4.5π] is 13/4 · (1.5π)² · 4/3.
    const expected = ((13 / 3) * (1.5 * Math.PI) ** 2 + 2) / 25;
    expect(Math.abs(mean(roll.map((r) => r * r)) - expected)).toBeLessThan(0.1);
  });
  it("as data sets: fresh samples, fixed splits", async () => {
    const set = await toyDataset("moons");
    expect(set.fingerprint).toBe((await toyDataset("moons")).fingerprint);
    expect(set.fingerprint).not.toBe((await toyDataset("circles")).fingerprint);
    expect(set.sample!(5, new Rng(3)).shape).toEqual([5, 2]);
    expect(set.splits.test.size).toBe(set.split.test);
  });
});

describe("scaling", () => {
  const pixels = Uint8Array.from([0, 1, 127, 254, 255]);
  it("maps bytes to the interval named", () => {
    expect([...scalePixels(pixels, 255, "unit")]).toEqual([...pixels].map((v) => Math.fround(v / 255)));
    expect([...scalePixels(Uint8Array.from([0, 8, 16]), 16, "symmetric")]).toEqual([-1, 0, 1]);
    const logit = scalePixels(pixels, 255, "logit");
    expect(logit[0]).toBeCloseTo(Math.log(0.001 / 0.999), 5);
    expect(logit[2]).toBeCloseTo(Math.log(127 / 128), 5);
  });
  it("comes back to the brightness, within float and the logit's edge", () => {
    const all = allRows(256);
    for (const scaling of SCALINGS) {
      const back = brightness(scalePixels(Uint8Array.from(all), 255, scaling), scaling);
      for (const v of all) expect(Math.abs(back[v]! - v / 255)).toBeLessThan(scaling === "logit" ? 1.1e-3 : 1e-6);
    }
  });
  it("stays within the range of pixels, and reaches its ends; figures show no more", () => {
    for (const scaling of SCALINGS) {
      const scaled = scalePixels(Uint8Array.from(allRows(256)), 255, scaling);
      const [black, white] = pixelRange(scaling);
      expect(Math.min(...scaled)).toBeCloseTo(black, 5);
      expect(Math.max(...scaled)).toBeCloseTo(white, 5);
      const [darkest, lightest] = shownRange(scaling);
      expect(darkest).toBeGreaterThanOrEqual(black);
      expect(lightest).toBeLessThanOrEqual(white);
    }
  });
  it("dequantises logits by one grey level of noise, and only with a generator", () => {
    const grey = new Uint8Array(20_000).fill(100);
    const p = brightness(scalePixels(grey, 255, "logit", new Rng(1)), "logit").map((v) => (v - 100 / 255) * 256);
    expect(Math.max(...p)).toBeLessThan(0.5001);
    expect(Math.min(...p)).toBeGreaterThan(-0.5001);
    expect(Math.abs(p.reduce((a, b) => a + b * b, 0) / p.length - 1 / 12)).toBeLessThan(0.003);
    expect(new Set(scalePixels(grey, 255, "logit")).size).toBe(1);
  });
});

describe("resizing", () => {
  it("equals PyTorch's antialiased bilinear interpolation, up to rounding", () => {
    const golden = JSON.parse(readFileSync(new URL("resize.json", import.meta.url), "utf8")) as {
      input: number[];
      outputs: Record<string, number[]>;
    };
    for (const [size, expected] of Object.entries(golden.outputs)) {
      const out = resizeImages(Uint8Array.from(golden.input), [3, 7, 5], Number(size));
      expect(out.length).toBe(expected.length);
      // Half a grey level of rounding; the fixture has three decimals.
      out.forEach((v, i) => {
        expect(Math.abs(v - expected[i]!)).toBeLessThan(0.502);
      });
    }
  });
  it("keeps constant images and can stretch their range", () => {
    expect([...resizeImages(new Uint8Array(64).fill(16), [1, 8, 8], 3, 255 / 16)]).toEqual(Array(9).fill(255));
  });
});

describe("augmentation", () => {
  const shape = [2, 6, 5] as const;
  const image = Uint8Array.from({ length: 60 }, (_, i) => i);

  it("each image is a shift, and perhaps a mirror image, of the padded original", () => {
    const mirror = (i: number, n: number) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i);
    const shifted = (dy: number, dx: number, flip: boolean) =>
      Array.from(image, (_, i) => {
        const [c, y, x] = [Math.floor(i / 30), Math.floor(i / 5) % 6, i % 5];
        return image[c * 30 + mirror(y + dy, 6) * 5 + mirror((flip ? 4 - x : x) + dx, 5)]!;
      }).join();
    const possible = new Map<string, string>();
    for (let dy = -2; dy <= 2; dy++)
      for (let dx = -2; dx <= 2; dx++)
        for (const flip of [false, true]) possible.set(shifted(dy, dx, flip), `${dy},${dx},${flip}`);
    const copies = 2000;
    const batch = new Uint8Array(60 * copies);
    for (let i = 0; i < copies; i++) batch.set(image, 60 * i);
    const out = augment(batch, shape, { pad: 2, flip: true }, new Rng(3));
    const seen = new Set<string>();
    for (let i = 0; i < copies; i++) {
      const key = possible.get(out.subarray(60 * i, 60 * (i + 1)).join());
      expect(key).toBeDefined();
      seen.add(key!);
    }
    // Shifts by the whole border are symmetric: of 5 × 5 × 2 ways, 40 differ.
    expect(possible.size).toBe(40);
    expect(seen.size).toBe(40);
    expect(batch.subarray(0, 60)).toEqual(image);
  });
  it("works alike on floats, is seeded, and never flips where it should not", () => {
    const pixels = Uint8Array.from({ length: 3072 * 8 }, (_, i) => (i * 31) % 251);
    const one = augment(pixels, [3, 32, 32], CROP_AND_FLIP, new Rng(5));
    const two = augment(Float32Array.from(pixels), [3, 32, 32], CROP_AND_FLIP, new Rng(5));
    expect([...two]).toEqual([...one]);
    const ramp = Uint8Array.from({ length: 100 * 64 }, (_, i) => (i % 64) * 2);
    const out = augment(ramp, [1, 1 + 7, 8], { ...CROP, pad: 1 }, new Rng(5));
    for (let i = 0; i < out.length; i += 64) expect(out[i + 3]! - out[i + 2]!).toBe(2);
    expect(() => augment(ramp, [1, 8, 8], { pad: 8, flip: false }, new Rng(1))).toThrow(RangeError);
  });
  it("maps a plane to a plane: brightness stays linear in the place, and all channels move alike", () => {
    const side = 16;
    const plane = (c: number) =>
      Array.from({ length: side * side }, (_, i) => 100 + c + 3 * (i % side) - 2 * Math.floor(i / side));
    const image = Float32Array.from([...plane(0), ...plane(1)]);
    const seen = new Set<string>();
    const rng = new Rng(7);
    for (let k = 0; k < 20; k++) {
      const out = augment(image, [2, side, side], { pad: 0, flip: false, warp: { shift: 0.1, bend: 0.1 } }, rng);
      const at = (c: number, y: number, x: number) => out[(c * side + y) * side + x]!;
      // About the centre, where nothing comes from outside, second differences vanish but for the rounding of 32-bit floats.
      for (let y = 5; y < 11; y++)
        for (let x = 5; x < 11; x++) {
          expect(Math.abs(at(0, y, x - 1) - 2 * at(0, y, x) + at(0, y, x + 1))).toBeLessThan(1e-4);
          expect(at(1, y, x) - at(0, y, x)).toBeCloseTo(1, 4);
        }
      const right = at(0, 8, 9) - at(0, 8, 8);
      // d/dx = 3 (1 + a) - 2 b with |a|, |b| ≤ 0.1.
      expect(right).toBeGreaterThan(2.5 - 1e-4);
      expect(right).toBeLessThan(3.5 + 1e-4);
      seen.add(right.toFixed(4));
    }
    expect(seen.size).toBeGreaterThan(15);
  });
  it("recolours within its bounds, grey stays grey, and a hole is a square of the mean", () => {
    const [size, n] = [3 * 256, 40];
    const grey = new Uint8Array(n * size).fill(100);
    const coloured = augment(grey, [3, 16, 16], { pad: 0, flip: false, colour: 0.5 }, new Rng(2));
    const shades = Array.from({ length: n }, (_, i) => new Set(coloured.subarray(i * size, (i + 1) * size)));
    expect(shades.every((s) => s.size === 1)).toBe(true); // of one brightness everywhere, in all channels
    const levels = shades.map((s) => [...s][0]!);
    expect(Math.min(...levels)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...levels)).toBeLessThanOrEqual(150);
    expect(new Set(levels).size).toBeGreaterThan(20);
    const bright = new Uint8Array(n * size).map((_, i) => (i % 2) * 255);
    const cut = augment(bright, [3, 16, 16], { pad: 0, flip: false, colour: 0.9 }, new Rng(2));
    expect(cut.some((v, i) => v === 255 && i % 2 === 1)).toBe(true); // cut off, not wrapped
    expect(cut.every((v, i) => i % 2 === 1 || v <= cut[i + 1]!)).toBe(true);

    const holed = augment(bright, [3, 16, 16], { pad: 0, flip: false, hole: 0.5 }, new Rng(3));
    for (let i = 0; i < n; i++) {
      const changed = Array.from({ length: 256 }, (_, k) => k).filter((k) => holed[i * size + k] === 128);
      const side = (of: (k: number) => number) => new Set(changed.map(of)).size;
      const [rows, columns] = [side((k) => Math.floor(k / 16)), side((k) => k % 16)];
      expect(changed.length).toBe(rows * columns);
      expect(Math.min(rows, columns)).toBeGreaterThanOrEqual(4); // half of a hole whose centre is at the border
      expect(Math.max(rows, columns)).toBeLessThanOrEqual(8);
    }
  });
  it("maps nothing where nothing may change, rounds bytes, and brings in black", () => {
    const pixels = Uint8Array.from({ length: 2 * 64 }, (_, i) => (i * 31) % 251);
    const still = { pad: 0, flip: false, warp: { shift: 0, bend: 0 } };
    expect(augment(pixels, [1, 8, 8], still, new Rng(1))).toEqual(pixels);
    const white = new Uint8Array(200 * 64).fill(200);
    const out = augment(white, [1, 8, 8], { pad: 0, flip: false, warp: { shift: 0.5, bend: 0 } }, new Rng(1));
    // Between white pixels lies white: 199.99 would be cut to 199.
    expect(out.filter((v) => v === 200).length).toBeGreaterThan(out.length / 4);
    expect(out.filter((v) => v === 199).length).toBeLessThan(out.length / 200);
    expect(out.filter((v) => v === 0).length).toBeGreaterThan(out.length / 8);
  });
});

describe("partition", () => {
  it("divides all rows, with every class in proportion", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer(),
        (classes, share, seed) => {
          const y = Int32Array.from(classes);
          const held = Math.floor(share * y.length);
          const parts = partition(y.length, y, [y.length - held, held], seed);
          expect(parts.map((p) => p.length)).toEqual([y.length - held, held]);
          expect([...parts[0]!, ...parts[1]!].sort((a, b) => a - b)).toEqual([...allRows(y.length)]);
          for (const c of new Set(classes)) {
            const total = classes.filter((v) => v === c).length;
            const got = parts[1]!.filter((i) => y[i] === c).length;
            // Within one row of each boundary, and the boundaries move with the other classes' jitter.
            expect(Math.abs(got - (total * held) / y.length)).toBeLessThanOrEqual(2);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
  it("depends on the seed alone", () => {
    const y = Int32Array.from({ length: 100 }, (_, i) => i % 3);
    expect(partition(100, y, [90, 10], 1)).toEqual(partition(100, y, [90, 10], 1));
    expect(partition(100, y, [90, 10], 1)).not.toEqual(partition(100, y, [90, 10], 2));
    expect(() => partition(10, null, [8, 3])).toThrow(RangeError);
  });
  it("chooses balanced labels", () => {
    const y = Int32Array.from({ length: 300 }, (_, i) => (i % 7 === 0 ? -1 : i % 3));
    const rows = labelledSubset(y, 3, 4, 9);
    expect(rows.length).toBe(12);
    for (let c = 0; c < 3; c++) expect([...rows].filter((i) => y[i] === c).length).toBe(4);
    expect(labelledSubset(y, 3, 4, 9)).toEqual(rows);
    expect(labelledSubset(Int32Array.of(0, 1, 0, -1, 0), 3, 2, 9).length).toBe(3); // two, one and none
  });
});

describe("splits and batches", () => {
  const values = Float32Array.from({ length: 22 }, (_, i) => i);
  const y = Int32Array.from({ length: 11 }, (_, i) => i % 2);
  const split = new FloatSplit(values, [2], allRows(11), y);
  const drawn = (b: Batches, n: number) => Array.from({ length: n }, () => [...b.next().x.data]);

  it("rows, subsets of subsets, and their labels", () => {
    const sub = split.subset([10, 4, 7]).subset([2, 0]);
    expect([...sub.x([0, 1]).data]).toEqual([14, 15, 20, 21]);
    expect([...sub.y!]).toEqual([1, 0]);
    expect(() => sub.x([2])).toThrow(RangeError);
  });
  it("visits each row once an epoch, in another order each time", () => {
    const b = new ShuffledBatches(split, { batchSize: 11, seed: 4 });
    const firsts = [b.next(), b.next()].map(({ x, y: labels }) => {
      x.shape.forEach((d, i) => {
        expect(d).toBe([11, 2][i]);
      });
      const rows = Array.from({ length: 11 }, (_, i) => x.data[2 * i]! / 2);
      expect([...labels!.data]).toEqual(rows.map((r) => r % 2));
      expect([...rows].sort((p, q) => p - q)).toEqual([...allRows(11)]);
      return rows;
    });
    expect(firsts[0]).not.toEqual(firsts[1]);
    expect(b.epoch).toBe(2);
  });
  it("drops the remainder of an epoch, or goes on into the next", () => {
    const drop = new ShuffledBatches(split, { batchSize: 4, seed: 4 });
    expect(drop.perEpoch).toBe(2);
    for (let i = 0; i < 2; i++) drop.next();
    expect(drop.epoch).toBe(1);
    const cycle = new ShuffledBatches(split.subset([3, 5, 8]), { batchSize: 7, seed: 4, remainder: "cycle" });
    const rows = [...cycle.next().x.data, ...cycle.next().x.data, ...cycle.next().x.data].filter((_, i) => i % 2 === 0);
    for (let at = 0; at < 21; at += 3) expect(rows.slice(at, at + 3).sort((p, q) => p - q)).toEqual([6, 10, 16]);
    expect(cycle.epoch).toBe(7);
    // A split smaller than a batch cycles, unless that is ruled out.
    const small = new ShuffledBatches(split, { batchSize: 12, seed: 1 });
    expect([small.perEpoch, small.next().x.shape[0], small.epoch]).toEqual([1, 12, 1]);
    expect(() => new ShuffledBatches(split, { batchSize: 12, seed: 1, remainder: "drop" })).toThrow(RangeError);
  });
  it("continues exactly from a state saved as JSON, wherever it was saved", () => {
    const images = new PixelArray(
      Uint8Array.from({ length: 20 * 48 }, (_, i) => (i * 37) % 256),
      [3, 4, 4],
      255,
    );
    const pixels = new PixelSplit(images, allRows(20), null, "logit");
    const streams = [
      () => new ShuffledBatches(split, { batchSize: 3, seed: 5 }),
      () => new ShuffledBatches(split, { batchSize: 7, seed: 5, remainder: "cycle" as const }),
      () => new ShuffledBatches(pixels, { batchSize: 6, seed: 5, augmentation: { pad: 2, flip: true } }),
      () => new ShuffledBatches(pixels, { batchSize: 6, seed: 5, augmentation: WRITTEN }),
      () => new ShuffledBatches(pixels, { batchSize: 6, seed: 5, strong: { ...CROP_AND_FLIP_STRONG, pad: 1 } }),
      () => new FreshBatches((n, rng) => sampleToy("moons", n, rng), 30, { batchSize: 8, seed: 5 }),
    ];
    for (const make of streams) {
      for (let before = 0; before < 9; before++) {
        const one: Batches = make();
        drawn(one, before);
        const saved = JSON.parse(JSON.stringify(one.state));
        const two: Batches = make();
        drawn(two, 2);
        two.state = saved;
        expect(drawn(two, 7)).toEqual(drawn(one, 7));
        expect(two.state).toEqual(one.state);
      }
    }
  });
  it("reads a split in order, to the end", () => {
    const seen = [...inOrder(split, 4)];
    expect(seen.map((b) => b.x.shape[0])).toEqual([4, 4, 3]);
    expect(seen.flatMap((b) => [...b.x.data])).toEqual([...values]);
    expect(seen.flatMap((b) => [...b.y!.data])).toEqual([...y]);
  });
});

describe("the rest", () => {
  it("labels stacked digits in one order, first channel first", () => {
    expect(stackedLabel(1, 2, 3)).toBe(123);
    for (let label = 0; label < 1000; label++) expect(stackedLabel(...stackedDigits(label))).toBe(label);
  });
  it("fingerprints by content and division into parts", async () => {
    expect(await fingerprint(["a"])).toMatch(/^[0-9a-f]{64}$/);
    expect(await fingerprint(["ab"])).not.toBe(await fingerprint(["a", "b"]));
    expect(await fingerprint([Int32Array.of(1)])).toBe(await fingerprint([Uint8Array.of(1, 0, 0, 0)]));
  });
  it("has no Node in what web pages use", async () => {
    const bundle = await build({
      entryPoints: ["src/data/web.ts"],
      bundle: true,
      platform: "browser",
      format: "esm",
      write: false,
      logLevel: "silent",
    });
    expect(bundle.errors).toEqual([]);
    expect(bundle.outputFiles[0]!.text).not.toMatch(/from "node:/);
  });
});
