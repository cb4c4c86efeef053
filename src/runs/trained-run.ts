/** A model out of training, ready to use: the networks with their variables, and how inputs are prepared. */
import { join } from "node:path";
import { categoriesOf } from "../data/index.js";
import type { EnergyModel, Generator, GeneratorVariables, TrainState } from "../ebm/index.js";
import { leaves } from "../graph/index.js";
import type { Variables } from "../nn/index.js";
import { isArray, type NdArray, outline } from "../runtime/index.js";
import { shapesOnly } from "../runtime/streams.js";
import { type Carried, initialState, withAverages } from "../train/trainer.js";
import { fitting, tryOut } from "../train/try-out.js";
import type { TrainConfig } from "./config/index.js";
import { CheckpointError } from "./folder/checkpoint.js";
import type { RunInfo } from "./folder/run-info.js";
import { algorithm } from "./setup/algorithm.js";
import { type Fits, NOTHING } from "./setup/fits.js";

export interface TrainedRun {
  /** Folder of the run; null of a checkpoint that lies by itself. */
  readonly folder: string | null;
  /** The file that the model was read from. */
  readonly checkpoint: string;
  readonly config: TrainConfig;
  readonly info: RunInfo;
  readonly model: EnergyModel;
  /** The density model's variables; averages of the parameters where the run kept them. */
  readonly variables: Variables<NdArray>;
  /** Null where the run has no generator. */
  readonly generator: { readonly model: Generator; readonly variables: GeneratorVariables<NdArray> } | null;
  /** All that training carries on with: parameters before averaging, optimisers. */
  readonly training: TrainState<NdArray>;
  /** Iterations that the checkpoint has seen. */
  readonly iteration: number;
}

/** Where what belongs to a model is kept: in the folder of its run, or beside a checkpoint that lies by itself, under the checkpoint's name. */
export const keptAt = ({ folder, checkpoint }: Pick<TrainedRun, "folder" | "checkpoint">, name: string): string =>
  folder === null ? `${checkpoint}.${name}` : join(folder, name);

/** Where a model comes from, and what it is. */
export interface Origin extends Pick<TrainedRun, "folder" | "checkpoint" | "config" | "info"> {
  /** Default: nothing was fitted. */
  readonly fits?: Fits;
  /** What an architecture that does not go with the data is told as. */
  readonly unfit: (cause: Error) => Error;
}

/**
 * The model of a configuration.
 * @param fill the arrays that training carried, in the structure of an outline of them, and the iterations done
 * @throws what `unfit` makes of networks that the data does not fit; CheckpointError where a parameter is not finite
 */
export function trainedRun(
  { folder, checkpoint, config, info, fits = NOTHING, unfit }: Origin,
  fill: (like: Carried<NdArray>) => { readonly arrays: Carried<NdArray>; readonly iteration: number },
): TrainedRun {
  const { shape, preprocessing } = info.data;
  const classes = config.labels === "none" ? null : info.data.classes!.length;
  const task = { event: shape, classes, ...fits, categories: categoriesOf(preprocessing) };
  const parts = fitting(() => algorithm(config, task), unfit);
  const { arrays, iteration } = fill(outline(() => initialState(parts.step, config.ema, shapesOnly())));
  const { energy, generator } = withAverages(arrays, config.ema);
  fitting(() => tryOut(parts.model, energy, shape), unfit);
  refuseNotFinite(checkpoint, { model: energy.params, generator: generator?.params ?? {} });
  return {
    folder,
    checkpoint,
    config,
    info,
    model: parts.model,
    variables: { params: energy.params, state: energy.state },
    generator: parts.generator && { model: parts.generator, variables: generator! },
    training: arrays.train,
    iteration,
  };
}

/** What diverged, or was damaged, answers everything with NaN. @throws CheckpointError naming the first parameter that is not finite. */
function refuseNotFinite(checkpoint: string, params: Readonly<Record<string, unknown>>): void {
  for (const [name, { data }] of leaves(params, isArray)) {
    if (data.every(Number.isFinite)) continue;
    throw new CheckpointError(`${checkpoint}: ${name} holds numbers that are not finite; take another checkpoint`);
  }
}
