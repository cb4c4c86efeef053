/** The engine that a configuration asks for. */
import { coresOf } from "../../cluster/cores.js";
import { placeOf } from "../../cluster/launcher.js";
import { nodeEngine, onEngine } from "../../runtime/engine-node.js";
import type { Engine } from "../../runtime/index.js";
import type { TrainConfig } from "../config/index.js";

/** Without `threads` one of several processes on a machine takes its part of the cores. */
export const engineOf = ({ provider, threads }: Pick<TrainConfig, "provider" | "threads">): Engine =>
  nodeEngine({ provider, threads: threads ?? coresOf(placeOf(process.env)) });

/** Calls `body`, in which models run on that engine: other runs of the process keep theirs. */
export const onEngineOf = <T>(config: Pick<TrainConfig, "provider" | "threads">, body: () => T): T =>
  onEngine(engineOf(config), body);
