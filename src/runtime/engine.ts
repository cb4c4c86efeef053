/** What runs an ONNX model: one interface, implemented on Node (`engine-node.ts`) and in web pages (`engine-web.ts`). */
import type { NdArray } from "./array.js";
import type { LowerOptions } from "./lower/index.js";

/** A loaded model. */
export interface Session {
  /** Runs the model; inputs and outputs are keyed by their names in it. */
  run(inputs: Readonly<Record<string, NdArray>>): Promise<Record<string, NdArray>>;
  /** Frees the model's memory. The session cannot be used afterwards. */
  release(): Promise<void>;
}

export interface Engine {
  /** For messages: `onnxruntime-node cpu, 2 threads`. */
  readonly description: string;
  /** How models should be lowered for this engine and machine. */
  lowering(): Promise<LowerOptions>;
  /** @throws EngineError where the model cannot be loaded. */
  load(model: Uint8Array): Promise<Session>;
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
