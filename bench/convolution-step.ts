/** A small convolution step, by this package: forward, gradients, SGD. The same for Node and for a page (bench/convolution.ts). */
import {
  add,
  compile,
  conv2d,
  type Engine,
  matmul,
  mean,
  mul,
  type NdArray,
  Rng,
  relu,
  square,
  sub,
  type Tensor,
  valueAndGrad,
} from "../src/portable.js";

/** Images, channels and pixels; two convolutions of 3×3, the mean of each channel, ten outputs. */
export const SHAPE = { batch: 32, input: 8, hidden: 16, side: 16, outputs: 10 } as const;
export const RATE = 0.01;

export type Weights<L> = { readonly first: L; readonly second: L; readonly dense: L };

/** What both start from. */
export function beginning(): { weights: Weights<NdArray>; x: NdArray; y: NdArray } {
  const rng = new Rng(1);
  const { batch, input, hidden, side, outputs } = SHAPE;
  return {
    weights: {
      first: rng.normal([hidden, input, 3, 3], 0, 0.15),
      second: rng.normal([hidden, hidden, 3, 3], 0, 0.1),
      dense: rng.normal([hidden, outputs], 0, 0.3),
    },
    x: rng.normal([batch, input, side, side]),
    y: rng.normal([batch, outputs]),
  };
}

function loss({ first, second, dense }: Weights<Tensor>, x: Tensor, y: Tensor): Tensor {
  const a = relu(conv2d(x, first, { padding: 1 }));
  const b = relu(conv2d(a, second, { padding: 1 }));
  return mean(square(sub(matmul(mean(b, [2, 3]), dense), y)));
}

/** Milliseconds of each of so many steps, and the loss at the end: one call of the engine each. */
export async function ourSteps(engine: Engine, steps: number): Promise<{ times: number[]; loss: number }> {
  const step = compile(
    (weights: Weights<Tensor>, x: Tensor, y: Tensor) => {
      const [value, g] = valueAndGrad(loss)(weights, x, y);
      const moved = (w: Tensor, d: Tensor) => add(w, mul(d, -RATE));
      return {
        value,
        weights: {
          first: moved(weights.first, g.first),
          second: moved(weights.second, g.second),
          dense: moved(weights.dense, g.dense),
        },
      };
    },
    { engine, name: "convolution_step" },
  );
  let { weights, x, y } = beginning();
  const times: number[] = [];
  let last = Number.NaN;
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    const next = await step(weights, x, y);
    times.push(performance.now() - start);
    weights = next.weights;
    last = next.value.item();
  }
  await step.release();
  return { times, loss: last };
}
