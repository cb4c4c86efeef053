/** Networks and optimisers of a checkpoint of the original, in the structure that training has here. */
import type { Trained, TrainState } from "../ebm/index.js";
import { sameTree } from "../graph/index.js";
import type { Dict } from "../nn/index.js";
import { isArray, type NdArray, zeros } from "../runtime/index.js";
import { toTree } from "./adam.js";
import { InterchangeError } from "./error.js";
import type { OriginalCheckpoint, StateDict } from "./original.js";

/**
 * The training state of the structure of `like`, an outline, with the checkpoint's values.
 * @throws InterchangeError naming the first array that is missing, of another shape, or has no place.
 */
export function trainState(original: OriginalCheckpoint, own: TrainState<NdArray>): TrainState<NdArray> {
  const energy = part(original.energy, own.energy, "model.logp_net", (path) => path);
  const trained = {
    energy: { ...energy, optimizer: optimizer(original.adam.energy, own.energy, (path) => path) },
  };
  if (own.generator === undefined || own.posterior === undefined) return trained;
  const network = new Map([...original.generator].filter(([name]) => !POSTERIOR.includes(name)));
  const generator = {
    ...part(network, own.generator, "model.g", generatorName),
    optimizer: optimizer(original.adam.generator, own.generator, (path) => path),
  };
  return { ...trained, generator, posterior: posterior(original.generator, own.posterior) };
}

/** What the original keeps with the generator, and this project with the entropy's estimator. */
const POSTERIOR: readonly string[] = ["stepsize", "post_logsigma"];

/** Buffers of the generator's network are below `g` there. */
const generatorName = (path: string, tree: "params" | "state"): string => (tree === "state" ? `g.${path}` : path);

function part<P extends Dict<NdArray>>(
  entries: StateDict,
  like: Pick<Trained<NdArray, P>, "params" | "state">,
  where: string,
  nameOf: (path: string, tree: "params" | "state") => string,
): Pick<Trained<NdArray, P>, "params" | "state"> {
  const unused = new Set(entries.keys());
  const fill = <T extends Dict<NdArray>>(from: T, tree: "params" | "state"): T =>
    sameTree(from, isArray, (own: NdArray, path: string) => {
      const name = nameOf(path, tree);
      const value = entries.get(name);
      if (value === undefined) throw new InterchangeError(`${where} has no "${name}", which this architecture has`);
      const [expected, found] = [own, value].map((x) => `${x.dtype}[${x.shape}]`);
      if (expected !== found)
        throw new InterchangeError(`"${name}" of ${where} is ${found}, and this architecture has ${expected}`);
      unused.delete(name);
      return value;
    });
  const filled = { params: fill(like.params, "params"), state: fill(like.state, "state") };
  const [extra] = unused;
  if (extra !== undefined) throw new InterchangeError(`${where} has "${extra}", which this architecture has not`);
  return filled;
}

const optimizer = (
  adam: OriginalCheckpoint["adam"]["energy"],
  { optimizer: like }: Pick<Trained<NdArray>, "optimizer">,
  nameOf: (path: string) => string,
): Dict<NdArray> => (adam === null ? fresh(like) : toTree(adam, like, nameOf));

/** Adam's state before the first step: nothing but zeros. */
const fresh = (like: Dict<NdArray>): Dict<NdArray> => sameTree(like, isArray, ({ shape }: NdArray) => zeros(shape));

/** η with a fresh optimiser, whose state the original does not save; or the step size of HMC. */
function posterior(generator: StateDict, like: Dict<NdArray>): Dict<NdArray> {
  const take = (name: string, { shape }: NdArray): NdArray => {
    const value = generator.get(name);
    if (value === undefined || value.shape.join() !== shape.join())
      throw new InterchangeError(`model.g has no "${name}" of shape [${shape}]`);
    return value;
  };
  if (isArray(like.stepsize)) return { stepsize: take("stepsize", like.stepsize) };
  const { post_logsigma } = like.params as { readonly post_logsigma: NdArray };
  const params = { post_logsigma: take("post_logsigma", post_logsigma) };
  return { ...like, params, optimizer: fresh(like.optimizer as Dict<NdArray>) };
}
