/** Energy discrepancy: its value by hand, where its minimum is, and walks of categories. */
import { expect, test } from "vitest";
import * as ebm from "../../src/ebm/index.js";
import * as g from "../../src/graph/index.js";
import { compile, NdArray, Rng } from "../../src/runtime/index.js";

type Loss = (a: number, x: NdArray, noise: unknown) => Promise<NdArray>;

/** The loss of f(x) = -½ a ‖x‖². */
const lossOf = (discrepancy: ebm.Discrepancy): Loss =>
  compile(((a: g.Tensor, x: g.Tensor, noise: never) =>
    discrepancy.loss((t) => g.mul(g.sum(g.square(t), 1), g.mul(a, -0.5)), x, noise)) as never) as unknown as Loss;

test("by hand", async () => {
  const discrepancy = ebm.energyDiscrepancy({ event: [1], scale: 0.5, negatives: 2 });
  const x = new NdArray(Float32Array.of(1, -2), [2, 1]);
  const noise = discrepancy.noise(2, new Rng(1)) as unknown as {
    away: { step: NdArray };
    back: { step: NdArray };
  };
  const f = (v: number) => -0.5 * 1.5 * v * v;
  let expected = 0;
  for (let i = 0; i < 2; i++) {
    const away = x.data[i]! + noise.away.step.data[i]!;
    const gaps = [0, 1].map((j) => Math.exp(f(away + noise.back.step.data[2 * j + i]!) - f(x.data[i]!)));
    expected += 0.5 * Math.log(1 / 2 + (gaps[0]! + gaps[1]!) / 2);
  }
  expect((await lossOf(discrepancy)(1.5, x, noise)).item()).toBeCloseTo(expected, 5);
});

test("it is least at the density of the data", async () => {
  const discrepancy = ebm.energyDiscrepancy({ event: [1], scale: 1, negatives: 16, stability: 1e-3 });
  const rng = new Rng(2);
  const x = rng.normal([20_000, 1]); // variance 1: a = 1
  const noise = discrepancy.noise(20_000, rng);
  const loss = lossOf(discrepancy);
  const [low, right, high] = [0.6, 1, 1.6].map(async (a) => (await loss(a, x, noise)).item());
  expect(await right).toBeLessThan(await low!);
  expect(await right).toBeLessThan(await high!);
});

test("categories stay categories", () => {
  const discrepancy = ebm.energyDiscrepancy({
    event: [4],
    scale: 0.5,
    negatives: 3,
    categories: [[1, 3]],
    replaced: 0.5,
  });
  const { away } = discrepancy.noise(200, new Rng(3)) as unknown as {
    away: { step: NdArray; kept: NdArray; drawn: NdArray };
  };
  let replaced = 0;
  for (let i = 0; i < 200; i++) {
    const [step, kept, drawn] = [away.step, away.kept, away.drawn].map((t) =>
      Array.from(t.data.subarray(4 * i, 4 * i + 4)),
    );
    expect(step!.slice(1)).toEqual([0, 0, 0]);
    expect(step![0]).not.toBe(0);
    expect(kept![0]).toBe(1);
    const sum = drawn!.slice(1).reduce((a, b) => a + b, 0);
    expect(kept!.slice(1)).toEqual(sum === 1 ? [0, 0, 0] : [1, 1, 1]);
    replaced += sum;
  }
  expect(replaced).toBeGreaterThan(75); // 100 ± 7
  expect(replaced).toBeLessThan(125);
});
