/**
 * A density of your own data with a network of your own: noisy points on a ring, learned with VERA.
 *
 *     npx tsx examples/custom.ts
 *
 * Takes some ten seconds and prints log-densities (up to a constant): high on the ring, low in its middle and outside. In a project
 * of your own, import from "vera-ebm".
 */
import {
  array,
  data,
  ebm,
  mul,
  type NdArray,
  nn,
  type Rng,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  train,
} from "../src/index.js";

// The data: anything that draws a batch [n, 2]. For stored rows there are data.FloatSplit and data.ShuffledBatches.
function ring(n: number, rng: Rng): NdArray {
  const points = Array.from({ length: n }, () => [2 * Math.PI * rng.random(), 2 + 0.2 * rng.gaussian()] as const);
  return array(points.map(([angle, radius]) => [radius * Math.cos(angle), radius * Math.sin(angle)]));
}

// The network: any function of parameters and a batch, [B, 2] → [B, 1]. The last term lets the density fall off far from the data.
const layers = { first: nn.linear(2, 100), second: nn.linear(100, 100), last: nn.linear(100, 1) };
const network = nn.compose(layers, ({ first, second, last }, x: Tensor) =>
  sub(last(tanh(second(tanh(first(x))))), mul(sum(square(x), 1, true), 0.05)),
);

const model = ebm.networkEnergy(network, null);
const generator = ebm.generator(nn.toyGenerator(), 2, [2]);
const adam = nn.adam({ beta1: 0, beta2: 0.9 });
const step = ebm.veraStep({
  model,
  generator,
  estimator: ebm.variationalEstimator({ noiseDim: 2 }),
  optimizers: { energy: adam, generator: adam },
  weights: { pgControl: 0.1 },
});
const trainer = new train.Trainer({
  step,
  batches: new data.FreshBatches(ring, 10_000, { batchSize: 100, seed: 1 }),
  rates: { energy: 1e-3, generator: 1e-3 },
  scan: 10,
});
await trainer.advance(1500);

const places = { "on the ring": [0, 2], "in the middle": [0, 0], outside: [0, 4] };
const { logDensity } = await new train.Evaluator(model).predict(trainer.state.energy, array(Object.values(places)));
Object.keys(places).forEach((place, i) => {
  console.log(`${place.padEnd(14)} f = ${logDensity[i]!.toFixed(2)}`);
});
