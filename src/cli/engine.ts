/** The engine of commands that use a trained model. Loaded when needed: help should not wait for it. */
import type { Values } from "../runs/config/index.js";
import { OPTIONS } from "../runs/config/options.js";

/** What these commands take about it: as `vera train` does. */
export const ENGINE_OPTIONS = { provider: OPTIONS.provider, threads: OPTIONS.threads };

/** Makes ONNX Runtime on this machine the engine of all that follows. */
export async function startEngine({
  provider = "cpu",
  threads = null,
}: Partial<Values<typeof ENGINE_OPTIONS>> = {}): Promise<void> {
  const { setDefaultEngine } = await import("../runtime/index.js");
  const { engineOf } = await import("../runs/setup/engine.js");
  setDefaultEngine(engineOf({ provider, threads }));
}
