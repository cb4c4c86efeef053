/**
 * npm run bench:kernels -- [PROVIDER]: single operations where they run, without the way there and back, beside PyTorch on the same card.
 *
 * An operation is applied to its own result several times in an iteration, and the difference between a long and a short run of
 * iterations is divided by how often that was. `kernels_torch.py` does the same operations.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as g from "../src/graph/index.js";
import { type NodeProvider, nodeEngine } from "../src/runtime/engine-node.js";
import { compileScan, Rng, zeros } from "../src/runtime/index.js";

/** In one iteration. */
const REPEATED = 8;
const [SHORT, LONG] = [2, 8];

interface Kernel {
  readonly name: string;
  readonly flops: number;
  readonly x: readonly number[];
  readonly w: readonly number[];
  readonly apply: (x: g.Tensor, w: g.Tensor) => g.Tensor;
}

const product = (n: number): Kernel => ({
  name: `matmul ${n}³`,
  flops: 2 * n ** 3,
  x: [n, n],
  w: [n, n],
  apply: (x, w) => g.matmul(x, w),
});

/** Convolution, and its two derivatives. The filter's is of x with itself, and decides by how much x is scaled next. */
function convolutions(batch: number, channels: number, size: number): readonly Kernel[] {
  const x = [batch, channels, size, size];
  const w = [channels, channels, 3, 3];
  const flops = 2 * batch * channels ** 2 * 9 * size ** 2;
  const conv = (u: g.Tensor, v: g.Tensor) => g.conv2d(u, v, { padding: 1 });
  const name = `conv 3×3 ${channels}→${channels} ${size}×${size} B${batch}`;
  return [
    { name, flops, x, w, apply: conv },
    { name: `${name}, input gradient`, flops, x, w, apply: (u, v) => g.vjp((t: g.Tensor) => conv(t, v), u)[1](u)[0] },
    {
      name: `${name}, filter gradient`,
      flops,
      x,
      w,
      apply: (u, v) => {
        const [filter] = g.vjp((t: g.Tensor) => conv(u, t), v)[1](u);
        return g.mul(u, g.add(1, g.mul(g.mean(filter), 1e-12)));
      },
    },
  ];
}

/** Down and up again: a convolution of stride 2, and one transposed. */
const strided = (batch: number, few: number, many: number, size: number): Kernel => ({
  name: `conv 4×4/2 ${few}→${many} ${size}×${size} B${batch}, and transposed`,
  flops: 2 * 2 * batch * few * many * 16 * (size / 2) ** 2,
  x: [batch, few, size, size],
  w: [many, few, 4, 4],
  apply: (x, w) => {
    const down = g.conv2d(x, w, { stride: 2, padding: 1 });
    return g.convTranspose2d(down, w, { stride: 2, padding: 1 });
  },
});

const elementwise: Kernel = {
  name: "5 elementwise operations, 16.8 M",
  flops: 0,
  x: [1 << 24],
  w: [1],
  apply: (x) => g.mul(g.add(g.tanh(g.mul(x, 1.5)), x), g.leakyRelu(x, 0.2)),
};

const KERNELS = [
  product(4096),
  product(1024),
  ...convolutions(128, 64, 32),
  ...convolutions(40, 160, 32),
  strided(256, 128, 256, 16),
  elementwise,
];

async function milliseconds({ x, w, apply }: Kernel, provider: NodeProvider): Promise<number> {
  const rng = new Rng(1);
  const fan = w.slice(1).reduce((a, b) => a * b, 1);
  type State = { x: g.Tensor; w: g.Tensor };
  const run = compileScan(
    (state: State, _: g.Tensor): [State, g.Tensor] => {
      let { x } = state;
      for (let i = 0; i < REPEATED; i++) x = apply(x, state.w);
      return [{ ...state, x }, g.mean(x)];
    },
    { engine: nodeEngine({ provider }), name: "kernel" },
  );
  const state = { x: rng.normal(x), w: rng.normal(w, 0, 1 / Math.sqrt(fan)) };
  const time = async (iterations: number) => {
    const start = performance.now();
    await run(state, zeros([iterations]), {});
    return performance.now() - start;
  };
  for (const iterations of [SHORT, LONG]) await time(iterations);
  const differences: number[] = [];
  for (let i = 0; i < 5; i++) differences.push(-(await time(SHORT)) + (await time(LONG)));
  await run.release();
  return differences.sort((a, b) => a - b)[2]! / (LONG - SHORT) / REPEATED;
}

/** Milliseconds by name, of PyTorch: with its defaults, and without TF32. */
function torch(single: boolean): Readonly<Record<string, number>> {
  const script = fileURLToPath(new URL("kernels_torch.py", import.meta.url));
  const args = [script, ...(single ? ["--single"] : [])];
  const { status, stdout } = spawnSync(process.env.PYTHON ?? "/usr/bin/python3", args, { encoding: "utf8" });
  return status === 0 ? (JSON.parse(stdout) as Record<string, number>) : {};
}

const provider = (process.argv[2] ?? "webgpu") as NodeProvider;
const [defaults, single] = [torch(false), torch(true)];
console.log(`| | ${provider} ms | TFLOP/s | PyTorch, TF32, ms | PyTorch, single precision, ms | ratio to the last |`);
console.log("|---|--:|--:|--:|--:|--:|");
for (const kernel of KERNELS) {
  const ms = await milliseconds(kernel, provider).catch((error: unknown) => {
    console.error(`${kernel.name}: ${String(error).slice(0, 300)}`);
    return Number.NaN;
  });
  const [fast, exact] = [defaults, single].map((times) => times[kernel.name] ?? Number.NaN);
  const rate = kernel.flops === 0 ? "" : (kernel.flops / ms / 1e9).toFixed(2);
  const cells = [kernel.name, ms.toFixed(3), rate, fast!.toFixed(3), exact!.toFixed(3), (ms / exact!).toFixed(1)];
  console.log(`| ${cells.join(" | ")} |`);
}
process.exit(0);
