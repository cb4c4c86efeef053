/** Data with the noise of samples: f learns as if it had been given x + σ ε, and a network of its own tells classes from x. */
import { expect, test } from "vitest";
import * as ebm from "../../src/ebm/index.js";
import * as g from "../../src/graph/index.js";
import * as nn from "../../src/nn/index.js";
import { compile, full, integers, NdArray, Rng } from "../../src/runtime/index.js";

const EVENT = [2];
const density = nn.sequential([nn.linear(2, 8), g.tanh, nn.linear(8, 1)]);
const classifier = nn.sequential([nn.linear(2, 3)]);
const adam = nn.adam({ beta1: 0 });
const stepOf = (dataNoise: boolean) =>
  ebm.veraStep({
    model: ebm.twoNetworks(density, classifier, 3),
    generator: ebm.generator(nn.toyGenerator({ noiseDim: 2, dataDim: 2, hidden: 4 }), 2, EVENT),
    estimator: ebm.variationalEstimator({ noiseDim: 2, samples: 2 }),
    optimizers: { energy: adam, generator: adam },
    weights: { clf: 1 },
    dataNoise,
  });

test("f's step is that on x + σ ε, the classifier's that on x", async () => {
  const rng = new Rng(1);
  const [noisy, plain] = [stepOf(true), stepOf(false)];
  const state = noisy.init(rng);
  const { data: epsilon, ...others } = noisy.noise(4, rng);
  if (!(epsilon instanceof NdArray)) throw new TypeError("no noise of data");
  const [x, y] = [rng.normal([4, 2]), integers([0, 1, 2, 0], [4])];
  const rates = { energy: full([], 0.01), generator: full([], 0.01) };
  const run = (step: typeof noisy) =>
    compile(
      (s: ebm.VeraState<g.Tensor>, batch: ebm.Batch<g.Tensor>, noise: nn.Dict<g.Tensor>, at: ebm.Rates<g.Tensor>) => {
        const [next, { metrics }] = step.run(s, batch, noise, at, { energy: true, generator: true });
        return { energy: next.energy.params, metrics };
      },
    );
  const before = { ...state, generator: state.generator!, posterior: state.posterior! };
  const sigma = Math.exp((state.generator!.params.logsigma as NdArray).item());
  const moved = new NdArray(
    x.data.map((v, i) => v + sigma * epsilon.data[i]!),
    x.shape,
  );
  const a = await run(noisy)(before, { x, y }, { ...others, data: epsilon }, rates);
  const b = await run(plain)(before, { x: moved, view: x, y }, others, rates);
  const c = await run(plain)(before, { x, y }, others, rates);
  expect(a.metrics.f_data!.item()).toBeCloseTo(b.metrics.f_data!.item(), 5); // σ ε is rounded on either side
  expect(a.metrics.loss_classification!.item()).toBe(c.metrics.loss_classification!.item());
  expect(Math.abs(a.metrics.f_data!.item() - c.metrics.f_data!.item())).toBeGreaterThan(1e-4);
  expect(a.energy.classifier).toEqual(c.energy.classifier);
});
