/** The engine of commands that use a trained model. Loaded when needed: help should not wait for it. */
import type { NodeEngineOptions } from "../runtime/engine-node.js";

/** Makes ONNX Runtime on this machine the engine of all that follows. */
export async function startEngine(options: NodeEngineOptions = {}): Promise<void> {
  const { setDefaultEngine } = await import("../runtime/index.js");
  const { nodeEngine } = await import("../runtime/engine-node.js");
  setDefaultEngine(nodeEngine(options));
}
