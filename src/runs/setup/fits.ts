/** What is fitted to the rows before training begins: the base measure, and the classifier of a table. */
import type { Dataset, Split } from "../../data/index.js";
import { type FitHooks, type FittedBase, type FittedClassifier, fittedClassifier } from "../../ebm/index.js";
import { sizeOf, type Tensor } from "../../graph/index.js";
import type { Dict, Variables } from "../../nn/index.js";
import { isArray, type NdArray, streams } from "../../runtime/index.js";
import { asInputs, examples, expectShape, fitting, tryOut } from "../../train/try-out.js";
import type { TrainConfig } from "../config/index.js";
import { CheckpointError } from "../folder/checkpoint.js";
import { fitBase, storedBase } from "./base.js";
import { type Findings, fitClassifier, isTableClassifier, storedClassifier } from "./classifier.js";

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

/**
 * As a checkpoint holds them.
 * @param path of the checkpoint, for messages
 * @throws CheckpointError where a part is missing, or they do not belong together
 */
export function storedFits(
  config: TrainConfig,
  tensors: ReadonlyMap<string, NdArray>,
  { shape, classes }: Pick<Dataset, "shape" | "classes">,
  path: string,
): Fits {
  const base = storedBase(config, tensors);
  const classifier = storedClassifier(config, tensors);
  const check = () => {
    if (base !== null) tryBase(base, sizeOf(shape));
    if (classifier !== null)
      tryOut(fittedClassifier(classifier, classes?.length ?? 0), { params: {}, state: { classifier } }, shape);
    for (const fitted of [base?.fitted, classifier]) if (fitted) refuseNoRows(fitted);
  };
  fitting(
    check,
    (cause) =>
      new CheckpointError(
        `${path}: what was fitted before training is not whole: ${cause.message}; take another checkpoint`,
        { cause },
      ),
  );
  return { base, classifier, findings: null };
}

/** @throws ShapeError, TypeError where the base measure cannot be evaluated */
function tryBase({ measure, fitted }: FittedBase, width: number): void {
  const x = examples([width]);
  expectShape(measure.logDensity(asInputs<Dict<Tensor>>(fitted), x), x.shape.slice(0, 1));
}

/** f of rows held out: thresholds and ranks are made from them. @throws TypeError where they are not there */
function refuseNoRows({ heldout }: Dict<NdArray>): void {
  if (!isArray(heldout) || heldout.shape.length !== 1 || heldout.size === 0 || heldout.dtype !== "f32")
    throw new TypeError("no log-densities of rows held out");
}

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
