/**
 * Adam's state, `torch.optim.Adam.state_dict()` ↔ the tree of `nn.adam`.
 *
 * PyTorch numbers parameters in the order of the module's state_dict without buffers, counts steps for each parameter, and has no
 * state for one that never had a gradient. Here one count serves all, and moments that were never needed are zero.
 */
import { described } from "../data/formats/pickle-values.js";
import { leaves, mapTree } from "../graph/index.js";
import type { Dict } from "../nn/index.js";
import { full, isArray, type NdArray, zeros } from "../runtime/index.js";
import { InterchangeError } from "./error.js";
import type { StateDict } from "./original.js";
import type { TorchValue } from "./torch/read.js";
import { numberOf, TorchTensor } from "./torch/tensor.js";

/** What an optimiser was told. */
export interface AdamOptions {
  /** At this point of the schedule. */
  readonly lr: number;
  /** Before warm-up and decay. */
  readonly initialLr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly weightDecay: number;
}

export interface AdamState {
  readonly options: AdamOptions;
  /** Steps done; 0 where the network was never trained. */
  readonly step: number;
  /** Moments by the names of the parameters; absent for those that never had a gradient. */
  readonly m: StateDict;
  readonly v: StateDict;
}

const BUFFER = /(^|\.)(running_mean|running_var|num_batches_tracked)$/;

/** The parameters among the names of a state_dict, as PyTorch numbers them. */
export const parameterNames = (names: Iterable<string>): string[] => [...names].filter((name) => !BUFFER.test(name));

/** @throws InterchangeError where it is not Adam's, or not of these parameters. */
export function readAdam(value: TorchValue | undefined, network: StateDict, where: string): AdamState | null {
  if (value === undefined) return null;
  const refuse = (problem: string): never => {
    throw new InterchangeError(`${where} ${problem}`);
  };
  const groups = value instanceof Map ? value.get("param_groups") : undefined;
  const [group, more] = Array.isArray(groups) ? groups : [];
  const states = value instanceof Map ? value.get("state") : undefined;
  if (!(group instanceof Map) || more !== undefined || !(states instanceof Map))
    return refuse("is no state of an optimiser with one group of parameters");
  if (group.get("amsgrad") === true) return refuse("is of AMSGrad, which is not here");
  const keys = group.get("params");
  const names = parameterNames(network.keys());
  if (!Array.isArray(keys) || keys.length !== names.length)
    return refuse(`is of ${Array.isArray(keys) ? keys.length : "no"} parameters, and the network has ${names.length}`);
  const moments = { m: new Map<string, NdArray>(), v: new Map<string, NdArray>() };
  const steps = new Set<number>();
  for (const [i, name] of names.entries()) {
    const state = states.get(String(keys[i]));
    if (!(state instanceof Map) || state.size === 0) continue;
    const moment = (key: string): NdArray => {
      const tensor = state.get(key);
      if (!(tensor instanceof TorchTensor)) return refuse(`has no ${key} of "${name}": it is not Adam's`);
      if (tensor.shape.join() !== network.get(name)!.shape.join())
        return refuse(`has ${key} of shape [${tensor.shape}] for "${name}" of shape [${network.get(name)!.shape}]`);
      return tensor.toArray();
    };
    moments.m.set(name, moment("exp_avg"));
    moments.v.set(name, moment("exp_avg_sq"));
    const step = state.get("step");
    steps.add(numberOf(step) ?? Number.NaN);
  }
  if (steps.size > 1)
    return refuse(`counts different steps for different parameters (${[...steps].join(", ")}), and one is kept here`);
  const [step = 0] = steps;
  if (!Number.isSafeInteger(step) || step < 0) return refuse("counts no steps");
  return { options: optionsOf(group, refuse), step, ...moments };
}

function optionsOf(group: ReadonlyMap<string, TorchValue>, refuse: (problem: string) => never): AdamOptions {
  const number = (value: TorchValue | undefined, name: string): number => {
    const found = numberOf(value);
    if (found !== undefined && Number.isFinite(found)) return found;
    return refuse(value === undefined ? `has no ${name}` : `has for ${name} ${described(value)}, no finite number`);
  };
  const betas = group.get("betas");
  const [beta1, beta2] = Array.isArray(betas) ? betas : [];
  const lr = number(group.get("lr"), "lr");
  const eps = number(group.get("eps"), "eps");
  if (eps !== 1e-8) return refuse(`has ε = ${eps}, and it is 1e-8 here`);
  return {
    lr,
    initialLr: number(group.get("initial_lr") ?? lr, "initial_lr"),
    beta1: number(beta1, "betas"),
    beta2: number(beta2, "betas"),
    weightDecay: number(group.get("weight_decay") ?? 0, "weight_decay"),
  };
}

/**
 * The state of `nn.adam` for these parameters.
 * @param like its state before the first step: it has no `m` where β₁ is 0.
 * @param nameOf a parameter's path in the tree → its name in the state_dict.
 */
export function toTree(adam: AdamState, like: Dict<NdArray>, nameOf: (path: string) => string): Dict<NdArray> {
  const fill = (tree: unknown, moments: StateDict) =>
    mapTree(
      tree as Dict<NdArray>,
      isArray,
      (own: NdArray, path: string) => moments.get(nameOf(path)) ?? zeros(own.shape),
    ) as Dict<NdArray>;
  if (isArray(like.step)) return { step: full([], adam.step), m: fill(like.m, adam.m), v: fill(like.v, adam.v) };
  return mapParts(like, (part, name) => toTree(adam, part, (path) => nameOf(`${name}.${path}`)));
}

/** States by the parts of a model (`nn.byPart`). */
const mapParts = <T>(state: Dict<NdArray>, of: (part: Dict<NdArray>, name: string) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(state).flatMap(([name, part]) => (isArray(part) ? [] : [[name, of(part, name)]])));

/** The moments of a state of `nn.adam` by the names of the state_dict. `m` is empty where β₁ is 0. */
export function fromTree(state: Dict<NdArray>, nameOf: (path: string) => string): Pick<AdamState, "step" | "m" | "v"> {
  if (!isArray(state.step)) {
    const parts = Object.values(mapParts(state, (part, name) => fromTree(part, (path) => nameOf(`${name}.${path}`))));
    const all = (which: "m" | "v") => new Map(parts.flatMap((part) => [...part[which]]));
    return { step: parts[0]?.step ?? 0, m: all("m"), v: all("v") };
  }
  const named = (tree: unknown) => new Map(leaves(tree, isArray).map(([path, x]) => [nameOf(path), x]));
  return { step: state.step.item(), m: named(state.m), v: named(state.v) };
}
