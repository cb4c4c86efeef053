/** Chains driven from the host: any number of steps, compiled once and run many at a time. */
import { isTensor, type Tensor, type TensorTree, where, zipTrees } from "../graph/index.js";
import { compile, compileScan, type Feed, isArray, NdArray, type Rng } from "../runtime/index.js";
import type { Arrays, ChainState, Sampler, Tensors } from "./sampler.js";

/** log p(x) up to a constant, `[B, …event]` → `[B]`, given what it depends on: a model's parameters, or `{}`. */
export type ParametricLogDensity<C extends TensorTree> = (constants: C, position: Tensor) => Tensor;

/** One run of chains. */
export interface RunOptions<C> {
  /** First argument of the log-density, in arrays: the same structure. */
  readonly constants: Feed<C>;
  /** Where the chains start, `[B, …event]`. */
  readonly init: NdArray;
  /** Steps after the burn-in. */
  readonly steps: number;
  readonly rng: Rng;
  /** Steps before those, during which the step size adapts and no position is kept. Default 0. */
  readonly burnIn?: number;
  /** Keeps the position after every so many steps. Default 1: all. */
  readonly keepEvery?: number;
  /** Step size to start from, if not the sampler's own: the adapted one of an earlier run. */
  readonly stepSize?: number;
}

/** What a run leaves behind. */
export interface Chains<S extends Tensors, I extends Tensors> {
  /** Kept positions `[floor(steps / keepEvery), B, …event]`. */
  readonly draws: NdArray;
  /** What every step reported, burn-in included: leaves `[burnIn + steps, B]`. */
  readonly info: Arrays<I>;
  /** After the last step, with the adapted step size. */
  readonly state: Arrays<S>;
}

/** A sampler compiled for a log-density. */
export interface ChainRunner<S extends Tensors, I extends Tensors, C> {
  /** @throws RangeError for counts that are not whole, negative, or no step at all. */
  run(options: RunOptions<C>): Promise<Chains<S, I>>;
  /** Frees the compiled models. */
  release(): Promise<void>;
}

/** Elements of the positions of one call: bounds the memory of noise and results. */
const ELEMENTS_PER_CALL = 2 ** 22;

/** Compiles a sampler for a log-density: for several runs, as the constants change. */
export function compileChains<S extends ChainState, N extends Tensors, I extends Tensors, C extends TensorTree>(
  sampler: Sampler<S, N, I>,
  logDensity: ParametricLogDensity<C>,
): ChainRunner<S, I, C> {
  const start = compile(function start(constants: C, position: Tensor, stepSize: Tensors) {
    return sampler.init((x) => logDensity(constants, x), position, stepSize.given);
  });
  // Whether the step size adapts is an input, so that burn-in and sampling share one model.
  const advance = compileScan(function chains(state: S, { noise, adapting }: Iteration<N>, constants: C) {
    const [next, info] = sampler.step((x) => logDensity(constants, x), state, noise);
    const adapted = sampler.adapt?.(next, info) ?? next;
    const choose = (a: Tensor, b: Tensor) => (a === b ? a : where(adapting, a, b));
    const chosen = zipTrees<unknown, Tensor, Tensor>(adapted, [next], isTensor, (a, b) => choose(a!, b!)) as S;
    return [chosen, { position: next.position, info }] as [S, { position: Tensor; info: I }];
  });
  const release = async () => {
    await start.release();
    await advance.release();
  };
  const noise: Sampler<S, N, I>["noise"] = (rng, shape, steps) => sampler.noise(rng, shape, steps);
  // The compiler does not follow what compile() derives for arrays through so many type parameters.
  const calls = { start, advance, noise } as unknown as Calls<S, N, I, C>;
  return { run: (options) => drive(calls, options), release };
}

type Iteration<N> = { readonly noise: N; readonly adapting: Tensor };

/** The compiled functions and the source of noise, as functions of arrays. */
interface Calls<S extends Tensors, N extends Tensors, I extends Tensors, C> {
  start(constants: Feed<C>, position: NdArray, stepSize: Readonly<Record<string, number>>): Promise<Arrays<S>>;
  advance(
    state: Arrays<S>,
    xs: { readonly noise: Arrays<N>; readonly adapting: NdArray },
    constants: Feed<C>,
  ): Promise<[Arrays<S>, { readonly position: NdArray; readonly info: Arrays<I> }]>;
  noise(rng: Rng, shape: readonly number[], steps: number): Arrays<N>;
}

async function drive<S extends Tensors, N extends Tensors, I extends Tensors, C>(
  calls: Calls<S, N, I, C>,
  { constants, init, steps, rng, burnIn = 0, keepEvery = 1, stepSize }: RunOptions<C>,
): Promise<Chains<S, I>> {
  checkCounts(steps, burnIn, keepEvery);
  const total = burnIn + steps;
  const count = Math.max(1, Math.ceil((total * init.size) / ELEMENTS_PER_CALL));
  const length = Math.ceil(total / count);
  const kept = Math.floor(steps / keepEvery);
  const draws = new Float32Array(kept * init.size);
  const infos: Arrays<I>[] = [];

  let state = await calls.start(constants, init, stepSize === undefined ? {} : { given: stepSize });
  for (let done = 0; done < total; done += length) {
    const now = Math.min(length, total - done);
    const adapting = Uint8Array.from({ length: now }, (_, i) => Number(done + i < burnIn));
    const xs = { noise: calls.noise(rng, init.shape, now), adapting: new NdArray(adapting, [now]) };
    const [next, { position, info }] = await calls.advance(state, xs, constants);
    state = next;
    infos.push(info);
    for (let i = 0; i < now; i++) {
      const after = done + i + 1 - burnIn;
      if (after < 1 || after % keepEvery !== 0) continue;
      draws.set(position.data.subarray(i * init.size, (i + 1) * init.size), (after / keepEvery - 1) * init.size);
    }
  }
  const join = (...parts: NdArray[]) => joinRows(parts);
  const info = zipTrees<unknown, NdArray, NdArray>(infos[0], infos.slice(1), isArray, join) as Arrays<I>;
  return { draws: new NdArray(draws, [kept, ...init.shape]), info, state };
}

/**
 * Runs chains once: {@link compileChains}, run, release.
 * @example
 * const { draws, state } = await runChains({
 *   sampler: hmc({ stepSize: 0.1 }),
 *   logDensity: (_, x) => mul(sum(square(x), 1), -0.5),
 *   constants: {},
 *   init: rng.normal([100, 2]),
 *   burnIn: 100, steps: 1000, rng,
 * });
 */
export async function runChains<S extends ChainState, N extends Tensors, I extends Tensors, C extends TensorTree>(
  options: RunOptions<C> & { sampler: Sampler<S, N, I>; logDensity: ParametricLogDensity<C> },
): Promise<Chains<S, I>> {
  const runner = compileChains(options.sampler, options.logDensity);
  try {
    return await runner.run(options);
  } finally {
    await runner.release();
  }
}

function checkCounts(steps: number, burnIn: number, keepEvery: number): void {
  const whole = [steps, burnIn, keepEvery].every((n) => Number.isInteger(n) && n >= 0);
  if (!whole || keepEvery === 0 || steps + burnIn === 0) {
    throw new RangeError(`runChains: cannot run ${steps} steps after ${burnIn} of burn-in, keeping every ${keepEvery}`);
  }
}

/** Arrays joined along their first axis. */
function joinRows(parts: readonly NdArray[]): NdArray {
  const { data, shape, dtype } = parts[0]!;
  const size = parts.reduce((n, part) => n + part.size, 0);
  const all =
    data instanceof Float32Array
      ? new Float32Array(size)
      : data instanceof Int32Array
        ? new Int32Array(size)
        : new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part.data, at);
    at += part.size;
  }
  return new NdArray(all, [parts.reduce((n, part) => n + part.shape[0]!, 0), ...shape.slice(1)], dtype);
}
