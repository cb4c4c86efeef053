/**
 * Named streams of random numbers. A seed has one for every purpose, and each purpose a name of its own: what trains and what tests, what
 * draws weights and what draws noise never see the same numbers, whatever their seeds.
 *
 * A stream starts where a hash of 128 bits of seed and name says. All starts are places on the one cycle of xoshiro128++, 2^128 - 1 numbers
 * long; that any two of a million streams meet within their first 2^40 numbers has a probability of 2^-48.
 */
import { hash128 } from "./hash.js";
import { Rng } from "./random.js";

export interface Streams {
  /** The stream of this name, from its beginning. Asked for again it is the same numbers again: a name is for one purpose. */
  for(name: string): Rng;
}

/** The streams of a seed. @throws RangeError where it is no integer */
export function streams(seed: number): Streams {
  if (!Number.isInteger(seed)) throw new RangeError(`a seed of ${seed}: give an integer`);
  return { for: (name) => new Rng(hash128(new TextEncoder().encode(`${seed} ${name}`))) };
}

/**
 * Draws that are the same whatever the seed of a run, so that runs can be compared: which rows are looked at, what pictures start from.
 */
export const FIXED: Streams = streams(0);

/** For what is drawn for its structure and shapes alone: nobody looks at the numbers. */
export const shapesOnly = (): Rng => streams(0).for("shapes only");
