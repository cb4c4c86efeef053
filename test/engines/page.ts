/** What the test page runs: the training of `training.ts` on an engine of the page. Bundled when the tests start. */
import { type Engine, type WebEngineOptions, webEngine } from "../../src/web.js";
import { type Architecture, trainArchitecture } from "./architectures.js";
import { type Extremes, extremes } from "./extremes.js";
import { trainRing } from "./ring.js";
import { type TrainingResult, train } from "./training.js";

export interface PageTests {
  /** What the page's engine says of itself. */
  describe(options: WebEngineOptions): string;
  /** Trains on the page's engine. An error comes back as text, with its class. */
  train(options: WebEngineOptions, steps: number, seed: number): Promise<TrainingResult | { readonly error: string }>;
  /** Trains with the package's trainer, and asks its evaluator. */
  ring(options: WebEngineOptions, iterations: number): Promise<number[]>;
  /** Metrics of the first iterations of an architecture. */
  architecture(options: WebEngineOptions, name: Architecture): Promise<Record<string, number[]>>;
  /** What operations make of extremes. */
  extremes(options: WebEngineOptions): Promise<Extremes>;
  /** Batches of work that the page has sent to the graphics card so far. */
  submissions: number;
}

const engineFor = (options: WebEngineOptions): Engine => webEngine({ wasmPaths: "/onnxruntime-web/", ...options });

const tests: PageTests = {
  describe: (options) => engineFor(options).description,
  train: (options, steps, seed) =>
    train({ steps, seed, engine: engineFor(options) }).catch((error: unknown) => ({ error: String(error) })),
  ring: (options, iterations) => trainRing(engineFor(options), iterations),
  architecture: (options, name) => trainArchitecture(name, engineFor(options)),
  extremes: (options) => extremes(engineFor(options)),
  submissions: 0,
};
if ("GPUQueue" in globalThis) {
  const { submit } = GPUQueue.prototype;
  GPUQueue.prototype.submit = function (...args) {
    tests.submissions++;
    return submit.apply(this, args);
  };
}
Object.assign(globalThis, { tests });
