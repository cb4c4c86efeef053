/** What the page of bench/convolution.ts runs. `@jax-js/jax` is looked for in the folder that is given there; it has no types here. */
// @ts-expect-error: installed apart from this package
import * as jax from "@jax-js/jax";
import { webEngine } from "../src/web.js";
import { beginning, ourSteps, RATE } from "./convolution-step.js";

export interface PageBench {
  ours(threads: number, steps: number): Promise<{ times: number[]; loss: number }>;
  jaxJs(steps: number): Promise<{ times: number[]; loss: number }>;
}

async function jaxJs(steps: number): Promise<{ times: number[]; loss: number }> {
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  const { numpy: np, lax, nn } = jax;
  const start = beginning();
  const put = ({ data, shape }: { readonly data: ArrayLike<number>; readonly shape: readonly number[] }) =>
    np.array(data).reshape([...shape]);
  const conv = (x: unknown, w: unknown) => lax.convGeneralDilated(x, w, [1, 1], "SAME");
  // Arguments are owned: each is used once, or `.ref`.
  const loss = (w: Record<string, unknown>, x: unknown, y: unknown) => {
    const b = nn.relu(conv(nn.relu(conv(x, w.first)), w.second));
    return np.mean(np.square(np.matmul(np.mean(b, [2, 3]), w.dense).sub(y)));
  };
  const step = jax.jit((first: unknown, second: unknown, dense: unknown, x: unknown, y: unknown) => {
    const w = { first, second, dense } as Record<string, { ref: unknown }>;
    const refs = Object.fromEntries(Object.entries(w).map(([k, v]) => [k, v.ref]));
    const [value, g] = jax.valueAndGrad(loss)(refs, x, y);
    const moved = (k: string) => (w[k] as unknown as { sub(d: unknown): unknown }).sub(g[k].mul(RATE));
    return [value, moved("first"), moved("second"), moved("dense")];
  });
  let [first, second, dense] = [put(start.weights.first), put(start.weights.second), put(start.weights.dense)];
  const [x, y] = [put(start.x), put(start.y)];
  const times: number[] = [];
  let last = Number.NaN;
  for (let i = 0; i < steps; i++) {
    const began = performance.now();
    const [value, a, b, c] = step(first, second, dense, x.ref, y.ref);
    await jax.blockUntilReady([a, b, c]);
    last = (await value.data())[0];
    times.push(performance.now() - began);
    [first, second, dense] = [a, b, c];
  }
  return { times, loss: last };
}

const bench: PageBench = {
  ours: (threads, steps) => ourSteps(webEngine({ threads, wasmPaths: "/onnxruntime-web/" }), steps),
  jaxJs,
};
Object.assign(globalThis, { bench });
