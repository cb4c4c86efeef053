/** The engine of commands that use a trained model. Loaded when needed: help should not wait for it. */
import { OPTIONS } from "../train/config/options.js";

/** What these commands take about it: as `vera train` does. */
export const ENGINE_OPTIONS = { provider: OPTIONS.provider, threads: OPTIONS.threads };

/** Makes ONNX Runtime on this machine the engine of all that follows. */
export async function startEngine(
  options: { readonly provider: "cpu" | "webgpu" | "cuda"; readonly threads: number | null } | null = null,
): Promise<void> {
  const { setDefaultEngine } = await import("../runtime/index.js");
  const { nodeEngine } = await import("../runtime/engine-node.js");
  const { provider = "cpu", threads = null } = options ?? {};
  setDefaultEngine(nodeEngine({ provider, ...(threads !== null && { threads }) }));
}
