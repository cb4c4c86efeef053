/** What a checkpoint says beside its arrays, as it is read back: where training was, and what it had found. */
import * as v from "valibot";
import type { BatchesState } from "../../data/index.js";
import { type Entries, finite, positive, type Schema, whole } from "../../files/read-back.js";
import type { RngState } from "../../runtime/index.js";
import { HEALTHY, type HealthState, SIGNS } from "../../train/health.js";
import type { Sums } from "../../train/running-means.js";
import type { Snapshot } from "../../train/trainer.js";

/** The best evaluation so far, by the validation split. */
export interface Best {
  readonly name: string;
  readonly value: number;
  readonly iteration: number;
}

/** Of the run at this point, beside the trainer's counters. */
export interface CheckpointInfo {
  readonly best: Best | null;
  /** Sums and counts of metrics since the last line of them (running-means.ts). */
  readonly means: Sums;
  /** Fingerprint of the data. */
  readonly data: string;
  /** What has been seen of signs that the run goes wrong. */
  readonly health: HealthState;
}

const word = () => v.pipe(v.number(), v.safeInteger(), v.minValue(-(2 ** 31)), v.maxValue(2 ** 31 - 1));

const RNG: Schema<RngState> = v.pipe(
  v.strictTuple([word(), word(), word(), word()]),
  v.check((words) => words.some((w) => w !== 0), "a random state is never all zeros"),
);

const BATCHES: Schema<BatchesState> = v.object({
  epoch: whole(),
  position: whole(),
  order: RNG,
  noise: RNG,
} satisfies Entries<BatchesState>);

export const COUNTERS: Schema<Snapshot["counters"]> = v.object({
  iteration: whole(),
  rateFactor: v.optional(positive(), 1), // which earlier versions did not say
  noise: RNG,
  batches: BATCHES,
  labeled: v.nullable(BATCHES),
} satisfies Entries<Snapshot["counters"]>);

const SUMS: Schema<Sums> = v.record(v.string(), v.strictTuple([finite(), whole()]));

const HEALTH: Schema<HealthState> = v.object({
  window: SUMS,
  seen: v.object(Object.fromEntries(SIGNS.map((sign) => [sign, v.optional(whole())]))),
  course: v.array(v.strictTuple([finite(), finite()])),
  steepness: v.optional(v.array(finite()), []), // which earlier versions did not say
  missing: v.array(whole()),
  told: v.array(v.picklist(SIGNS)),
} satisfies Entries<HealthState>);

export const CHECKPOINT_INFO: Schema<CheckpointInfo> = v.object({
  best: v.nullable(
    v.object({
      name: v.string(),
      // JSON has no -∞: any later value is better.
      value: v.pipe(
        v.nullable(finite()),
        v.transform((x) => x ?? Number.NEGATIVE_INFINITY),
      ),
      iteration: whole(),
    } satisfies Entries<Best>),
  ),
  means: SUMS,
  data: v.string(),
  health: v.optional(HEALTH, HEALTHY), // which earlier versions did not say
} satisfies Entries<CheckpointInfo>);
