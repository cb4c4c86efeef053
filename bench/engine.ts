/**
 * npm run bench:engine: single operations and small training steps, side by side with PyTorch where it is installed.
 *
 * One process after the other (PyTorch first, then ONNX Runtime), each row the median of its runs. Every row does the same work on
 * both sides; results that are large are summed to a scalar on both sides, so that neither is charged for handing them out.
 */
import { spawnSync } from "node:child_process";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import * as g from "../src/graph/index.js";
import { nodeEngine } from "../src/runtime/engine-node.js";
import { compile, type NdArray, Rng, setDefaultEngine, zeros } from "../src/runtime/index.js";

/** [B, I, O, H, K, stride, padding] */
const CONVS = [
  [32, 64, 64, 32, 3, 1, 1],
  [64, 128, 256, 16, 4, 2, 1],
  [16, 256, 256, 16, 3, 1, 1],
] as const;

interface Row {
  readonly name: string;
  /** Floating-point operations per run, where that is what the row is about. */
  readonly flops?: number;
  readonly run: () => Promise<unknown>;
}

const rng = new Rng(1234);
const total = (x: g.Tensor) => g.sum(x);

function* rows(): Generator<Row> {
  const [a, b] = [rng.normal([1024, 1024]), rng.normal([1024, 1024])];
  const product = compile((x: g.Tensor, y: g.Tensor) => total(g.matmul(x, y)));
  yield { name: "matmul 1024³", flops: 2 * 1024 ** 3, run: () => product(a, b) };

  for (const [B, I, O, H, K, stride, padding] of CONVS) {
    const h = g.convSize(H, K, stride, padding);
    const flops = 2 * B * I * O * K * K * h * h;
    const [x, w, y] = [rng.normal([B, I, H, H]), rng.normal([O, I, K, K]), rng.normal([B, O, h, h])];
    const label = `conv ${K}×${K}/${stride} ${I}→${O} ${H}×${H} B${B}`;
    const conv = (u: g.Tensor, v: g.Tensor) => g.conv2d(u, v, { stride, padding });
    const forward = compile((u: g.Tensor, v: g.Tensor) => total(conv(u, v)));
    const byInput = compile((u: g.Tensor, v: g.Tensor, ct: g.Tensor) =>
      total(g.vjp((t: g.Tensor) => conv(t, v), u)[1](ct)[0]),
    );
    const byFilter = compile((u: g.Tensor, v: g.Tensor, ct: g.Tensor) =>
      total(g.vjp((t: g.Tensor) => conv(u, t), v)[1](ct)[0]),
    );
    yield { name: label, flops, run: () => forward(x, w) };
    yield { name: `${label}, input gradient`, flops, run: () => byInput(x, w, y) };
    yield { name: `${label}, filter gradient`, flops, run: () => byFilter(x, w, y) };
  }

  {
    const [y, w] = [rng.normal([256, 256, 4, 4]), rng.normal([256, 128, 4, 4])];
    const f = compile((u: g.Tensor, v: g.Tensor) => total(g.convTranspose2d(u, v, { stride: 2, padding: 1 })));
    yield {
      name: "transposed conv 4×4/2 256→128 4×4→8×8 B256",
      flops: 2 * 256 * 256 * 128 * 16 * 16,
      run: () => f(y, w),
    };
  }
  {
    const x = rng.normal([4 << 20]);
    const f = compile((u: g.Tensor) => total(g.mul(g.add(g.tanh(g.mul(u, 1.5)), u), g.leakyRelu(u, 0.2))));
    yield { name: "5 elementwise operations, 4.2 M", run: () => f(x) };
  }
  {
    const [x, ct, w, c] = [
      rng.normal([64, 64, 32, 32]),
      rng.normal([64, 64, 32, 32]),
      rng.normal([64]),
      rng.normal([64]),
    ];
    const norm = (u: g.Tensor, scale: g.Tensor, shift: g.Tensor) => batchNorm(u, scale, shift);
    const f = compile((u: g.Tensor, scale: g.Tensor, shift: g.Tensor, v: g.Tensor) => {
      const [y, pullback] = g.vjp(norm, u, scale, shift);
      const [du, dscale, dshift] = pullback(v);
      return { y: total(y), du: total(du), dscale, dshift };
    });
    yield { name: "batch norm, forward and gradient, 64×64×32×32", run: () => f(x, w, c, ct) };
  }
  {
    const n = 10_000_000;
    let state = { p: rng.uniform([n], -1, 1), m: zeros([n]), v: zeros([n]), t: zeros([]) };
    const grad = rng.uniform([n], -1, 1);
    const f = compile((s: AdamState, d: g.Tensor) => adam(s, d));
    yield {
      name: "Adam, 10 M parameters",
      run: async () => {
        state = await f(state, grad);
      },
    };
  }
  yield* steps();
}

type AdamState = { p: g.Tensor; m: g.Tensor; v: g.Tensor; t: g.Tensor };

function adam({ p, m, v, t }: AdamState, d: g.Tensor): AdamState {
  const [b1, b2, lr, eps] = [0.9, 0.999, 1e-3, 1e-8];
  const step = g.add(t, 1);
  const m1 = g.add(g.mul(m, b1), g.mul(d, 1 - b1));
  const v1 = g.add(g.mul(v, b2), g.mul(g.square(d), 1 - b2));
  const c1 = g.sub(1, g.exp(g.mul(step, Math.log(b1))));
  const c2 = g.sqrt(g.sub(1, g.exp(g.mul(step, Math.log(b2)))));
  const scale = g.div(g.mul(c2, lr), c1);
  return { p: g.sub(p, g.div(g.mul(m1, scale), g.add(g.sqrt(v1), g.mul(c2, eps)))), m: m1, v: v1, t: step };
}

function batchNorm(x: g.Tensor, scale: g.Tensor, shift: g.Tensor): g.Tensor {
  const channel = (t: g.Tensor) => g.reshape(t, [1, -1, 1, 1]);
  const centred = g.sub(x, g.mean(x, [0, 2, 3], true));
  const factor = g.div(channel(scale), g.sqrt(g.add(g.mean(g.square(centred), [0, 2, 3], true), 1e-5)));
  return g.add(g.mul(centred, factor), channel(shift));
}

type Layer = { w: g.Tensor; b: g.Tensor };
type Net<L> = Record<string, L>;

const linear = (p: Layer, x: g.Tensor) => g.add(g.matmul(x, p.w, { transB: true }), p.b);
const mlp = (p: Net<Layer>, x: g.Tensor) =>
  linear(p.c!, g.leakyRelu(linear(p.b!, g.leakyRelu(linear(p.a!, x), 0.2)), 0.2));
const convNet = (p: Net<Layer>, x: g.Tensor) => {
  const conv = (q: Layer, t: g.Tensor) => g.leakyRelu(g.conv2d(t, q.w, { stride: 2, padding: 1, bias: q.b }), 0.2);
  return linear(p.c!, g.flatten(conv(p.b!, conv(p.a!, x))));
};

/** One Adam step on all parameters. */
function update(p: Net<Layer>, s: Net<Net<AdamState>>, d: Net<Layer>): Net<Net<AdamState>> {
  const each = (l: string, k: "w" | "b") => adam({ ...s[l]![k]!, p: p[l]![k] }, d[l]![k]);
  return Object.fromEntries(Object.keys(p).map((l) => [l, { w: each(l, "w"), b: each(l, "b") }]));
}
const paramsOf = <T>(s: Net<Net<{ p: T }>>) =>
  Object.fromEntries(Object.entries(s).map(([l, q]) => [l, { w: q.w!.p, b: q.b!.p }])) as Net<{ w: T; b: T }>;

function initial(shapes: Net<readonly number[]>): Net<Net<{ p: NdArray; m: NdArray; v: NdArray; t: NdArray }>> {
  const state = (shape: readonly number[]) => ({
    p: rng.normal(shape, 0, 0.05),
    m: zeros(shape),
    v: zeros(shape),
    t: zeros([]),
  });
  return Object.fromEntries(Object.entries(shapes).map(([l, s]) => [l, { w: state(s), b: state([s[0]!]) }]));
}

function* steps(): Generator<Row> {
  {
    // The contrastive step of an energy-based model on toy data: 2-100-100-1, batch 200, Adam.
    let state = initial({ a: [100, 2], b: [100, 100], c: [1, 100] });
    const [x, y] = [rng.normal([200, 2]), rng.normal([200, 2])];
    const f = compile((s: Net<Net<AdamState>>, data: g.Tensor, model: g.Tensor) => {
      const p = paramsOf(s);
      return update(p, s, g.grad((q: Net<Layer>) => g.sub(g.mean(mlp(q, model)), g.mean(mlp(q, data))))(p));
    });
    yield {
      name: "MLP step: 2-100-100-1, batch 200, Adam",
      run: async () => {
        state = (await f(state, x, y)) as typeof state;
      },
    };
  }
  {
    // With the gradient penalty ½‖∇ₓf‖²: a gradient through a gradient of convolutions.
    let state = initial({ a: [32, 3, 4, 4], b: [64, 32, 4, 4], c: [1, 4096] });
    const x = rng.normal([32, 3, 32, 32]);
    const f = compile((s: Net<Net<AdamState>>, data: g.Tensor) => {
      const p = paramsOf(s);
      const loss = (q: Net<Layer>) => {
        const score = g.grad((t: g.Tensor) => g.sum(convNet(q, t)))(data);
        return g.sub(g.mul(g.sum(g.square(score)), 0.5 / 32), g.mean(convNet(q, data)));
      };
      return update(p, s, g.grad(loss)(p));
    });
    yield {
      name: "conv net step with gradient penalty, 32×32 B32",
      run: async () => {
        state = (await f(state, x)) as typeof state;
      },
    };
  }
}

async function median(run: () => Promise<unknown>, seconds = 1.5): Promise<number> {
  for (let i = 0; i < 3; i++) await run();
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (times.length < 7 || (performance.now() < end && times.length < 201)) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return times.sort((p, q) => p - q)[times.length >> 1]!;
}

/** Milliseconds per row from PyTorch, in the same order; empty where it is not installed. */
function torch(): number[] {
  const script = fileURLToPath(new URL("engine_torch.py", import.meta.url));
  const { status, stdout } = spawnSync(process.env.PYTHON ?? "/usr/bin/python3", [script], { encoding: "utf8" });
  return status === 0 ? (JSON.parse(stdout) as number[]) : [];
}

async function main(): Promise<void> {
  const peer = torch();
  setDefaultEngine(nodeEngine());
  console.log(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}. Milliseconds, medians.`);
  if (peer.length === 0) console.log("PyTorch is not installed: its columns stay empty.");
  const table: string[][] = [["", "vera ms", "PyTorch ms", "ratio", "GFLOP/s", "of peak"]];
  let peak = 0;
  let i = 0;
  for (const { name, flops, run } of rows()) {
    const ms = await median(run);
    const rate = flops === undefined ? undefined : flops / ms / 1e6;
    if (peak === 0 && rate !== undefined) peak = Math.max(rate, peer[0] === undefined ? 0 : flops! / peer[0] / 1e6);
    const other = peer[i++];
    table.push([
      name,
      ms.toFixed(2),
      other?.toFixed(2) ?? "–",
      other === undefined ? "–" : (ms / other).toFixed(2),
      rate?.toFixed(0) ?? "",
      rate === undefined ? "" : `${((100 * rate) / peak).toFixed(0)} %`,
    ]);
  }
  for (const [k, row] of table.entries()) {
    console.log(`| ${row.join(" | ")} |`);
    if (k === 0) console.log(`|---|${"--:|".repeat(row.length - 1)}`);
  }
  console.log(
    `Peak: the faster of the two matrix products, ${peak.toFixed(0)} GFLOP/s. Ratio: vera's time over PyTorch's.`,
  );
}

await main();
