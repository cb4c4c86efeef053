/** What this machine can hold. Sizes that cannot fit are refused before memory is taken, here and nowhere else. */
import { totalmem } from "node:os";
import { ConfigError } from "../config/index.js";

/** Bytes of memory: the machine's, or those that its container leaves to this process. */
export function machineMemory(): number {
  const limit = process.constrainedMemory(); // 0, or beyond all memory, where there is none
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/** What one array may have on this version of Node, in 32-bit numbers. */
const MOST_NUMBERS = 2 ** 32 - 1;

/**
 * @param what an option and its value
 * @param bytes held at once; more may be needed, but not less
 * @param numbers in the largest array. Default: not known
 * @throws ConfigError where this machine has not as much
 */
export function refuseBeyondMemory(
  what: string,
  bytes: number,
  { available = machineMemory(), numbers = 0 }: { readonly available?: number; readonly numbers?: number } = {},
): void {
  if (bytes > available)
    throw new ConfigError(
      `${what} would need about ${gigabytes(bytes)} of memory, and this machine has ${gigabytes(available)}: choose a smaller number`,
    );
  if (numbers > MOST_NUMBERS)
    throw new ConfigError(
      `${what} would need an array of ${gigabytes(4 * numbers)}, and one can have ${gigabytes(4 * MOST_NUMBERS)}: choose a smaller number`,
    );
}

/** `37 GB`, in words that memory is sold in: of 1024³ bytes. */
export const gigabytes = (bytes: number): string => {
  const size = bytes / 2 ** 30;
  return size < 1
    ? `${Math.ceil(bytes / 2 ** 20)} MB`
    : `${Number(size.toPrecision(size < 100 ? 2 : 3)).toLocaleString("en-US")} GB`;
};
