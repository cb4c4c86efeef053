/** One of this project's training steps, run with the data, noise and weights of named-numbers.ts. */
import type { Phases, TrainingStep } from "../../src/ebm/index.js";
import { leaves, mapTree, type Tensor } from "../../src/graph/index.js";
import { type Dict, linearWarmup, multiStep, product } from "../../src/nn/index.js";
import type { TrainConfig } from "../../src/runs/index.js";
import { compile, full, isArray, NdArray } from "../../src/runtime/index.js";
import * as numbers from "./named-numbers.js";

/** What record.py writes of a run of the original's train.py. */
export interface Recorded {
  /** Its args.txt. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Of each iteration, the random numbers in the order of their drawing. */
  readonly draws: readonly (readonly (readonly [kind: "normal" | "uniform", shape: readonly number[]])[])[];
  readonly losses: readonly Readonly<Partial<Record<"energy" | "generator" | "posterior", number>>>[];
  /** By `update|`, `square|` or `buffer|` and the name in the original's checkpoint. */
  readonly sketches: Readonly<Record<string, readonly number[]>>;
}

type Part = { readonly params: Dict<NdArray>; readonly state: Dict<NdArray>; readonly optimizer: Dict<NdArray> };
export type State = {
  readonly energy: Part;
  readonly generator?: Part;
  readonly posterior?: Part & { readonly stepsize?: NdArray };
};

/** The state with the weights of their names, as the original was given them. */
export function withWeights(state: Dict<NdArray>): State {
  const fill = (tree: Dict<NdArray>, prefix: string) =>
    mapTree(tree, isArray, ({ shape }: NdArray, path: string) => numbers.weight(`${prefix}.${path}`, shape)) as never;
  const { energy, generator, posterior } = state as unknown as State;
  return {
    energy: { ...energy, params: fill(energy.params, "energy") },
    ...(generator && { generator: { ...generator, params: fill(generator.params, "generator") } }),
    ...(posterior && { posterior: { ...posterior, params: fill(posterior.params, "generator") } }),
  };
}

const BATCH = 6;
const LABELED = 5;

/** Data and noise of one iteration, as the original was given them. */
function inputs(scope: string, iteration: number, config: TrainConfig, drawn: Recorded["draws"][number]) {
  const at = `${scope}|${iteration}`;
  const x = (what: string, rows = BATCH) => numbers.symmetric(`${at}|${what}`, [rows, ...config.shape!]);
  const y = (what: string, rows = BATCH) => numbers.classes(`${at}|${what}`, rows, 10);
  const draw = { normal: numbers.noise, uniform: numbers.uniform };
  const noise = drawn.map(([kind, shape], k) => draw[kind](`${at}|${k}`, shape));
  return {
    batch: {
      x: x("x"),
      ...(config.labels === "all" && { y: y("y") }),
      ...(config.labels === "few" && { labeled: { x: x("labeled.x", LABELED), y: y("labeled.y", LABELED) } }),
      ...(config.mode === "jem-baseline" && { start: x("start") }),
    },
    noise: { ...named(config, noise), masks: {} },
  };
}

/** The noise by the names of this project. */
function named({ mode, shape }: TrainConfig, noise: readonly NdArray[]): Dict<NdArray> {
  const event = (x: NdArray) => new NdArray(x.data, [x.shape[0]!, ...shape!]);
  switch (mode) {
    case "vera":
    case "jem":
    case "semi-supervised": {
      const [z, epsilon, posterior, elbo] = noise as [NdArray, NdArray, NdArray?, NdArray?];
      return {
        z,
        epsilon: event(epsilon),
        ...(posterior && elbo && { estimator: { posterior, elbo } }),
      };
    }
    case "ssm":
      return { epsilon: event(noise[0]!) };
    case "vat": // drawn from [0, 1), and shifted there
      return {
        vat: new NdArray(
          event(noise[0]!).data.map((u) => u - 0.5),
          [BATCH, ...shape!],
        ),
      };
    case "jem-baseline":
      return {
        chain: {
          normal: new NdArray(Float32Array.from(noise.flatMap(({ data }) => [...data])), [
            noise.length,
            BATCH,
            ...shape!,
          ]),
        },
      };
    default:
      return {};
  }
}

export interface Computed {
  readonly losses: Recorded["losses"];
  readonly sketches: ReadonlyMap<string, readonly number[]>;
}

type Compiled = (...args: unknown[]) => Promise<[State, { metrics: Record<string, NdArray> }]>;

/**
 * As many iterations as were recorded.
 * @param scope what record.py named the run
 * @param first iterations done before
 */
export async function iterate(
  step: TrainingStep,
  config: TrainConfig,
  start: State,
  recorded: Recorded,
  scope: string,
  first = 0,
): Promise<Computed> {
  const { draws } = recorded;
  const decays = (recorded.args.decay_epochs as number[]).map((epoch) => Math.trunc(epoch * draws.length));
  const scheduled = config.mode !== "maximum-likelihood" && config.mode !== "ssm"; // the original leaves their rate alone
  const schedule = product(linearWarmup(config.warmupIters), multiStep(scheduled ? decays : [], config.decayRate));
  const programs = new Map<string, Compiled>();
  const program = (phases: Phases): Compiled => {
    const key = JSON.stringify(phases);
    const made =
      programs.get(key) ??
      ((compile as unknown as (f: unknown) => Compiled)((s: unknown, b: unknown, n: unknown, r: unknown) =>
        step.run(s as never, b as never, n as Dict<Tensor>, r as never, phases),
      ) as Compiled);
    programs.set(key, made);
    return made;
  };
  let state = start;
  let after: State | null = null;
  const losses: Record<string, number>[] = [];
  for (const [i, drawn] of draws.entries()) {
    const at = first + i;
    const { batch, noise } = inputs(scope, i, config, drawn);
    const factor = schedule(at);
    const rates = { energy: full([], config.lr * factor), generator: full([], config.glr * factor) };
    const phases = { energy: at % config.eIters === 0, generator: at % config.gIters === 0 };
    const [next, { metrics }] = await program(phases)(state, batch, noise, rates);
    state = next;
    after ??= next;
    losses.push({
      ...(metrics.loss_energy && { energy: metrics.loss_energy.item() }),
      ...(metrics.loss_generator && { generator: metrics.loss_generator.item() }),
      ...(metrics.posterior_elbo && { posterior: -metrics.posterior_elbo.item() }),
    });
  }
  return { losses, sketches: sketches(start, after ?? start) };
}

function sketches(start: State, end: State): Map<string, readonly number[]> {
  const found = new Map<string, readonly number[]>();
  const add = (prefix: string, before: Part, after: Part, names: (path: string) => string) => {
    const old = new Map(leaves(before.params, isArray));
    for (const [path, { data }] of leaves(after.params, isArray))
      found.set(
        `update|${prefix}.${path}`,
        numbers.sketch(
          data.map((v, i) => v - old.get(path)!.data[i]!),
          4,
        ),
      );
    for (const [path, { data }] of leaves(after.optimizer.v ?? {}, isArray))
      found.set(`square|${prefix}.${path}`, numbers.sketch(data, 4));
    for (const [path, { data }] of leaves(after.state ?? {}, isArray))
      found.set(`buffer|${prefix}.${names(path)}`, numbers.sketch(data, 4));
  };
  add("energy", start.energy, end.energy, (path) => path);
  if (end.generator) add("generator", start.generator!, end.generator, (path) => `g.${path}`);
  if (end.posterior?.params) add("generator", start.posterior!, end.posterior, (path) => path);
  return found;
}
