/** Outer negatives: what kinds of pictures they are, that they stay within black and white, and the term of the loss by hand. */
import { expect, test } from "vitest";
import * as ebm from "../../src/ebm/index.js";
import { randomField } from "../../src/ebm/objectives/random-field.js";
import { shape } from "../../src/ebm/objectives/random-shape.js";
import * as g from "../../src/graph/index.js";
import * as nn from "../../src/nn/index.js";
import { stateless, variable } from "../../src/nn/module.js";
import { compile, full, NdArray, Rng } from "../../src/runtime/index.js";

const event = [3, 16, 16];
const plane = 256;
type Noise = Record<"own" | "grey" | "other" | "added", NdArray>;
type Draw = (x: NdArray, noise: Noise) => Promise<NdArray>;

/** Many negatives of data that are all `x`. */
async function draw(x: NdArray, seed: number): Promise<{ negatives: NdArray; noise: Noise }> {
  const outer = ebm.outerNegatives({ event, range: [-1, 1] });
  const noise = outer.noise(x.shape[0]!, new Rng(seed)) as Noise;
  const drawn = compile(((t: g.Tensor, n: never) => outer.draw(t, n).x) as never) as unknown as Draw;
  return { negatives: await drawn(x, noise), noise };
}

test("stay within black and white, and are the same again with the same seed", async () => {
  const x = new Rng(1).uniform([300, ...event], -1, 1);
  const { negatives } = await draw(x, 2);
  expect(negatives.shape).toEqual([300, ...event]);
  expect(negatives.data.every((v) => v >= -1 && v <= 1)).toBe(true);
  expect((await draw(x, 2)).negatives.data).toEqual(negatives.data);
  expect((await draw(x, 3)).negatives.data).not.toEqual(negatives.data);
});

test("none is a picture of the data, and parts of two sum to one", async () => {
  const { noise } = await draw(full([1000, ...event], 0), 4);
  const kinds = { fields: 0, faded: 0, means: 0, collages: 0, cutOut: 0, recoloured: 0 };
  for (let i = 0; i < 1000; i++) {
    const plane0 = ({ data }: NdArray) => [...data.subarray(i * plane, (i + 1) * plane)];
    const [own, grey, other] = [plane0(noise.own), plane0(noise.grey), plane0(noise.other)];
    const added = noise.added.data.subarray(3 * i * plane, 3 * (i + 1) * plane);
    const shown = own.map((v, p) => v + grey[p]!);
    if (other.some((v) => v !== 0)) {
      for (const [p, v] of other.entries()) expect(v + own[p]!).toBeCloseTo(1, 6);
      if (own.every((v) => v === own[0])) {
        kinds.means++;
        expect(own[0]).toBeGreaterThan(0.34);
        expect(own[0]).toBeLessThan(0.66);
      } else {
        kinds.collages++;
        expect(own.reduce((a, b) => a + b)).toBe(plane / 2);
      }
    } else if (shown.every((v) => Math.abs(v) === 1)) {
      kinds.recoloured++;
      expect(added.every((v) => v === 0)).toBe(true); // white + black, which is 0 here
      expect(own[0] === 1).toBe(false);
    } else if (shown.every((v) => v === 0)) kinds.fields++;
    else if (shown.every((v) => v === shown[0])) {
      kinds.faded++;
      expect(shown[0]).toBeLessThanOrEqual(0.5);
    } else {
      kinds.cutOut++;
      for (let c = 0; c < 3; c++) {
        const around = shown.flatMap((v, p) => (v === 0 ? [added[c * plane + p]] : []));
        expect(new Set(around).size).toBe(1);
        expect(shown.every((v, p) => v === 0 || added[c * plane + p] === 0)).toBe(true);
      }
    }
  }
  // Shares .3, .15, .2, .1, .15, .1 of 1,000, a deviation being at most 15; a field seen through a shape counts as a field here.
  const shares = { fields: 360, faded: 150, means: 200, collages: 100, cutOut: 90, recoloured: 100 };
  for (const [kind, share] of Object.entries(shares))
    expect(Math.abs(kinds[kind as keyof typeof kinds] - share), kind).toBeLessThan(60);
});

test("pictures without colours are their own grey", async () => {
  const outer = ebm.outerNegatives({ event: [1, 8, 8], range: [0, 1] });
  const { own, grey, added } = outer.noise(300, new Rng(6)) as Noise;
  let inverted = 0;
  for (let i = 0; i < 300; i++) {
    const at = i * 64;
    if (own.data[at]! + grey.data[at]! !== -1) continue;
    inverted++;
    expect(added.data[at]).toBe(1);
  }
  expect(inverted).toBeGreaterThan(10); // 30 ± 5
});

test("shapes leave something out, and something in", () => {
  const rng = new Rng(7);
  for (let i = 0; i < 200; i++) {
    const out = new Float32Array(32 * 32);
    shape(out, [32, 32], rng);
    const inside = out.reduce((a, b) => a + b);
    expect(inside).toBeGreaterThan(20);
    expect(inside).toBeLessThan(1024);
  }
});

test("the other picture is the batch's next", async () => {
  const x = new NdArray(
    Float32Array.from({ length: 4 * 3 * plane }, (_, i) => Math.floor(i / (3 * plane)) / 4),
    [4, ...event],
  );
  const maps = (v: number) => full([4, 1, 16, 16], v);
  const outer = ebm.outerNegatives({ event, range: [-1, 1] });
  const drawn = compile(((t: g.Tensor, n: never) => outer.draw(t, n).x) as never) as unknown as Draw;
  const { data } = await drawn(x, { own: maps(0), grey: maps(0), other: maps(1), added: full([4, ...event], 0) });
  expect([0, 1, 2, 3].map((i) => data[i * 3 * plane])).toEqual([0.25, 0.5, 0.75, 0]);
});

test("random fields reach from constants to white noise", () => {
  const rng = new Rng(5);
  const kinds = { constant: 0, smooth: 0, noise: 0, grey: 0 };
  for (let i = 0; i < 500; i++) {
    const out = new Float32Array(3 * plane);
    randomField(out, [3, 16, 16], [0, 1], rng);
    const first = out.subarray(0, plane);
    const mean = first.reduce((a, b) => a + b) / plane;
    const variance = first.reduce((a, b) => a + (b - mean) ** 2, 0) / plane;
    let neighbours = 0;
    for (let p = 0; p + 1 < plane; p++) neighbours += ((first[p]! - mean) * (first[p + 1]! - mean)) / plane;
    if (variance < 1e-9) kinds.constant++;
    else if (neighbours / variance > 0.75) kinds.smooth++;
    else if (neighbours / variance < 0.1) kinds.noise++;
    if (first.every((v, p) => v === out[plane + p] && v === out[2 * plane + p])) kinds.grey++;
  }
  for (const count of Object.values(kinds)) expect(count).toBeGreaterThan(25);
  expect(kinds.constant).toBeLessThan(150);
});

test("points and tables have none", () => {
  expect(() => ebm.outerNegatives({ event: [4], range: [-1, 1] })).toThrow(
    /need pictures \[C, H, W\], the data is \[4\]/,
  );
});

/** f(x) = w · mean x. */
const linear = ebm.networkEnergy(
  stateless(
    () => ({ w: new NdArray(Float32Array.of(3), [1]) }),
    (params, x) => g.mul(g.mean(g.flatten(x), 1, true), variable(params, "w")),
  ),
  null,
);

test("the term by hand: each negative beside one of the data, held down by a margin", async () => {
  const optimizer = nn.adam();
  const { params, state } = linear.init(new Rng(0));
  const energy = { params, state, optimizer: optimizer.init(params) };
  const weights = { ...ebm.DENSITY_ONLY, density: 0, outer: 2 };
  const learner = { model: linear, optimizer, weights };
  const step = compile((energy: ebm.Trained<g.Tensor>, x: g.Tensor, n: g.Tensor) => {
    const inputs = { energy, batch: { x }, rate: g.constant([1e-3], []) };
    return ebm.energyStep(learner, inputs, { outer: { x: n, margin: 0.5 } }).metrics;
  });
  const rows = (...values: number[]) => new NdArray(Float32Array.from(values), [2, 1, 1, 1]);
  const metrics = await step(energy, rows(0.2, -0.4), rows(0.1, 0.6));
  const expected = (Math.log1p(Math.exp(0.3 - 0.6 + 0.5)) + Math.log1p(Math.exp(1.8 + 1.2 + 0.5))) / 2;
  expect(metrics.loss_outer!.item()).toBeCloseTo(expected, 5);
  expect(metrics.loss_energy!.item()).toBeCloseTo(2 * expected, 5);
  expect(metrics.f_outer!.item()).toBeCloseTo(1.05, 5);
});
