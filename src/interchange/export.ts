/** From a run to files that PyTorch reads, with the original's names. */
import { DataError } from "../data/index.js";
import type { TrainState } from "../ebm/index.js";
import type { Dict } from "../nn/index.js";
import { linearWarmup, multiStep, product, stateDict } from "../nn/index.js";
import { lastFunction, type TrainConfig, type TrainedRun } from "../runs/index.js";
import { generatorModel, type Task } from "../runs/setup/networks.js";
import { iterationsPerEpoch } from "../runs/setup/setup.js";
import { loadData, trainBatches } from "../runs/setup/source.js";
import { full, type NdArray, writeSafetensors } from "../runtime/index.js";
import { streams } from "../runtime/streams.js";
import { fromTree, parameterNames } from "./adam.js";
import { InterchangeError } from "./error.js";
import type { StateDict } from "./original.js";
import { OrderedDict, type PyValue } from "./torch/pickle-writer.js";
import { writeTorch } from "./torch/write.js";

/** `safetensors`: the networks. `pt`: the checkpoint that the original's code continues from. */
export type PyTorchFormat = "safetensors" | "pt";

export interface Exported {
  readonly bytes: Uint8Array;
  /** What a user should know. */
  readonly notes: readonly string[];
}

/**
 * A model for PyTorch. Where its run kept averages of the parameters, they are what is written.
 * @throws InterchangeError where the original has no such model
 */
export async function exportForPyTorch(run: TrainedRun, format: PyTorchFormat): Promise<Exported> {
  const own = run.config.architecture === "table-ensemble" ? "classifier" : "base measure";
  if (own === "classifier" || run.config.base !== "none")
    throw new InterchangeError(
      `the ${own} of a table has no counterpart in the original: export it with --format onnx`,
    );
  const state = run.training;
  const { energy, generator } = networks(run, state.posterior);
  if (format === "safetensors") {
    const tensors = [...prefixed("logp_net.", energy), ...(run.generator === null ? [] : prefixed("g.", generator))];
    return { bytes: writeSafetensors(tensors, { format: "pt", iteration: String(run.iteration) }), notes: [] };
  }
  const { schedule, notes } = await scheduleOf(run.config);
  const optimizers = moments(run, state);
  const { config, iteration } = run;
  const adam = (network: StateDict, { step, m, v }: Moments, lr: number): PyValue => {
    const names = parameterNames(network.keys());
    const states = names.flatMap((name, i) => {
      const second = v.get(name);
      if (step === 0 || second === undefined) return [];
      const first = m.get(name) ?? full(second.shape, 0); // β₁ = 0 forgets it
      return [[i, dict({ step, exp_avg: first, exp_avg_sq: second })] as const];
    });
    const group = {
      lr: lr * (schedule?.factor(iteration) ?? 1),
      betas: [config.beta1, config.beta2],
      eps: 1e-8,
      weight_decay: config.weightDecay,
      amsgrad: false,
      initial_lr: lr,
      params: names.map((_, i) => i),
    };
    return dict({ state: new Map(states), param_groups: [dict(group)] });
  };
  const scheduler = (lr: number): PyValue =>
    dict({
      ...(schedule && { milestones: new Map(schedule.milestones.map((at) => [at, 1])), gamma: config.decayRate }),
      base_lrs: [lr],
      last_epoch: iteration,
      _step_count: iteration + 1,
      _last_lr: [lr * (schedule?.factor(iteration) ?? 1)],
    });
  const lists = ["train_accs", "test_accs", "aucs", "briers", "test_lps", "modes", "kl", "eval_itrs"];
  const checkpoint = dict({
    epoch: schedule === null ? 0 : Math.floor(iteration / schedule.perEpoch),
    ...Object.fromEntries(lists.map((name) => [name, []])),
    itr: iteration,
    model: dict({ logp_net: new OrderedDict(energy), g: new OrderedDict(generator) }),
    optimizer: dict({
      e: adam(energy, optimizers.energy, config.lr),
      g: adam(generator, optimizers.generator, config.glr),
    }),
    scheduler: dict({ e: scheduler(config.lr), g: scheduler(config.glr) }),
  });
  if (run.generator === null)
    notes.push("the run has no generator: an untrained one is written, since the original expects one");
  const last = lastFunction(config);
  if (run.generator !== null && last !== config.outputActivation)
    notes.push(
      `the generator was trained with ${ENDS[config.outputActivation]}; the original will give it ${ENDS[last]} unless its code is changed`,
    );
  if (config.ema > 0) notes.push("the averaged parameters are written, without Adam's state, which belongs to others");
  return { bytes: writeTorch(checkpoint), notes };
}

const ENDS = { none: "no last function", tanh: "tanh at its end", sigmoid: "a sigmoid at its end" } as const;

const dict = (fields: Readonly<Record<string, PyValue>>): Map<string, PyValue> => new Map(Object.entries(fields));

const prefixed = (prefix: string, entries: StateDict): [string, NdArray][] =>
  [...entries].map(([name, x]) => [prefix + name, x]);

const taskOf = ({ config, info }: TrainedRun): Task => ({
  event: info.data.shape,
  classes: config.labels === "none" ? null : info.data.classes!.length,
});

const wrapper = ({ model }: TrainedRun): string => (model.classes === null ? "" : "logp_net.");

/** Both networks as the original's state_dicts. */
function networks(run: TrainedRun, posterior: Dict<NdArray> = {}): { energy: StateDict; generator: StateDict } {
  const { config, variables } = run;
  const trained = run.generator?.variables;
  const { params, state } =
    trained ?? generatorModel(config, taskOf(run)).init(streams(config.seed).for("generator that was not trained"));
  const eta = (posterior.params as Dict<NdArray> | undefined)?.post_logsigma ?? full([config.noiseDim], Math.log(0.1));
  const own: [string, NdArray][] = [
    ["logsigma", params.logsigma],
    ["stepsize", (posterior.stepsize as NdArray | undefined) ?? full([], 1 / config.noiseDim)],
    ...(config.generatorType !== "verahmc" ? [["post_logsigma", eta] as [string, NdArray]] : []),
  ];
  return {
    energy: new Map(prefixed(wrapper(run), stateDict(variables))),
    generator: new Map([...own, ...prefixed("g.", stateDict({ params: params.g, state }))]),
  };
}

/** Adam's state of both networks; none for averages, whose it is not, and for a network that was not trained. */
function moments(run: TrainedRun, { energy, generator }: TrainState<NdArray>): { energy: Moments; generator: Moments } {
  if (run.config.ema > 0) return { energy: NO_MOMENTS, generator: NO_MOMENTS };
  return {
    energy: fromTree(energy.optimizer, (path) => wrapper(run) + path),
    generator: generator === undefined ? NO_MOMENTS : fromTree(generator.optimizer, (path) => path),
  };
}

type Moments = ReturnType<typeof fromTree>;
const NO_MOMENTS: Moments = { step: 0, m: new Map(), v: new Map() };

interface Schedule {
  readonly perEpoch: number;
  readonly milestones: readonly number[];
  /** Factor on the learning rates at an iteration. */
  readonly factor: (iteration: number) => number;
}

/** The schedule in iterations, for which the data must be there. */
async function scheduleOf(config: TrainConfig): Promise<{ schedule: Schedule | null; notes: string[] }> {
  try {
    const dataset = await loadData(config);
    const perEpoch = iterationsPerEpoch(dataset, trainBatches(config, dataset).batches);
    const milestones = config.decayEpochs.map((epoch) => Math.ceil(epoch * perEpoch));
    const factor = product(linearWarmup(config.warmupIters), multiStep(milestones, config.decayRate));
    return { schedule: { perEpoch, milestones, factor }, notes: [] };
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    const note = `without the data (${cause.message}) the schedule of learning rates cannot be written: the original's flags decide`;
    return { schedule: null, notes: [note] };
  }
}
