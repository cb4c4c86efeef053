/** Counts that a user asks for, refused where what they count could not be held. */
import { sizeOf } from "../graph/index.js";
import type { TrainedRun } from "../runs/index.js";
import { refuseBeyondMemory } from "../runs/setup/machine.js";

const WORD = 4;

/**
 * @param flag that the count was given by
 * @param each samples drawn for one that was asked for
 * @throws ConfigError where so many samples of the run cannot be held
 */
export function refuseSamples(flag: string, count: number, { info, generator }: TrainedRun, each = 1): void {
  const width = sizeOf(info.data.shape);
  const latent = generator === null ? 0 : generator.model.noiseDim + width;
  // Latent positions in their parts and put together, and the inputs that they make.
  refuseCount(flag, count, { numbers: each * (2 * latent + width), largest: each * Math.max(latent, width) });
}

/** @param size numbers of 32 bits held for each, and in the largest array of them @throws ConfigError where there is no room for them */
export function refuseCount(
  flag: string,
  count: number,
  { numbers, largest = numbers }: { readonly numbers: number; readonly largest?: number },
): void {
  refuseBeyondMemory(`${flag} ${count}`, WORD * count * numbers, { numbers: count * largest });
}
