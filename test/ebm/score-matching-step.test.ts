/** Sliced score matching as a step finds the Gaussian that the data comes from. */
import { expect, test } from "vitest";
import * as data from "../../src/data/web.js";
import * as ebm from "../../src/ebm/index.js";
import { div, exp, mul, square, sub, sum } from "../../src/graph/index.js";
import * as nn from "../../src/nn/index.js";
import { array, type Rng, zeros } from "../../src/runtime/index.js";
import { Trainer } from "../../src/train/index.js";

/** log p up to a constant, of a mean and a scale for each of two columns. */
const gaussian: ebm.EnergyModel = {
  classes: null,
  init: () => ({ params: { mean: zeros([2]), logScale: zeros([2]) }, state: {} }),
  masks: () => ({}),
  evaluate({ params, state }, x) {
    const [mean, logScale] = [nn.variable(params, "mean"), nn.variable(params, "logScale")];
    const logDensity = mul(sum(square(div(sub(x, mean), exp(logScale))), 1), -0.5);
    return { logDensity, logits: null, state };
  },
};

test("a Gaussian's mean and scales are found", async () => {
  const draw = (n: number, rng: Rng) =>
    array(Array.from({ length: n }, () => [1 + 0.5 * rng.gaussian(), -2 + 2 * rng.gaussian()]));
  const trainer = new Trainer({
    step: ebm.scoreMatchingStep({ model: gaussian, optimizer: nn.adam(), event: [2] }),
    batches: new data.FreshBatches(draw, 1000, { batchSize: 200, seed: 1 }),
    rates: { energy: 0.02, generator: 0 },
    average: 0.98,
    scan: 10,
  });
  const { loss_ssm } = await trainer.advance(800);
  expect(loss_ssm!.at(-1)!).toBeLessThan(loss_ssm![0]!);
  const { params, state } = trainer.averagedState.energy;
  const found = nn.stateDict({ params, state });
  const expected = { mean: [1, -2], logScale: [0.5, 2].map(Math.log) };
  for (const [name, values] of Object.entries(expected))
    for (const [k, value] of values.entries()) expect(Math.abs(found.get(name)!.data[k]! - value)).toBeLessThan(0.1);
  await trainer.release();
});
