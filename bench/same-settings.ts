/** Which runs are of the same settings. */
import type { TrainConfig } from "../src/runs/index.js";

/** Settings that change no result, but for rounding. */
const HARMLESS = ["dataRoot", "saveDir", "threads"] as const satisfies readonly (keyof TrainConfig)[];

/** What of a configuration decides on its results: the same text, the same run. @param but settings that may differ */
export const essence = (config: Readonly<Record<string, unknown>>, but: readonly (keyof TrainConfig)[] = []): string =>
  JSON.stringify(
    Object.entries(config)
      .filter(([name]) => ![...HARMLESS, ...but].some((other) => other === name))
      .sort(),
  );
