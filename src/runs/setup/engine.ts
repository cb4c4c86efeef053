/** The engine that a configuration asks for. */
import { nodeEngine, onEngine } from "../../runtime/engine-node.js";
import type { Engine } from "../../runtime/index.js";
import type { TrainConfig } from "../config/index.js";

export const engineOf = ({ provider, threads }: Pick<TrainConfig, "provider" | "threads">): Engine =>
  nodeEngine({ provider, ...(threads !== null && { threads }) });

/** Calls `body`, in which models run on that engine: other runs of the process keep theirs. */
export const onEngineOf = <T>(config: Pick<TrainConfig, "provider" | "threads">, body: () => T): T =>
  onEngine(engineOf(config), body);
