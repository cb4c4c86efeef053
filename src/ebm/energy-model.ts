/**
 * Energy-based models: an unnormalised log-density f(x), log p(x) = f(x) - log Z, with or without class logits.
 *
 * Conventions of this folder. `logDensity` is f; the energy is -f. Batches come first: x `[B, …]`, f(x) `[B]`, logits
 * `[B, K]`. Objectives return what is to be minimised. Samples from a generator or a chain enter an energy's loss through
 * `stopGradient`; the generator's loss holds the energy's parameters fixed by differentiating by its own only.
 */
import { add, clamp, logSoftmax, logsumexp, reshape, type Tensor } from "../graph/index.js";
import { branch, type Dict, type Mode, type Module, modeOf, type Variables } from "../nn/index.js";
import type { NdArray, Rng } from "../runtime/index.js";
import { child } from "./child.js";
import { returning } from "./class-shares.js";
import { turned } from "./turns.js";
import { noTypicality, withTypicality } from "./typicality.js";

/** What a model says of a batch. */
export interface Evaluation {
  /** f(x) `[B]`. */
  readonly logDensity: Tensor;
  /** f(x)[y] `[B, K]`, up to a number for each row in `train` mode; null where the model has no classes. */
  readonly logits: Tensor | null;
  /** What f is the log of the sum of the exponentials of, `[B, K]`, where the classes are told by another network. Absent: nothing. */
  readonly densityLogits?: Tensor;
  /** In `train` mode, where a network learns to tell quarter turns (turns.ts): logits `[B, 4]` of the batch as it was turned. Absent: none does. */
  readonly turnLogits?: Tensor;
  /** Buffers after this batch (batch norm in `train` mode). */
  readonly state: Dict<Tensor>;
  /** What batch norm used: with these in `frozen` mode f is the same function again. Absent: nothing. */
  readonly statistics?: Dict<Tensor>;
  /** What the network's last layer sees, `[B, D]` or maps `[B, C, H, W]`. Absent: the model has no such layer. */
  readonly features?: Tensor;
  /** Maps `[B, C, H, W]` inside the network. Absent: the model gives none. */
  readonly stages?: readonly Tensor[];
  /** f(x) less a base measure `[B]`: what penalties act on. Absent: all of f. */
  readonly residual?: Tensor;
}

/** A model of a density: its variables are PyTorch-named trees. */
export interface EnergyModel {
  /** Number of classes, or null. */
  readonly classes: number | null;
  /** Channels of the stages that f counts as well (typicality.ts), and rows of each class: p(y|x) returns to their shares. Absent: f counts none. */
  readonly typicality?: { readonly channels: readonly number[]; readonly shares: readonly number[] | null };
  init(rng: Rng): Variables<NdArray>;
  /** @param view what p(y|x) is told from, where a network of its own tells it; default x */
  evaluate(variables: Variables<Tensor>, x: Tensor, mode: Mode, view?: Tensor): Evaluation;
  /** Dropout masks of one batch. */
  masks(batch: number, rng: Rng): Dict<NdArray>;
}

/**
 * A network as an energy-based model. With classes its outputs are logits and f(x) = log Σ_y e^f(x)[y] (JEM, Grathwohl et al.
 * 2020, eq. 6); without, its single output is f(x).
 */
export const networkEnergy = (network: Module, classes: number | null): EnergyModel => ({
  classes,
  init: (rng) => network.init(rng),
  masks: (batch, rng) => network.masks(batch, rng),
  evaluate(variables, x, mode) {
    const { y, state, statistics, features } = network.apply(variables, x, mode);
    const seen = { state, statistics, ...(features !== undefined && { features }) };
    if (classes === null) return { logDensity: reshape(y, [x.shape[0]!]), logits: null, ...seen };
    return { logDensity: logsumexp(y, 1), logits: y, ...seen };
  },
});

/** Beyond it f is cut off in the logits: single precision would leave too few digits to the probabilities. */
const MOST = 500;

/** f(x)[y] = f(x) + log p(y|x) `[B, K]` from f `[B]` and log p(y|x) `[B, K]`. */
export const jointLogits = (logDensity: Tensor, logProbability: Tensor): Tensor =>
  add(reshape(clamp(logDensity, -MOST, MOST), [logDensity.shape[0]!, 1]), logProbability);

/** What two networks may have beside them. */
export interface Beside {
  /** In evaluation alone: training is of the networks. Default null: f is `density`'s. */
  readonly typicality?: EnergyModel["typicality"] | null;
  /** Whether `density` has an output for each class, and f = log Σ_y e^output[y], as in {@link networkEnergy}. Default false. */
  readonly densityLogits?: boolean;
}

/**
 * Two networks as an energy-based model: p(x, y) = p(x) p(y|x), with f(x) by the one, `density`, and p(y|x) by the other, `classifier`. In
 * one network for both, classification wants f steep and batch norm, and a generator wants neither. Without classes the other learns to tell
 * quarter turns of square images (turns.ts), for the sake of its layers.
 * @param density x → `[B, 1]`, or `[B, K]` with `densityLogits`
 * @param classifier x → `[B, K]`, without classes `[B, 4]`
 */
export const twoNetworks = (
  density: Module,
  classifier: Module,
  classes: number | null,
  { typicality = null, densityLogits = false }: Beside = {},
): EnergyModel => ({
  classes,
  ...(typicality && { typicality }),
  init(rng) {
    const [ofDensity, ofClassifier] = [density.init(rng.fork()), classifier.init(rng.fork())];
    return {
      params: { density: ofDensity.params, classifier: ofClassifier.params },
      state: {
        density: ofDensity.state,
        classifier: ofClassifier.state,
        ...(typicality && { typicality: noTypicality(typicality.channels, typicality.shares) }),
      },
    };
  },
  masks: (batch, rng) => ({ density: density.masks(batch, rng), classifier: classifier.masks(batch, rng) }),
  evaluate({ params, state }, x, mode, view = x) {
    const part = (module: Module, name: string, seen: Tensor) =>
      module.apply({ params: branch(params, name), state: branch(state, name) }, seen, modeOf(mode, name));
    const turns = classes === null && mode.mode === "train";
    const f = part(density, "density", x);
    const told = part(classifier, "classifier", turns ? turned(view) : view);
    const own = densityLogits ? logsumexp(f.y, 1) : reshape(f.y, [x.shape[0]!]);
    const after = { ...state, density: f.state, classifier: told.state };
    const statistics = { density: f.statistics, classifier: told.statistics };
    const { features, stages } = told;
    const seen = {
      state: after,
      statistics,
      ...(densityLogits && { densityLogits: f.y }),
      ...(features !== undefined && { features }),
      ...(stages && { stages }),
    };
    const usual = () => withTypicality(branch(state, "typicality"), stages ?? [], own);
    const counted = typicality !== null && mode.mode === "eval";
    if (turns) return { logDensity: own, logits: null, turnLogits: told.y, ...seen };
    if (classes === null) return { logDensity: counted ? usual() : own, logits: null, ...seen };
    const logProbability = logSoftmax(told.y, 1);
    // In training f takes no part in p(y|x), whose gradient by it is rounding: enough to move it, with Adam.
    if (mode.mode === "train") return { logDensity: own, logits: logProbability, ...seen };
    if (!counted) return { logDensity: own, logits: jointLogits(own, logProbability), ...seen };
    const logDensity = usual();
    const shares = child<Dict<Tensor>>(branch(state, "typicality"), "shares");
    const returned = returning(logProbability, shares, logDensity);
    return { logDensity, logits: jointLogits(logDensity, returned), ...seen };
  },
});
