/** How usual inputs look inside a network: against the same arithmetic written out, and what it is for. */
import { expect, test } from "vitest";
import * as ebm from "../../src/ebm/index.js";
import * as g from "../../src/graph/index.js";
import * as nn from "../../src/nn/index.js";
import { compile, NdArray, Rng } from "../../src/runtime/index.js";

const CHANNELS = 2;
/** Says nothing far away: bounded. */
const density = nn.sequential([(x) => g.flatten(x), nn.linear(32, 1), (x) => g.tanh(x)]);
const classifier = nn.compose({ last: nn.linear(2, 3) }, ({ last }, x) => ({
  y: last(g.mean(x, [2, 3])),
  stages: [x],
}));
const typicality = { channels: [CHANNELS], shares: [1, 1, 2] };
const model = ebm.twoNetworks(density, classifier, 3, { typicality });
const variables = model.init(new Rng(1));

const ask = compile((v: nn.Variables<g.Tensor>, x: g.Tensor) => {
  const { logDensity, logits, stages } = model.evaluate(v, x, { mode: "eval" });
  const own = model.evaluate(v, x, { mode: "train" }).logDensity;
  return { f: logDensity, logits: logits!, own, statistics: ebm.channelStatistics(stages![0]!) };
});

const pictures = (seed: number, n = 300): NdArray => {
  const x = new Rng(seed).normal([n, CHANNELS, 4, 4]);
  return new NdArray(
    x.data.map((v, i) => (i % 32 < 16 ? v : 0.5 * v + 1)),
    x.shape,
  );
};
const looked = async (x: NdArray): Promise<ebm.Looked> => {
  const { own, statistics } = await ask(variables, x);
  return { logDensity: own, stages: [statistics] };
};
const fitted = async () =>
  ebm.fittedTypicality(await looked(pictures(2)), await looked(pictures(3)), typicality.shares);
const withFit = async () => ({ ...variables, state: { ...variables.state, typicality: await fitted() } });

test("statistics are the channels' means and deviations", async () => {
  const x = pictures(2, 1);
  const { statistics } = await ask(variables, x);
  for (const c of [0, 1]) {
    const of = Array.from(x.data.subarray(16 * c, 16 * (c + 1)));
    const mean = of.reduce((a, b) => a + b, 0) / 16;
    expect(statistics.data[c]).toBeCloseTo(mean, 5);
    expect(statistics.data[CHANNELS + c]).toBeCloseTo(
      Math.sqrt(of.reduce((a, b) => a + (b - mean) ** 2, 0) / 16 + 1e-4),
      5,
    );
  }
});

test("before it is fitted f is the network's, and so is p(y|x)", async () => {
  const { f, own, logits } = await ask(variables, pictures(4, 5));
  expect(Array.from(f.data)).toEqual(Array.from(own.data));
  for (let i = 0; i < 5; i++) {
    const sum = [0, 1, 2].reduce((a, k) => a + Math.exp(logits.data[3 * i + k]!), 0);
    expect(Math.log(sum)).toBeCloseTo(f.data[i]!, 4); // f is the sum over classes
  }
});

test("of rows like those it was fitted to, log d has mean 0 and deviation 1, and f is lowered by 4 (√(1 + its square / 4) - 1)", async () => {
  const { f, own } = await ask(await withFit(), pictures(3));
  const weight = ((await fitted()).weight as NdArray).item();
  const squares = Array.from(f.data, (v, i) => 4 * (((own.data[i]! - v) / weight / 4 + 1) ** 2 - 1));
  expect(squares.every((z) => z >= -1e-4)).toBe(true);
  expect(squares.reduce((a, z) => a + z, 0) / squares.length).toBeCloseTo(1, 2); // single precision of f
});

test("pictures of another contrast are unlikely, and so are those that all look like the mean; their classes are a guess", async () => {
  const v = await withFit();
  const { f } = await ask(v, pictures(5));
  const others = {
    louder: new NdArray(
      pictures(6).data.map((x) => 3 * x),
      [300, CHANNELS, 4, 4],
    ),
    mean: new NdArray(
      Float32Array.from({ length: 32 * 300 }, (_, i) => meanPicture(i)),
      [300, CHANNELS, 4, 4],
    ),
  };
  const low = Array.from(f.data).sort((a, b) => a - b)[15]!;
  for (const x of Object.values(others)) {
    const said = await ask(v, x);
    expect(said.f.data.every((value) => value < low)).toBe(true);
  }
  const { logits } = await ask(
    v,
    new NdArray(
      pictures(6).data.map((x) => 30 * x),
      [300, CHANNELS, 4, 4],
    ),
  );
  const p = [0, 1, 2].map((k) => Math.exp(logits.data[k]! - logits.data[0]!));
  expect(p.map((x) => x / p.reduce((a, b) => a + b, 0))).toEqual([0.25, 0.25, 0.5].map((x) => expect.closeTo(x, 3)));
});

/** Values of one channel with the mean and deviation that channels have on average: nearer to it than any picture drawn. */
const meanPicture = (i: number): number => {
  const sign = i % 2 === 0 ? 1 : -1;
  return i % 32 < 16 ? 0.97 * sign : 1 + 0.485 * sign;
};

test("its weight is how far f is below its median: f that is high for some classes makes it no greater", async () => {
  const { logDensity, stages } = await looked(pictures(3, 301));
  const sorted = Array.from(logDensity.data).sort((a, b) => a - b);
  const below = sorted.slice(0, 151).map((v) => (v - sorted[150]!) ** 2);
  const expected = Math.sqrt(below.reduce((a, b) => a + b) / 151);
  const known = await looked(pictures(2));
  const far = new NdArray(
    logDensity.data.map((v) => (v > sorted[200]! ? v + 1000 : v)),
    logDensity.shape,
  );
  for (const heldOut of [logDensity, far]) {
    const { weight } = ebm.fittedTypicality(known, { logDensity: heldOut, stages }, typicality.shares);
    expect((weight as NdArray).item()).toBeCloseTo(expected, 5);
  }
});

test("it is not fitted to single rows", async () => {
  const one = await looked(pictures(2, 1));
  expect(() => ebm.fittedTypicality(one, one, [1, 1, 1])).toThrow(/two rows or more/);
});
