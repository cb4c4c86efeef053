/** A training step and batches that remember what they last drew, so that an iteration can be shown as it was. */
import type { data, ebm, NdArray, nn } from "../../../src/web.js";

export interface WatchedStep {
  readonly step: ebm.TrainingStep;
  /** The random numbers of the last iteration. @throws TypeError before the first */
  noise(): nn.Dict<NdArray>;
}

export function watchedStep(step: ebm.TrainingStep): WatchedStep {
  let last: nn.Dict<NdArray> | null = null;
  return {
    step: {
      ...step,
      noise(batch, rng) {
        last = step.noise(batch, rng);
        return last;
      },
    },
    noise() {
      if (last === null) throw new TypeError("no iteration was done yet");
      return last;
    },
  };
}

export class WatchedBatches implements data.Batches {
  private last: NdArray | null = null;

  constructor(private readonly inner: data.Batches) {}

  /** The inputs of the last iteration. @throws TypeError before the first */
  get x(): NdArray {
    if (this.last === null) throw new TypeError("no batch was drawn yet");
    return this.last;
  }

  get perEpoch(): number {
    return this.inner.perEpoch;
  }

  get epoch(): number {
    return this.inner.epoch;
  }

  next(): data.Batch {
    const batch = this.inner.next();
    this.last = batch.x;
    return batch;
  }

  get state(): data.BatchesState {
    return this.inner.state;
  }

  set state(state: data.BatchesState) {
    this.inner.state = state;
  }
}
