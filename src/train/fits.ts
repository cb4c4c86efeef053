/** What is fitted to the rows before training begins: the base measure, and the classifier of a table. */
import type { Dataset, Split } from "../data/index.js";
import type { FitHooks, FittedBase, FittedClassifier } from "../ebm/index.js";
import type { Variables } from "../nn/index.js";
import { type NdArray, streams } from "../runtime/index.js";
import { fitBase, storedBase } from "./base.js";
import { type Findings, fitClassifier, isTableClassifier, storedClassifier } from "./classifier.js";
import type { TrainConfig } from "./config/index.js";

export interface Fits {
  readonly base: FittedBase | null;
  readonly classifier: FittedClassifier | null;
  /** What was found out while the classifier was fitted; null where it was not, or now is read from a checkpoint. */
  readonly findings: Findings | null;
}

export const NOTHING: Fits = { base: null, classifier: null, findings: null };

/** @param steps of the classifier, instead of its recipe's */
export async function fitAll(
  config: TrainConfig,
  dataset: Dataset,
  hooks: FitHooks = {},
  steps?: number,
): Promise<Fits> {
  const base = await fitBase(config, fittedTo(config, dataset), streams(config.seed).for("base measure"));
  if (!isTableClassifier(config)) return { ...NOTHING, base };
  const { fitted, ...findings } = await fitClassifier(config, dataset, hooks, steps);
  return { base, classifier: fitted, findings };
}

/** As a checkpoint holds them. */
export const storedFits = (config: TrainConfig, tensors: ReadonlyMap<string, NdArray>): Fits => ({
  base: storedBase(config, tensors),
  classifier: storedClassifier(config, tensors),
  findings: null,
});

/**
 * f of rows held out from what was fitted to all rows, by cross-fitting, ascending; null for models that leave rows for it. (Of a
 * classifier from few labels, and no base measure, f of the rows themselves.)
 */
export function keptLogDensity({ mode }: TrainConfig, { state }: Variables<NdArray>): Float32Array | null {
  const { base, classifier } = state as {
    readonly base?: { readonly of: { readonly heldout: NdArray } };
    readonly classifier?: FittedClassifier;
  };
  const heldOut = mode === "base-only" ? base?.of.heldout : classifier?.heldout;
  return heldOut === undefined ? null : Float32Array.from(heldOut.data);
}

/**
 * The splits that the base measure is fitted to: all rows where nothing else learns from them, since what it says of rows held out comes
 * from its own folds; else those that the network learns from.
 */
const fittedTo = ({ mode }: TrainConfig, { splits: { train, validation, test } }: Dataset): Split[] =>
  mode === "base-only" ? [train, validation, test].filter(({ size }) => size > 0) : [train];
