/**
 * A checkpoint of the authors' PyTorch implementation, as its training loop saves it:
 *
 *   model: { logp_net, g }        state_dicts; with a classifier, the names of logp_net begin with `logp_net.`
 *   optimizer: { e, g }           of Adam, over logp_net's and g's parameters
 *   scheduler: { e, g }           of MultiStepLR
 *   itr, epoch, and lists of metrics so far
 *
 * Random states, the replay buffer, and the optimiser of the posterior's scale η are not in it.
 */
import { reason } from "../data/error.js";
import { described } from "../data/formats/pickle-values.js";
import type { NdArray } from "../runtime/index.js";
import { type AdamState, readAdam } from "./adam.js";
import { InterchangeError } from "./error.js";
import { readTorch, type TorchValue } from "./torch/read.js";
import { numberOf, TorchTensor } from "./torch/tensor.js";

/** The arrays of a network by the names of its state_dict, in its order. */
export type StateDict = ReadonlyMap<string, NdArray>;

/** MultiStepLR: the iterations at which the learning rates decay, and by which factor. */
export interface Decay {
  readonly milestones: readonly number[];
  readonly gamma: number;
}

export interface OriginalCheckpoint {
  /** Whether logp_net is a classifier wrapped in `JEM`. */
  readonly jem: boolean;
  /** Names without the wrapper's `logp_net.`. */
  readonly energy: StateDict;
  /** `logsigma`, `stepsize`, `post_logsigma` (variational only), `g.…`. */
  readonly generator: StateDict;
  /** Null where the checkpoint has no optimisers. */
  readonly adam: { readonly energy: AdamState | null; readonly generator: AdamState | null };
  readonly decay: Decay | null;
  /** Iterations done. */
  readonly iteration: number;
}

const WRAPPER = "logp_net.";

/** @throws InterchangeError where the file is damaged, hostile, or holds something else. */
export async function readOriginal(bytes: Uint8Array, file: string): Promise<OriginalCheckpoint> {
  const root = await readTorch(bytes, file);
  try {
    return interpret(root);
  } catch (cause) {
    const why = cause instanceof InterchangeError ? cause.message : `corrupt checkpoint (${reason(cause)})`;
    throw new InterchangeError(`${file}: ${why}`, { cause });
  }
}

function interpret(root: TorchValue): OriginalCheckpoint {
  const model = child(root, "model");
  const [wrapped, generator] = [child(model, "logp_net"), child(model, "g")];
  if (!(wrapped instanceof Map) || !(generator instanceof Map)) {
    const found = root instanceof Map ? [...root.keys()].slice(0, 8).join(", ") : described(root);
    throw new InterchangeError(
      `no checkpoint of the original implementation: model.logp_net and model.g expected, found ${found}`,
    );
  }
  const jem = wrapped.size > 0 && [...wrapped.keys()].every((name) => name.startsWith(WRAPPER));
  const energy = new Map([...wrapped].map(([name, value]) => [jem ? name.slice(WRAPPER.length) : name, value]));
  const optimizer = child(root, "optimizer");
  const parts = { energy: stateDict(energy, "model.logp_net"), generator: stateDict(generator, "model.g") };
  return {
    jem,
    ...parts,
    adam: {
      energy: readAdam(child(optimizer, "e"), parts.energy, "optimizer.e"),
      generator: readAdam(child(optimizer, "g"), parts.generator, "optimizer.g"),
    },
    decay: decayOf(child(child(root, "scheduler"), "e")),
    iteration: count(child(root, "itr"), "itr"),
  };
}

const child = (value: TorchValue | undefined, name: string): TorchValue | undefined =>
  value instanceof Map ? value.get(name) : undefined;

function stateDict(entries: ReadonlyMap<string, TorchValue>, where: string): StateDict {
  return new Map(
    [...entries].map(([name, value]) => {
      if (!(value instanceof TorchTensor))
        throw new InterchangeError(`${where} has "${name}", which is ${described(value)}, no tensor`);
      if (value.shape.includes(0)) throw new InterchangeError(`${where} has "${name}", which is empty`);
      return [name, copied(value, `${where}, "${name}"`)];
    }),
  );
}

/** @throws InterchangeError saying which tensor it is that cannot be read. */
function copied(tensor: TorchTensor, where: string): NdArray {
  try {
    return tensor.toArray();
  } catch (cause) {
    throw cause instanceof InterchangeError ? new InterchangeError(`${where}: ${cause.message}`, { cause }) : cause;
  }
}

function count(value: TorchValue | undefined, name: string): number {
  const n = value === undefined || value === null ? 0 : numberOf(value);
  if (n !== undefined && Number.isSafeInteger(n) && n >= 0) return n;
  throw new InterchangeError(`${name} is ${n ?? described(value ?? null)}, no number of iterations`);
}

function decayOf(scheduler: TorchValue | undefined): Decay | null {
  const [milestones, gamma] = [child(scheduler, "milestones"), numberOf(child(scheduler, "gamma"))];
  if (gamma === undefined || milestones === undefined) return null;
  const keys = milestones instanceof Map ? [...milestones.keys()].map(Number) : [];
  return { milestones: keys.filter((n) => Number.isSafeInteger(n) && n >= 0).sort((a, b) => a - b), gamma };
}
