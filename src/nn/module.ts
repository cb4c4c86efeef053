/**
 * Models as pure functions of their variables.
 *
 * A module owns no values. `init` draws them, `apply` builds the graph from them. Values are nested records whose
 * dotted paths are the names of PyTorch's `state_dict` (`layer1.0.conv1.weight`), in two trees: `params`, which are
 * trained, and `state`, the buffers of batch norm. Functions of one tensor (`relu`, `tanh`, `flatten`, …) are layers
 * as they are.
 */
import { isTensor, scope, type Tensor } from "../graph/index.js";
import { currentScope } from "../graph/scope.js";
import type { NdArray, Rng } from "../runtime/index.js";

/** Nested records of values of one kind, keyed by the names of layers and of their variables. */
export interface Dict<L> {
  readonly [name: string]: L | Dict<L>;
}

/** What a module computes with: arrays outside a graph, tensors in one. */
export type Variables<L> = {
  /** Trained by gradient. */
  readonly params: Dict<L>;
  /** Batch norm's running statistics; empty for modules without batch norm. */
  readonly state: Dict<L>;
};

/**
 * How batch norm and dropout behave.
 * - `train`: statistics of the batch; dropout by the given masks (of {@link Module.masks}).
 * - `eval`: running statistics; no dropout.
 * - `frozen`: given statistics, as returned by an earlier application; no dropout, unless masks are given. The module is then the very function
 *   that it was on that earlier batch, whatever it is applied to.
 */
export type Mode =
  | { readonly mode: "train"; readonly masks?: Dict<Tensor> }
  | { readonly mode: "eval" }
  | { readonly mode: "frozen"; readonly statistics: Dict<Tensor>; readonly masks?: Dict<Tensor> };

/** The result of a module. */
export type Applied = {
  readonly y: Tensor;
  /** The given state, in `train` mode updated by this batch. */
  readonly state: Dict<Tensor>;
  /** The statistics that batch norm used, `{ mean, var }` of each `[C]` (var biased), by layer. */
  readonly statistics: Dict<Tensor>;
  /** What the last layer sees, `[B, D]` or maps `[B, C, H, W]`; absent where a module does not say. */
  readonly features?: Tensor;
  /** Maps `[B, C, H, W]` inside the module, by which inputs can be compared; absent where a module gives none. */
  readonly stages?: readonly Tensor[];
};

export interface Module {
  /** Initial variables. */
  init(rng: Rng): Variables<NdArray>;
  /**
   * Builds the graph of the module's output.
   * @throws TypeError where a variable, mask or statistic is missing; ShapeError where shapes do not fit.
   */
  apply(variables: Variables<Tensor>, x: Tensor, mode: Mode): Applied;
  /** Draws the dropout masks of one batch: 0, or 1 / (1 - p) to keep the expectation. Empty without dropout. */
  masks(batch: number, rng: Rng): Dict<NdArray>;
}

/** A module, or a function without variables. */
export type Layer = Module | ((x: Tensor) => Tensor);

/** The value called `name`. @throws TypeError where there is none. */
export function variable(dict: Dict<Tensor>, name: string): Tensor {
  const value = dict[name];
  if (!isTensor(value)) throw new TypeError(`no tensor "${name}" for the layer at "${currentScope()}"`);
  return value;
}

/** The tree called `name`; empty where there is none. */
export const branch = (dict: Dict<Tensor>, name: string): Dict<Tensor> => {
  const value = dict[name];
  return value === undefined || isTensor(value) ? {} : value;
};

/** The mode of the part of a module that is called `name`. */
export function modeOf(mode: Mode, name: string): Mode {
  if (mode.mode === "eval") return mode;
  const masks = mode.masks && { masks: branch(mode.masks, name) };
  if (mode.mode === "train") return { mode: "train", ...masks };
  return { mode: "frozen", statistics: branch(mode.statistics, name), ...masks };
}

const isEmpty = (dict: object): boolean => Object.keys(dict).length === 0;

/** A module that behaves the same in every mode: parameters only, no state, statistics or masks. */
export const stateless = (
  init: (rng: Rng) => Dict<NdArray>,
  forward: (params: Dict<Tensor>, x: Tensor) => Tensor,
): Module => ({
  init: (rng) => ({ params: init(rng), state: {} }),
  apply: ({ params }, x) => ({ y: forward(params, x), state: {}, statistics: {} }),
  masks: () => ({}),
});

/**
 * A module made of named layers: `forward` gets them bound to their variables. A layer may be called once or not at
 * all. It gives the output, or also what is to be seen inside.
 * @example compose({ conv1: conv2d(3, 8, 3), conv2: conv2d(8, 8, 3) }, ({ conv1, conv2 }, x) => conv2(relu(conv1(x))));
 */
export function compose<Name extends string>(
  layers: Readonly<Record<Name, Layer>>,
  forward: (
    layers: Readonly<Record<Name, (x: Tensor) => Tensor>>,
    x: Tensor,
  ) => Tensor | Pick<Applied, "y" | "features" | "stages">,
): Module {
  const entries = Object.entries<Layer>(layers);
  const modules = entries.filter((entry): entry is [string, Module] => typeof entry[1] !== "function");
  /** The non-empty records that the modules give, by name. */
  const collect = <L>(records: readonly (readonly [string, Dict<L>])[]): Dict<L> =>
    Object.fromEntries(records.filter(([, record]) => !isEmpty(record)));
  return {
    init(rng) {
      const parts = modules.map(([name, module]) => [name, module.init(rng)] as const);
      return {
        params: collect(parts.map(([name, { params }]) => [name, params])),
        state: collect(parts.map(([name, { state }]) => [name, state])),
      };
    },
    apply({ params, state }, x, mode) {
      const results = new Map<string, Applied>();
      const call = (name: string, layer: Layer) => (input: Tensor) =>
        scope(name, () => {
          if (typeof layer === "function") return layer(input);
          if (results.has(name)) throw new TypeError(`the layer at "${currentScope()}" is called twice`);
          const variables = { params: branch(params, name), state: branch(state, name) };
          const result = layer.apply(variables, input, modeOf(mode, name));
          results.set(name, result);
          return result.y;
        });
      const bound = Object.fromEntries(entries.map(([name, layer]) => [name, call(name, layer)]));
      const made = forward(bound as Record<Name, (x: Tensor) => Tensor>, x);
      const applied = [...results];
      return {
        ...(isTensor(made) ? { y: made } : made),
        state: { ...state, ...collect(applied.map(([name, result]) => [name, result.state])) },
        statistics: collect(applied.map(([name, result]) => [name, result.statistics])),
      };
    },
    masks: (batch, rng) => collect(modules.map(([name, module]) => [name, module.masks(batch, rng)] as const)),
  };
}

/** Layers one after the other, named by their position: PyTorch's `nn.Sequential`. Its features are what the last module among them sees. */
export function sequential(layers: readonly Layer[]): Module {
  const last = layers.findLastIndex((layer) => typeof layer !== "function");
  return compose(Object.fromEntries(layers.map((layer, i) => [String(i), layer])), (bound, x) => {
    const upTo = (y: Tensor, from: number, to: number): Tensor =>
      layers.slice(from, to).reduce((h, _, i) => bound[String(from + i)]!(h), y);
    if (last < 0) return upTo(x, 0, layers.length);
    const features = upTo(x, 0, last);
    return { y: upTo(features, last, layers.length), features };
  });
}
