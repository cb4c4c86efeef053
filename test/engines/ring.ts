/** The package's own trainer on points of a ring, as README.md has it: the same program for Node and for web pages. */
import {
  array,
  data,
  type Engine,
  ebm,
  mul,
  nn,
  type Rng,
  setDefaultEngine,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  train,
} from "../../src/portable.js";

function ring(n: number, rng: Rng) {
  const points = Array.from({ length: n }, () => {
    const [angle, radius] = [2 * Math.PI * rng.random(), 2 + 0.2 * rng.gaussian()];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
  return array(points);
}

/** f on the ring and in its middle after so many iterations of VERA. */
export async function trainRing(engine: Engine, iterations: number): Promise<number[]> {
  setDefaultEngine(engine);
  const network = nn.compose({ a: nn.linear(2, 16), b: nn.linear(16, 1) }, ({ a, b }, x: Tensor) =>
    sub(b(tanh(a(x))), mul(sum(square(x), 1, true), 0.05)),
  );
  const model = ebm.networkEnergy(network, null);
  const adam = nn.adam({ beta1: 0, beta2: 0.9 });
  const step = ebm.veraStep({
    model,
    generator: ebm.generator(nn.toyGenerator(), 2, [2]),
    estimator: ebm.variationalEstimator({ noiseDim: 2 }),
    optimizers: { energy: adam, generator: adam },
    weights: { pgControl: 0.1 },
  });
  const batches = new data.FreshBatches(ring, 1000, { batchSize: 20, seed: 1 });
  const trainer = new train.Trainer({ step, batches, rates: { energy: 1e-3, generator: 1e-3 }, scan: 5 });
  await trainer.advance(iterations);
  const places = array([
    [0, 2],
    [0, 0],
  ]);
  const { logDensity } = await new train.Evaluator(model).predict(trainer.state.energy, places);
  return Array.from(logDensity);
}
