/** One iteration of a method, taken apart with the numbers that it was done with. */
import type { ebm, NdArray, nn, Releasable } from "../../../src/web.js";
import type { Method, Settings } from "../settings/settings.js";
import type { TrainedMethod } from "../train/methods.js";
import type { Phase } from "../train/protocol.js";
import { discrepancyParts } from "./discrepancy.js";
import { langevinParts } from "./langevin.js";
import { scoreParts } from "./score-matching.js";
import { veraParts } from "./vera.js";

/** An iteration as it was done. */
export interface Done {
  readonly before: ebm.TrainState<NdArray>;
  readonly after: ebm.TrainState<NdArray>;
  readonly x: NdArray;
  readonly noise: nn.Dict<NdArray>;
  /** Where chains started. */
  readonly started: NdArray | null;
}

export interface Explainer extends Releasable {
  explain(done: Done): Promise<[draw: Phase, weigh: Phase, move: Phase]>;
}

export function explainer(method: Method, model: ebm.EnergyModel, own: TrainedMethod, settings: Settings): Explainer {
  switch (method) {
    case "vera":
      return veraParts(model, own, settings);
    case "sgld":
      return langevinParts(model, settings);
    case "ssm":
      return scoreParts(model);
    case "ed":
      return discrepancyParts(model, settings);
  }
}

/** The density model's variables in a state. */
export const variablesOf = ({ energy: { params, state } }: ebm.TrainState<NdArray>): nn.Variables<NdArray> => ({
  params,
  state,
});

/** An array of a tree of random numbers. */
export function drawnIn(noise: nn.Dict<NdArray>, ...path: readonly string[]): nn.Dict<NdArray> {
  let tree = noise;
  for (const name of path) {
    const value = tree[name];
    if (value === undefined || isLeaf(value)) throw new TypeError(`no "${name}" was drawn`);
    tree = value;
  }
  return tree;
}

const isLeaf = (value: NdArray | nn.Dict<NdArray>): value is NdArray => "data" in value && "shape" in value;

/** The array called `name`. @throws TypeError where there is none */
export function arrayIn(tree: nn.Dict<NdArray>, name: string): NdArray {
  const value = tree[name];
  if (value === undefined || !isLeaf(value)) throw new TypeError(`no "${name}" was drawn`);
  return value;
}
