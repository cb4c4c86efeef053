/**
 * The replay buffer of persistent chains (Du & Mordatch 2019; JEM, section 4): chains start where earlier ones ended, or with a
 * small probability anew from uniform noise. On the host: the buffer is a large table of which a step touches few rows.
 */
import { ShapeError, sameShape, show } from "../graph/shape.js";
import { NdArray, type Rng } from "../runtime/index.js";

export interface ReplayBufferOptions {
  /** Shape of one position. */
  readonly event: readonly number[];
  /** Default 10,000. */
  readonly capacity?: number;
  /** Probability that a chain starts anew. Default 0.05. */
  readonly restartProbability?: number;
  /** Bounds of the uniform noise that chains start from. Default -1 and 1. */
  readonly low?: number;
  readonly high?: number;
}

/** Where chains start, and the buffer's rows that they are to be written back to. */
export interface ReplaySample {
  /** `[B, …event]`. */
  readonly positions: NdArray;
  readonly indices: Int32Array;
}

export class ReplayBuffer {
  readonly capacity: number;
  private readonly options: Required<ReplayBufferOptions>;
  private readonly rows: Float32Array;
  private readonly width: number;

  /** Fills the buffer with uniform noise. @throws RangeError for a capacity or probability that is none. */
  constructor(options: ReplayBufferOptions, rng: Rng) {
    this.options = { capacity: 10_000, restartProbability: 0.05, low: -1, high: 1, ...options };
    const { capacity, event, restartProbability, low, high } = this.options;
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError(`replay buffer: capacity ${capacity}`);
    if (!(restartProbability >= 0 && restartProbability <= 1)) {
      throw new RangeError(`replay buffer: restart probability ${restartProbability}`);
    }
    this.capacity = capacity;
    const filled = rng.uniform([capacity, ...event], low, high);
    this.rows = filled.data as Float32Array;
    this.width = filled.size / capacity;
  }

  /**
   * Different rows, chosen uniformly, so that no chain's end overwrites another's. A restarted chain takes the place of its
   * row when it is written back.
   * @throws RangeError where the batch is larger than the buffer.
   */
  sample(batch: number, rng: Rng): ReplaySample {
    if (batch > this.capacity) {
      throw new RangeError(`replay buffer: ${batch} chains from a buffer of ${this.capacity}`);
    }
    const { event, low, high, restartProbability } = this.options;
    const chosen = new Set<number>();
    while (chosen.size < batch) chosen.add(rng.below(this.capacity));
    const indices = Int32Array.from(chosen);
    const positions = new Float32Array(batch * this.width);
    indices.forEach((row, i) => {
      const restart = rng.random() < restartProbability;
      const source = restart ? rng.uniform([this.width], low, high).data : this.row(row);
      positions.set(source, i * this.width);
    });
    return { positions: new NdArray(positions, [batch, ...event]), indices };
  }

  /** Writes the chains' last positions `[B, …event]` to the rows that they came from. @throws ShapeError */
  update(indices: Int32Array, positions: NdArray): void {
    const shape = [indices.length, ...this.options.event];
    if (!sameShape(positions.shape, shape)) {
      throw new ShapeError("ReplayBuffer.update", `positions ${show(positions.shape)} for rows ${show(shape)}`);
    }
    indices.forEach((row, i) => {
      this.row(row).set(positions.data.subarray(i * this.width, (i + 1) * this.width));
    });
  }

  /** All rows `[capacity, …event]`, for checkpoints: a copy, which later updates leave alone. */
  get positions(): NdArray {
    return new NdArray(this.rows.slice(), this.shape);
  }

  /** @throws ShapeError where the rows are another buffer's. */
  set positions(positions: NdArray) {
    if (!sameShape(positions.shape, this.shape)) {
      throw new ShapeError("ReplayBuffer.positions", `${show(positions.shape)} for a buffer of ${show(this.shape)}`);
    }
    this.rows.set(positions.data);
  }

  private get shape(): readonly number[] {
    return [this.capacity, ...this.options.event];
  }

  private row(index: number): Float32Array {
    return this.rows.subarray(index * this.width, (index + 1) * this.width);
  }
}
