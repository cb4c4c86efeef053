/** What elementwise operations and reductions make of large and small numbers, on whatever engine. */
import * as v from "../../src/portable.js";

/** Past 88.7 an exponential is no number of single precision any more. */
const NUMBERS = [-1e30, -3e4, -500, -100, -89, -1, 0, 1, 89, 100, 500, 3e4, 1e30];

const OPERATIONS: Readonly<Record<string, (x: v.Tensor) => v.Tensor>> = {
  logsumexp: (x) => v.logsumexp(x, 1),
  softmax: (x) => v.softmax(x, 1),
  logSoftmax: (x) => v.logSoftmax(x, 1),
  softplus: v.softplus,
  sigmoid: v.sigmoid,
  tanh: v.tanh,
  sign: v.sign,
  leakyRelu: (x) => v.leakyRelu(x, 0.1),
  "exp(-|x|)": (x) => v.exp(v.neg(v.abs(x))),
  "x / (1 + |x|)": (x) => v.div(x, v.add(v.abs(x), 1)),
  "(x / 1e20)²": (x) => v.pow(v.mul(x, 1e-20), 2),
};

/** Rows of one number and the next: their operations differ where either is extreme. */
const ROWS = NUMBERS.flatMap((a) => [
  [a, a],
  [a, a + 1],
  [a, 0],
]);

/** By operation: its values, and the derivatives of their sum. As texts, since JSON has no infinity. */
export type Extremes = Readonly<Record<string, readonly string[]>>;

export async function extremes(engine: v.Engine): Promise<Extremes> {
  v.setDefaultEngine(engine);
  const x = v.array(ROWS);
  const out: Record<string, string[]> = {};
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const fn = v.compile((t: v.Tensor) => ({
      value: operation(t),
      slope: v.grad((u: v.Tensor) => v.sum(operation(u)))(t),
    }));
    const { value, slope } = await fn(x);
    out[name] = [value, slope].flatMap((y: v.NdArray) => Array.from(y.data, (value) => String(value)));
    await fn.release();
  }
  return out;
}
