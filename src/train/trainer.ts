/**
 * The trainer: carries a training state from iteration to iteration.
 *
 * It owns everything that determines what comes next (the state, the random streams, the position in the data, the replay
 * buffer) and can give and take it as a snapshot: a trainer restored from one continues bit for bit.
 */
import type { Batches } from "../data/web.js";
import type {
  Batch,
  GeneratorParams,
  Phases,
  Rates,
  StepOutput,
  Trained,
  TrainingStep,
  TrainState,
} from "../ebm/index.js";
import {
  allMean,
  expandDims,
  isTensor,
  leaves,
  mapTree,
  sameTree,
  squeeze,
  type Tensor,
  withSharedBatch,
} from "../graph/index.js";
import type { TypedArray } from "../graph/tensor.js";
import { type Dict, ema, emaDecay, runningStatistics, withStatistics } from "../nn/index.js";
import {
  compileAcross,
  compileScan,
  full,
  NdArray,
  type Ranks,
  type Releasable,
  type Rng,
  type RngState,
  stackTrees,
  streams,
} from "../runtime/index.js";
import type { ReplayBuffer } from "../samplers/index.js";
import { ownNoise, ownRows } from "./own-part.js";

export interface TrainerOptions {
  readonly step: TrainingStep;
  /** All inputs, with their classes where training uses them. */
  readonly batches: Batches;
  /** The labelled inputs of semi-supervised training. Default null. */
  readonly labeled?: Batches | null;
  /** Whether the step is given the classes of `batches`. Default false. */
  readonly supervised?: boolean;
  /** Learning rates, the same throughout or as a function of the iteration. */
  readonly rates: LearningRates | ((iteration: number) => LearningRates);
  /** Of initial weights and all noise: streams of its own, other than those of batches with the same seed. Default 1234. */
  readonly seed?: number;
  /** Train the density model (the generator) in every so manieth iteration. Default 1. */
  readonly energyEvery?: number;
  readonly generatorEvery?: number;
  /** Decay of the averages of parameters. Default 0: keeps none. */
  readonly average?: number;
  /** Iterations per call of the engine: several where networks are small. Default 1. */
  readonly scan?: number;
  /** Where chains that persist between iterations start and end. Default null: none do. */
  readonly chains?: ReplayBuffer | null;
  /**
   * The processes that train this model together, each with an equal part of every batch: gradients, statistics of batch norm and metrics
   * are means over them. All must be called in step. Default null: this one alone.
   */
  readonly ranks?: Ranks | null;
  /** Whether batch norm looks at the whole batch where ranks share it, as one process would; else at each rank's part. Default true. */
  readonly syncBatchNorm?: boolean;
}

/** Of the density model and of the generator. */
export interface LearningRates {
  readonly energy: number;
  readonly generator: number;
}

const DEFAULTS = {
  labeled: null,
  supervised: false,
  seed: 1234,
  energyEvery: 1,
  generatorEvery: 1,
  average: 0,
  scan: 1,
  chains: null,
  ranks: null,
  syncBatchNorm: true,
} as const satisfies Partial<TrainerOptions>;

/** Networks, optimisers, averages, and the replay buffer where there is one. */
export type TrainerArrays = Carried<NdArray> & { readonly replay?: { readonly positions: NdArray } };

/** All of a trainer that training changes. */
export interface Snapshot {
  readonly arrays: TrainerArrays;
  /** Plain JSON. */
  readonly counters: {
    readonly iteration: number;
    /** On both learning rates. */
    readonly rateFactor: number;
    readonly noise: RngState;
    readonly batches: Batches["state"];
    readonly labeled: Batches["state"] | null;
  };
}

/** Metrics of consecutive iterations, by name. */
export type MetricTraces = Readonly<Record<string, Float32Array>>;

/** Running averages of the networks' parameters and of batch norm's statistics; empty where none are kept. */
type Averages<L> = {
  readonly average: { readonly energy?: Dict<L>; readonly generator?: GeneratorParams<L> };
  readonly statistics: { readonly energy?: Dict<L>; readonly generator?: Dict<L> };
};

/** The state of the step, and the averages. */
export type Carried<L> = { readonly train: TrainState<L> } & Averages<L>;

/** What averages are kept of. */
function averaged<L extends NdArray | Tensor>({ energy, generator }: TrainState<L>): Averages<L> {
  return {
    average: { energy: energy.params, ...(generator && { generator: generator.params }) },
    statistics: {
      energy: runningStatistics(energy.state),
      ...(generator && { generator: runningStatistics(generator.state) }),
    },
  };
}

/** What a trainer carries from a state of the step on, as a tree of arrays: averages, where they are kept, begin there. */
export const carriedFrom = (train: TrainState<NdArray>, average: number): Carried<NdArray> => ({
  train,
  ...(average > 0 ? averaged(train) : { average: {}, statistics: {} }),
});

/** What a trainer carries before the first iteration. */
export const initialState = (step: TrainingStep, average: number, rng: Rng): Carried<NdArray> =>
  carriedFrom(step.init(rng), average);

/** The streams of a trainer. */
export const trainerStreams = (seed: number) => {
  const own = streams(seed);
  return { weights: own.for("weights"), noise: own.for("noise of training") };
};

/** The step's state, with averages in place of the last parameters and statistics where averages are kept. */
export function withAverages({ train, average, statistics }: Carried<NdArray>, decay: number): TrainState<NdArray> {
  if (decay === 0) return train;
  const { energy, generator } = train;
  return {
    ...train,
    energy: withAverage(energy, average.energy, statistics.energy),
    ...(generator && { generator: withAverage(generator, average.generator, statistics.generator) }),
  };
}

const withAverage = <P>(last: Trained<NdArray, P>, params = last.params, statistics: Dict<NdArray> = {}) => ({
  ...last,
  params,
  state: withStatistics(last.state, statistics),
});

/** Of one iteration. */
type Inputs<L> = {
  readonly batch: Batch<L>;
  readonly noise: Dict<L>;
  readonly rates: Rates<L>;
  /** Of the averages. */
  readonly decay: L;
};

/** A compiled run of iterations. */
type Program = ReturnType<Trainer["compile"]>;

export class Trainer implements Releasable {
  /** Iterations done. */
  iteration = 0;
  /** Factor on both learning rates. */
  rateFactor = 1;
  private carried: Carried<NdArray>;
  private readonly noise: Rng;
  private readonly programs = new Map<string, Program>();

  private readonly options: Required<TrainerOptions>;

  constructor(options: TrainerOptions) {
    this.options = { ...DEFAULTS, ...options };
    const { seed, step, average } = this.options;
    const { weights, noise } = trainerStreams(seed);
    this.carried = initialState(step, average, weights);
    this.noise = noise;
  }

  get epoch(): number {
    return this.options.batches.epoch;
  }

  /** The state of the training step. */
  get state(): TrainState<NdArray> {
    return this.carried.train;
  }

  /** The state with averages in place of the last parameters and statistics, where averages are kept. */
  get averagedState(): TrainState<NdArray> {
    return withAverages(this.carried, this.options.average);
  }

  /** Puts further buffers of the density model in the place of those of the same names. */
  amend(buffers: Dict<NdArray>): void {
    const { train } = this.carried;
    const energy = { ...train.energy, state: { ...train.energy.state, ...buffers } };
    this.carried = { ...this.carried, train: { ...train, energy } };
  }

  async release(): Promise<void> {
    for (const program of this.programs.values()) await program.release();
  }

  /** Does `count` iterations and returns their metrics. */
  async advance(count: number): Promise<MetricTraces> {
    const traces: Record<string, number[]> = {};
    for (let left = count; left > 0; ) {
      const phases = this.phasesOf(this.iteration);
      let length = 1;
      const most = Math.min(left, this.options.chains === null && this.options.ranks === null ? this.options.scan : 1);
      while (length < most && samePhases(phases, this.phasesOf(this.iteration + length))) length++;
      for (const [name, values] of Object.entries(await this.run(length, phases))) {
        traces[name] = [...(traces[name] ?? []), ...values];
      }
      left -= length;
    }
    return Object.fromEntries(Object.entries(traces).map(([name, values]) => [name, Float32Array.from(values)]));
  }

  get snapshot(): Snapshot {
    const { batches, labeled, chains } = this.options;
    return {
      arrays: { ...this.carried, ...(chains && { replay: { positions: chains.positions } }) },
      counters: {
        iteration: this.iteration,
        rateFactor: this.rateFactor,
        noise: this.noise.state,
        batches: batches.state,
        labeled: labeled?.state ?? null,
      },
    };
  }

  restore({ arrays, counters }: Snapshot): void {
    const { replay, ...carried } = arrays;
    this.carried = carried;
    this.iteration = counters.iteration;
    this.rateFactor = counters.rateFactor;
    this.noise.state = counters.noise;
    this.options.batches.state = counters.batches;
    if (this.options.labeled && counters.labeled) this.options.labeled.state = counters.labeled;
    if (this.options.chains && replay) this.options.chains.positions = replay.positions;
  }

  private phasesOf(iteration: number): Phases {
    const { energyEvery, generatorEvery } = this.options;
    return { energy: iteration % energyEvery === 0, generator: iteration % generatorEvery === 0 };
  }

  private draw(iteration: number): { inputs: Inputs<NdArray>; places: Int32Array | null } {
    const { batches, labeled, supervised, step, chains, rates, average, ranks } = this.options;
    const { x, y, view, strong } = batches.next();
    const own = labeled?.next();
    const start = chains?.sample(x.shape[0]!, this.noise);
    const { energy, generator } = typeof rates === "function" ? rates(iteration) : rates;
    const batch: Batch<NdArray> = {
      x,
      ...(view && { view }),
      ...(strong && { strong }),
      ...(supervised && y && { y }),
      ...(own?.y && { labeled: { x: own.x, y: own.y } }),
      ...(start && { start: start.positions }),
    };
    const size = x.shape[0]!;
    const noise = step.noise(size, this.noise);
    const inputs = {
      batch: ranks === null ? batch : ownRows(batch, ranks),
      noise: ranks === null ? noise : ownNoise(noise, step.noise, size, ranks),
      rates: { energy: full([], this.rateFactor * energy), generator: full([], this.rateFactor * generator) },
      decay: full([], emaDecay(average, iteration)),
    };
    return { inputs, places: start?.indices ?? null };
  }

  private async run(length: number, phases: Phases): Promise<Record<string, TypedArray>> {
    const drawn = Array.from({ length }, (_, i) => this.draw(this.iteration + i));
    const program = this.program(phases);
    const xs = stackTrees(drawn.map(({ inputs }) => inputs));
    const [next, output] = await program(this.carried, xs, {});
    this.carried = next;
    this.iteration += length;
    const [{ places }] = drawn as [(typeof drawn)[0]];
    if (places && output.samples) {
      this.options.chains!.update(places, new NdArray(output.samples.data, output.samples.shape.slice(1)));
    }
    return Object.fromEntries(Object.entries(output.metrics).map(([k, v]) => [k, v.data]));
  }

  private program(phases: Phases): Program {
    const key = `${phases.energy} ${phases.generator}`;
    const program = this.programs.get(key) ?? this.compile(phases);
    this.programs.set(key, program);
    return program;
  }

  private compile(phases: Phases) {
    const { step, average: kept, ranks, syncBatchNorm } = this.options;
    const iterate = (
      { train: before, ...averages }: Carried<Tensor>,
      { batch, noise, rates, decay }: Inputs<Tensor>,
    ): [Carried<Tensor>, StepOutput] => {
      const run = () => step.run(before, batch, noise, rates, phases);
      const [own, output] = ranks !== null && syncBatchNorm ? withSharedBatch(ranks.size, run) : run();
      const train = ranks === null ? own : withSharedBuffers(before, own);
      return [{ train, ...(kept === 0 ? averages : ema<Averages<Tensor>>(averages, averaged(train), decay)) }, output];
    };
    const name = "training_step";
    if (ranks === null) return compileScan(iterate, { name });
    const once = (before: Carried<Tensor>, xs: Inputs<Tensor>): [Carried<Tensor>, StepOutput] => {
      const [after, { metrics }] = iterate(before, sameTree(xs, isTensor, first));
      return [after, { metrics: sameTree(metrics, isTensor, (x) => expandDims(allMean(x), 0)) }];
    };
    return compileAcross(once, ranks, { name, argNames: ["state", "xs"] });
  }
}

/** Of arrays with a leading axis of one iteration: that iteration's. */
const first = (x: Tensor): Tensor => squeeze(x, 0);

/** Buffers that a batch changes, like statistics of batch norm, as means over all ranks. */
function withSharedBuffers(before: TrainState<Tensor>, after: TrainState<Tensor>): TrainState<Tensor> {
  const shared = <P>(own: Trained<Tensor, P>, { state }: Trained<Tensor, P>): Trained<Tensor, P> => {
    const known = new Set(leaves(state, isTensor).map(([, x]) => x));
    const share = (x: Tensor) => (known.has(x) || x.dtype !== "f32" ? x : allMean(x));
    return { ...own, state: sameTree(own.state, isTensor, share) };
  };
  const { energy, generator } = after;
  return {
    ...after,
    energy: shared(energy, before.energy),
    ...(generator && before.generator && { generator: shared(generator, before.generator) }),
  };
}

const samePhases = (a: Phases, b: Phases): boolean => a.energy === b.energy && a.generator === b.generator;

/** Counts the numbers in a tree of arrays. */
export function countNumbers(tree: unknown): number {
  let total = 0;
  mapTree<unknown, NdArray | Tensor, null>(
    tree,
    (v): v is NdArray | Tensor => v instanceof NdArray || isTensor(v),
    (x) => {
      total += x.size;
      return null;
    },
  );
  return total;
}
