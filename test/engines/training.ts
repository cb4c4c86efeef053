/**
 * A small adversarial training run, written with graph operations only, that any engine can do: an energy-based
 * classifier with a gradient penalty against a convolutional generator with batch norm, both updated by Adam.
 * It is not a good model; it uses as many kernels as fit.
 */
import * as v from "../../src/portable.js";

const BATCH = 8;
const CLASSES = 3;
const LATENT = 4;
const IMAGE = [2, 8, 8] as const;

type Weights = Record<string, v.Tensor>;

/** Both networks with the state of Adam. Of arrays outside compiled functions, of tensors inside. */
export type TrainingState<T> = {
  readonly critic: Record<string, T>;
  readonly generator: Record<string, T>;
  readonly moments: { readonly critic: Moments<T>; readonly generator: Moments<T> };
};
type Moments<T> = {
  readonly first: Record<string, T>;
  readonly second: Record<string, T>;
};

/** Class logits `[B, 3]` of images `[B, 2, 8, 8]`. */
function logits(w: Weights, x: v.Tensor): v.Tensor {
  return v.scope("critic", () => {
    const a = v.leakyRelu(v.conv2d(x, w.conv1!, { stride: 2, padding: 1, bias: w.bias1! }), 0.2);
    const b = v.softplus(v.conv2d(a, w.conv2!, { padding: 1 }));
    const pooled = v.concat([v.avgPool2d(b, 2), v.maxPool2d(b, 2)], 1);
    return v.add(v.matmul(v.flatten(pooled), w.dense!, { transB: true }), w.bias2!);
  });
}

const logDensity = (w: Weights, x: v.Tensor) => v.logsumexp(logits(w, x), 1);

/** Batch norm in training mode over batch, height and width. */
function batchNorm(x: v.Tensor, scale: v.Tensor, shift: v.Tensor): v.Tensor {
  const mean = v.mean(x, [0, 2, 3], true);
  const centred = v.sub(x, mean);
  const variance = v.mean(v.square(centred), [0, 2, 3], true);
  const perChannel = (p: v.Tensor) => v.reshape(p, [-1, 1, 1]);
  return v.add(v.mul(centred, v.div(perChannel(scale), v.sqrt(v.add(variance, 1e-5)))), perChannel(shift));
}

/** Images from latent `[B, 4]` and labels `[B]`: the label picks an embedding. */
function generate(w: Weights, z: v.Tensor, labels: v.Tensor): v.Tensor {
  return v.scope("generator", () => {
    const code = v.add(z, v.gather(w.embedding!, labels));
    const seed = v.reshape(v.matmul(code, w.dense!), [BATCH, 8, 2, 2]);
    const a = v.relu(batchNorm(seed, w.scale1!, w.shift1!));
    const wide = v.pad(
      v.upsampleNearest2d(a, 2),
      [
        [0, 0],
        [0, 0],
        [1, 1],
        [1, 1],
      ],
      "reflect",
    );
    const b = v.softplus(batchNorm(v.conv2d(wide, w.conv!), w.scale2!, w.shift2!));
    return v.tanh(v.convTranspose2d(b, w.up!, { stride: 2, padding: 1 }));
  });
}

function criticLoss(w: Weights, real: v.Tensor, fake: v.Tensor, labels: v.Tensor): v.Tensor {
  const y = logits(w, real);
  const onReal = v.logsumexp(y, 1);
  const onFake = logDensity(w, fake);
  const score = v.grad((x: v.Tensor) => v.sum(logDensity(w, x)))(real);
  const penalty = v.mul(v.mean(v.sum(v.square(score), [1, 2, 3])), 0.5);
  const chosen = v.sum(v.mul(v.logSoftmax(y, 1), v.oneHot(labels, CLASSES)), 1);
  const terms = [v.mean(onFake), v.neg(v.mean(onReal)), v.mul(v.mean(v.square(onReal)), 0.1), penalty];
  return terms.reduce((a, b) => v.add(a, b), v.neg(v.mean(chosen)));
}

/** Adam with β = (0.5, 0.9) and without bias correction. */
function adam(w: Weights, gradient: Weights, { first, second }: Moments<v.Tensor>): [Weights, Moments<v.Tensor>] {
  const blend = (old: v.Tensor, now: v.Tensor, beta: number) => v.add(v.mul(old, beta), v.mul(now, 1 - beta));
  const next = { w: {} as Weights, first: {} as Weights, second: {} as Weights };
  for (const key of Object.keys(w)) {
    const g = gradient[key]!;
    next.first[key] = blend(first[key]!, g, 0.5);
    next.second[key] = blend(second[key]!, v.square(g), 0.9);
    const step = v.div(next.first[key], v.add(v.sqrt(next.second[key]), 1e-4));
    next.w[key] = v.sub(w[key]!, v.mul(step, 2e-3));
  }
  return [next.w, { first: next.first, second: next.second }];
}

/** One iteration: the critic's step, then the generator's against the new critic. */
export function trainingStep(
  state: TrainingState<v.Tensor>,
  real: v.Tensor,
  z: v.Tensor,
  labels: v.Tensor,
): { state: TrainingState<v.Tensor>; losses: { critic: v.Tensor; generator: v.Tensor } } {
  const fake = v.stopGradient(generate(state.generator, z, labels));
  const [lossF, gradF] = v.valueAndGrad(criticLoss)(state.critic, real, fake, labels);
  const [critic, momentsF] = adam(state.critic, gradF, state.moments.critic);
  const generatorLoss = (w: Weights) => v.neg(v.mean(logDensity(critic, generate(w, z, labels))));
  const [lossG, gradG] = v.valueAndGrad(generatorLoss)(state.generator);
  const [generator, momentsG] = adam(state.generator, gradG, state.moments.generator);
  const moments = { critic: momentsF, generator: momentsG };
  return { state: { critic, generator, moments }, losses: { critic: lossF, generator: lossG } };
}

/** Arguments of the first {@link trainingStep}. */
export function initialArguments(rng: v.Rng): [TrainingState<v.NdArray>, v.NdArray, v.NdArray, v.NdArray] {
  const critic = {
    conv1: rng.normal([8, 2, 4, 4], 0, 0.2),
    bias1: v.zeros([8]),
    conv2: rng.normal([8, 8, 3, 3], 0, 0.15),
    dense: rng.normal([CLASSES, 64], 0, 0.15),
    bias2: v.zeros([CLASSES]),
  };
  const generator = {
    embedding: rng.normal([CLASSES, LATENT]),
    dense: rng.normal([LATENT, 32], 0, 0.5),
    scale1: v.full([8], 1),
    shift1: v.zeros([8]),
    conv: rng.normal([8, 8, 3, 3], 0, 0.15),
    scale2: v.full([8], 1),
    shift2: v.zeros([8]),
    up: rng.normal([8, 2, 4, 4], 0, 0.15),
  };
  const zeros = <T extends v.ArrayTree>(tree: T) => ({ first: v.zerosTree(tree), second: v.zerosTree(tree) });
  const moments = { critic: zeros(critic), generator: zeros(generator) };
  return [{ critic, generator, moments }, ...batch(rng)];
}

/** Images with a bright row that tells the class, latents and labels. */
function batch(rng: v.Rng): [real: v.NdArray, z: v.NdArray, labels: v.NdArray] {
  const labels = Int32Array.from({ length: BATCH }, () => rng.below(CLASSES));
  const real = rng.normal([BATCH, ...IMAGE], 0, 0.3);
  const [channels, height, width] = IMAGE;
  labels.forEach((label, b) => {
    for (let i = 0; i < width; i++) real.data[(b * channels * height + 2 * label + 1) * width + i]! += 1;
  });
  return [real, rng.normal([BATCH, LATENT]), v.integers(labels)];
}

/** What a run leaves behind, as plain numbers, so that a page can hand it over. */
export interface TrainingResult {
  /** Critic and generator loss of each step. */
  readonly losses: readonly (readonly [number, number])[];
  readonly weights: Readonly<Record<string, readonly number[]>>;
}

/** Trains from a seed. Everything random is drawn on the host, so every engine sees the same numbers. */
export async function train({
  steps,
  seed,
  engine,
}: {
  steps: number;
  seed: number;
  engine: v.Engine;
}): Promise<TrainingResult> {
  const step = v.compile(trainingStep, { engine, argNames: ["state", "real", "z", "labels"] });
  const rng = new v.Rng(seed);
  let [state, real, z, labels] = initialArguments(rng);
  const losses: [number, number][] = [];
  for (let i = 0; i < steps; i++) {
    const out = await step(state, real, z, labels);
    state = out.state;
    losses.push([out.losses.critic.item(), out.losses.generator.item()]);
    [real, z, labels] = batch(rng);
  }
  await step.release();
  const networks = v.leaves({ critic: state.critic, generator: state.generator }, v.isArray);
  return { losses, weights: Object.fromEntries(networks.map(([path, x]) => [path, [...x.data]])) };
}

/** ‖a - b‖ / ‖b‖ for each weight tensor and for the losses; the largest of them. */
export function relativeDifference(a: TrainingResult, b: TrainingResult): { worst: string; difference: number } {
  const norm = (x: readonly number[]) => Math.hypot(...x);
  const pairs: [string, readonly number[], readonly number[]][] = Object.keys(b.weights).map((k) => [
    k,
    a.weights[k]!,
    b.weights[k]!,
  ]);
  pairs.push(["losses", a.losses.flat(), b.losses.flat()]);
  return pairs
    .map(([worst, x, y]) => ({ worst, difference: norm(x.map((xi, i) => xi - y[i]!)) / norm(y) }))
    .reduce((p, q) => (q.difference > p.difference || Number.isNaN(q.difference) ? q : p));
}
