/** Which runs several ranks can train together. */
import type { Ranks } from "../../runtime/index.js";
import { ConfigError, type TrainConfig } from "../config/index.js";
import { WITH_GENERATOR } from "../config/kinds.js";
import { isTableClassifier } from "./classifier.js";

/** @throws ConfigError with what to change */
export function refuseToShare(config: TrainConfig, { size }: Pick<Ranks, "size">): void {
  const { architecture, mode, generatorType, batchSize } = config;
  const refuse = (what: string) => {
    throw new ConfigError(`${what}: start it without the launcher of MPI, as one process`);
  };
  if (isTableClassifier(config)) refuse(`--architecture ${architecture} is fitted to all rows at once`);
  if (mode === "jem-baseline") refuse(`mode ${mode} keeps chains that ranks do not share`);
  if ((WITH_GENERATOR as readonly string[]).includes(mode) && generatorType === "verahmc")
    refuse(`--generator-type ${generatorType} adapts to its own chains`);
  if (batchSize % size !== 0)
    throw new ConfigError(
      `--batch-size ${batchSize} cannot be shared out among ${size} ranks: give a multiple of ${size}, like ${Math.ceil(batchSize / size) * size}`,
    );
}
