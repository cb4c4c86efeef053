/** The engine that a configuration asks for. */
import { nodeEngine } from "../../runtime/engine-node.js";
import { setDefaultEngine } from "../../runtime/index.js";
import type { TrainConfig } from "../config/index.js";

export const useEngine = ({ provider, threads }: Pick<TrainConfig, "provider" | "threads">): void =>
  setDefaultEngine(nodeEngine({ provider, ...(threads !== null && { threads }) }));
