/** What runs an ONNX model: one interface, implemented on Node (`engine-node.ts`) and in web pages (`engine-web.ts`). */
import type { NdArray } from "./array.js";
import type { LowerOptions } from "./lower/index.js";
import type { OnnxModel } from "./onnx.js";

/** A loaded model. */
export interface Session {
  /** Runs the model; inputs and outputs are keyed by their names in it. */
  run(inputs: Readonly<Record<string, NdArray>>): Promise<Record<string, NdArray>>;
  /** Frees the model's memory. The session cannot be used afterwards. */
  release(): Promise<void>;
}

/** Arrays by the names that they have in a model. */
export type Named = Readonly<Record<string, NdArray>>;

/** One iteration as a model, and how its names follow from those outside the loop. */
export interface LoopModel {
  readonly body: OnnxModel;
  /** The input of the next iteration by the output of this one. */
  readonly carried: ReadonlyMap<string, string>;
  /** What names inside begin with, but for the constants'. */
  readonly prefix: string;
}

/** A loaded iteration of a loop. */
export interface Loop {
  /** Runs one iteration for each of `inputs`. In between the state stays where the engine computes. `results` are those of each iteration. */
  run(state: Named, inputs: readonly Named[], constants: Named): Promise<{ state: Named; results: readonly Named[] }>;
  release(): Promise<void>;
}

export interface Engine {
  /** For messages: `onnxruntime-node cpu, 2 threads`. */
  readonly description: string;
  /** How models should be lowered for this engine and machine. */
  lowering(): Promise<LowerOptions>;
  /** @throws EngineError where the model cannot be loaded. */
  load(model: Uint8Array): Promise<Session>;
  /**
   * Loads one iteration of a loop. Engines have it that compute elsewhere than in the host's memory, and would take the state there
   * and back for every iteration of a Scan.
   * @throws EngineError where the model cannot be loaded.
   */
  loadLoop?(loop: LoopModel): Promise<Loop>;
}

/** An engine is not available here, or refused a model. The message says what can be done. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

let current: Engine | undefined;
let ofCaller: () => Engine | undefined = () => undefined;

/** Sets the engine that compiled functions use unless they name one. Importing an engine's entry point does this. */
export function setDefaultEngine(engine: Engine): void {
  current = engine;
}

/** Sets how the engine of whoever calls is found, which comes before the default one; it may find none. */
export function findEngineBy(find: () => Engine | undefined): void {
  ofCaller = find;
}

/** @throws EngineError where none was set. */
export function defaultEngine(): Engine {
  const engine = ofCaller() ?? current;
  if (engine === undefined)
    throw new EngineError("no engine: import the package's entry point for Node or for web pages first");
  return engine;
}
