/**
 * How far the entropy-gradient estimators are from -∇ log q(x) on a trained generator, where that is not known but by long chains of HMC
 * on q(z|x). (On a linear generator it is known: `vera eval RUN --what estimator`. There the linear estimator could only win.)
 *
 *   npm run bench:estimators -- runs/mnist
 *     --pairs N       pairs (x, z) that estimates are made for. Default 8
 *     --steps N       transitions of each of the four chains of a pair, after a quarter as many of burn-in. Default 1000, of 20 leapfrog steps
 *     --repeats N     estimates of each kind, of those that draw. Default 12
 *
 * η of the variational estimator is set to 1 / √ of the mean diagonal of I + JᵀJ / σ² over the pairs: the optimum of its bound for a linear
 * generator. Errors are parts of the score's length; `along g` is that of Jᵀc, which is what moves the generator's means.
 */
import { parseArgs } from "node:util";
import {
  type Decoder,
  type EntropyGradient,
  type GeneratorVariables,
  laplaceScore,
  logJoint,
  scalar,
  sumEvent,
  variationalScore,
} from "../src/ebm/index.js";
import * as g from "../src/graph/index.js";
import { loadRun } from "../src/runs/index.js";
import { nodeEngine } from "../src/runtime/engine-node.js";
import { compile, joinRows, NdArray, setDefaultEngine, sliceRows, streams } from "../src/runtime/index.js";
import { compileChains, hmc } from "../src/samplers/index.js";
import { markdown } from "./markdown.js";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: "string", default: "8" },
    steps: { type: "string", default: "1000" },
    repeats: { type: "string", default: "12" },
  },
});
const [pairs, steps, repeats] = [Number(flags.pairs), Number(flags.steps), Number(flags.repeats)];
/** Chains of one pair: half of them against the other half say how well the truth is known. */
const CHAINS = 4;
const KEEP_EVERY = 4;

setDefaultEngine(nodeEngine({ threads: 1 }));
const { generator } = await loadRun(positionals[0]!);
if (generator === null) throw new Error(`${positionals[0]} has no generator`);
const { model, variables } = generator;
type Variables = GeneratorVariables<g.Tensor>;
const decoder = ({ params, state }: Variables): Decoder => ({
  mean: (z) => model.mean({ params: params.g, state }, z, { mode: "eval" }).mean,
  logSigma: params.logsigma,
  rowwise: true,
});
const k = model.noiseDim;
const rng = streams(0).for("pairs that estimators are compared on");

const draw = compile((v: Variables, z: g.Tensor, epsilon: g.Tensor) => model.sample(v, z, epsilon, { mode: "eval" }).x);
const decode = compile((v: Variables, z: g.Tensor) => decoder(v).mean(z));
/** Jᵀ c at z. */
const pull = compile((v: Variables, z: g.Tensor, c: g.Tensor) => g.vjp(decoder(v).mean, z)[1](c)[0]);
/** The diagonal of I + JᵀJ / σ² at each z. */
const precision = compile((v: Variables, z: g.Tensor) => {
  const along = (i: number) => {
    const axis = g.constant(
      Float32Array.from({ length: k }, (_, j) => Number(i === j)),
      [1, k],
    );
    return sumEvent(g.square(g.jvp(decoder(v).mean, z, g.broadcastTo(axis, z.shape))[1]));
  };
  const squares = g.stack(
    Array.from({ length: k }, (_, i) => along(i)),
    1,
  );
  return g.add(g.div(squares, g.exp(g.mul(scalar(v.params.logsigma), 2))), 1);
});

const z = rng.normal([pairs, k]);
const x = await draw(variables, z, rng.normal([pairs, ...model.event]));
const sigma = Math.exp(variables.params.logsigma.data[0]!);

const length = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.sqrt(Array.from(a).reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0));

/** (x - E g(z)) / σ² by chains started at the z that made x. */
async function byChains(): Promise<{ readonly score: NdArray; readonly uncertainty: number }> {
  const sampler = hmc({ stepSize: sigma / 12, leapfrogSteps: 20, targetAcceptance: 0.8, adaptationRate: 0.03 });
  const chains = compileChains(sampler, (c: { v: Variables; x: g.Tensor }, position) =>
    logJoint(decoder(c.v), c.x)(position),
  );
  const all = (rows: NdArray) => joinRows(Array.from({ length: CHAINS }, () => rows));
  const { draws } = await chains.run({
    constants: { v: variables, x: all(x) },
    init: all(z),
    burnIn: Math.ceil(steps / 4),
    steps,
    keepEvery: KEEP_EVERY,
    rng,
  });
  await chains.release();
  const kept = draws.shape[0]!;
  const halves = [new Float64Array(x.size), new Float64Array(x.size)] as const;
  for (let t = 0; t < kept; t++) {
    const at = sliceRows(draws, t, t + 1);
    const means = await decode(variables, new NdArray(at.data, [CHAINS * pairs, k]));
    for (let i = 0; i < means.size; i++)
      halves[Math.floor(i / x.size) % 2]![i % x.size]! += means.data[i]! / (kept * (CHAINS / 2));
  }
  const [a, b] = halves.map((half) => half.map((v, i) => (x.data[i]! - v) / sigma ** 2)) as [
    Float64Array,
    Float64Array,
  ];
  const score = a.map((v, i) => (v + b[i]!) / 2);
  return { score: new NdArray(Float32Array.from(score), x.shape), uncertainty: distance(a, b) / 2 / length(score) };
}

console.error(`${CHAINS * pairs} chains of ${steps} transitions …`);
const { score: truth, uncertainty } = await byChains();
const truthAlong = await pull(variables, z, truth);

const diagonal = await precision(variables, z);
const logEta = Float32Array.from({ length: k }, (_, i) => {
  let sum = 0;
  for (let b = 0; b < pairs; b++) sum += diagonal.data[b * k + i]!;
  return -0.5 * Math.log(sum / pairs);
});

type Estimate = (decoder: Decoder, x: g.Tensor, z: g.Tensor, noise: g.Tensor) => EntropyGradient;
const rows: (readonly string[])[] = [];
async function measure(name: string, evaluations: number, samples: number, estimate: Estimate): Promise<void> {
  const fn = compile((v: Variables, a: g.Tensor, b: g.Tensor, noise: g.Tensor) => estimate(decoder(v), a, b, noise).c);
  const count = samples === 0 ? 1 : repeats;
  let [error, along] = [0, 0];
  for (let r = 0; r < count; r++) {
    const c = await fn(variables, x, z, rng.normal([Math.max(1, samples), pairs, k]));
    error += distance(c.data, truth.data) ** 2 / count;
    along += distance((await pull(variables, z, c)).data, truthAlong.data) ** 2 / count;
  }
  await fn.release();
  const share = (square: number, of: NdArray) => (Math.sqrt(square) / length(of.data)).toFixed(3);
  rows.push([name, String(evaluations), share(error, truth), share(along, truthAlong)]);
  console.error(rows.at(-1)!.join("  "));
}

for (const samples of [1, 5, 20, 100])
  await measure(`variational, ${samples}`, samples, samples, (d, a, b, noise) =>
    variationalScore(d, { post_logsigma: g.constant(logEta) }, a, b, noise),
  );
await measure("the noise that made x, ε / σ", 0, 0, (d, a, b) => ({
  c: g.div(g.sub(a, d.mean(b)), g.exp(g.mul(scalar(d.logSigma), 2))),
  info: {},
}));
for (const n of [1, 2, 3, 5, 10]) await measure(`linear, ${n}`, 2 * n, 0, (d, a, b) => laplaceScore(d, a, b, n));

console.log(markdown([["estimator", "evaluations", "error", "along g"], ...rows], 1));
console.log(`\n${pairs} pairs, k = ${k}, σ = ${sigma.toFixed(3)}; the truth is known to ${uncertainty.toFixed(3)}`);
