/** Arrays, random numbers, compiling and the engine interface. Engines are imported by name: node or web. */
export { compileAcross, type Ranks } from "./across.js";
export * from "./array.js";
export { type Compiled, type CompileOptions, compile, type Feed, type Feeds, type Fetch } from "./compile.js";
export { defaultEngine, type Engine, EngineError, type Session, setDefaultEngine } from "./engine.js";
export { outline } from "./outline.js";
export { Programs, type Releasable } from "./programs.js";
export { Rng, type RngState } from "./random.js";
export { chunksOf, joinRows, sliceRows, takeRows } from "./rows.js";
export {
  readSafetensors,
  type Safetensors,
  SafetensorsError,
  safetensorsParts,
  writeSafetensors,
} from "./safetensors.js";
export { compileScan, type ScanStep } from "./scan.js";
export { stackTrees } from "./stack.js";
export { type Streams, streams } from "./streams.js";
