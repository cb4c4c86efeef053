/** What an evaluation is: something to measure of a trained model, that leaves a table, a JSON file and figures. */
import type { Dataset, Split } from "../data/index.js";
import type { Chart } from "../figures/index.js";
import { type OptionTable, type Values, valuesOf } from "../runs/config/index.js";
import type { Inputs } from "../score/inputs.js";
import type { Probe } from "../score/probe.js";

/** A model and what it is asked about, ready for it. */
export interface Subject {
  readonly probe: Probe;
  /** What is evaluated on. */
  readonly data: Inputs;
  /** The run's own data, whole; null where they are not there. */
  readonly own: Dataset | null;
  /** Finds other inputs by name (inputs.ts). */
  readonly find: (name: string) => Promise<Inputs>;
}

export interface EvaluationContext extends Subject {
  /** Another model of the same data, whose results stand beside (`beside` of the description); null for none. */
  readonly baseline: Subject | null;
  /** Held-out data of the run, which a temperature may be fitted to; null where there is none. */
  readonly validation: Split | null;
  readonly seed: number;
  /** Folder of the data sets, where it is not the run's. */
  readonly dataRoot: string | null;
  /** Examples of each set at most; null for no limit. */
  readonly limit: number | null;
  /** Called as work goes on. */
  readonly onProgress: (stage: string, done: number, total: number) => void;
}

export interface EvaluationResult {
  /** One line above the table. */
  readonly title: string;
  /** Several lines. */
  readonly table: string;
  /** The content of the JSON file. */
  readonly json: unknown;
  /** What a reader must know to not misread the table. */
  readonly notes?: readonly string[];
  /** Charts by file name without extension. */
  readonly figures: readonly (readonly [name: string, chart: Chart])[];
}

/** @typeParam S values of the evaluation's options, by their names */
export interface Evaluation<S> {
  /** Why the model or its data cannot be evaluated so; null where they can. */
  objection(context: Pick<EvaluationContext, "probe" | "data" | "own">, settings: S): string | null;
  run(context: EvaluationContext, settings: S): Promise<EvaluationResult>;
}

/** Options of an evaluation, or of several, as help shows them. */
export interface OptionGroup {
  readonly title: string;
  readonly options: OptionTable;
}

/** An evaluation as the registry has it: what it is called, and what it takes. */
export interface EvaluationEntry {
  readonly name: string;
  /** For help. */
  readonly summary: string;
  readonly group: OptionGroup;
  /**
   * Gives it its settings; what is not given is at its default, what it does not take is passed over.
   * @throws ConfigError for a value that is not allowed
   */
  with(given: Readonly<Record<string, unknown>>): ChosenEvaluation;
}

/** An evaluation with its settings, before its code is loaded. */
export interface ChosenEvaluation {
  readonly name: string;
  /** The model whose results shall stand beside, as it was named; null for none. */
  readonly beside: string | null;
  load(): Promise<Evaluation<void>>;
}

/** What the folder of an evaluation says of it, without loading what computes it: help and errors in options do not wait for the engine. */
interface Description<O extends OptionTable> extends Pick<EvaluationEntry, "name" | "summary" | "group"> {
  /** All that it takes, with what is in other evaluations' groups. */
  readonly options: O;
  /** Refuses what the table of options cannot. @throws ConfigError */
  readonly check?: (settings: Values<O>) => void;
  readonly beside?: (settings: Values<O>) => string | null;
  readonly load: () => Promise<Evaluation<Values<O>>>;
}

export function describeEvaluation<O extends OptionTable>(about: Description<O>): EvaluationEntry {
  const { name, summary, group, options, check, beside, load } = about;
  return {
    name,
    summary,
    group,
    with(given) {
      const settings = valuesOf(options, given);
      check?.(settings);
      return {
        name,
        beside: beside?.(settings) ?? null,
        load: async () => {
          const evaluation = await load();
          return {
            objection: (context) => evaluation.objection(context, settings),
            run: (context) => evaluation.run(context, settings),
          };
        },
      };
    },
  };
}
