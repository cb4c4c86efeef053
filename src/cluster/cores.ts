/** How many cores one of several processes on a machine may take. */
import { availableParallelism, cpus } from "node:os";
import type { Place } from "./launcher.js";

/** Cores of a machine. */
export interface Cores {
  /** That this process may run on. */
  readonly allowed: number;
  /** All of them. */
  readonly all: number;
}

/** A rank has its part of the machine, and no more than the launcher has bound it to; a process that is alone (null) all that it may run on. */
export function coresOf(
  place: Place | null,
  { allowed, all }: Cores = { allowed: availableParallelism(), all: cpus().length },
): number {
  const local = place?.local ?? 1;
  return local === 1 ? allowed : Math.max(1, Math.min(allowed, Math.floor(all / local)));
}
