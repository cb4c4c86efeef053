/** Streams of batches of one size, seeded, whose state can be saved and restored exactly. */
import { integers, type NdArray } from "../runtime/array.js";
import type { Rng, RngState } from "../runtime/random.js";
import { streams } from "../runtime/streams.js";
import type { Augmentation } from "./augment.js";
import { allRows, type Dataset, labels, type Split } from "./dataset.js";
import { DataError } from "./error.js";

export interface Batch {
  /** f32 `[B, ...shape]`. */
  readonly x: NdArray;
  /** i32 `[B]`; null where the data has no classes. */
  readonly y: NdArray | null;
  /** A second view of the same rows, changed as {@link BatchesOptions.view} says: f32 `[B, ...shape]`. */
  readonly view?: NdArray;
  /** A further one, by {@link BatchesOptions.strong}. */
  readonly strong?: NdArray;
}

/** Everything that determines the batches to come; plain JSON. */
export interface BatchesState {
  /** Number of epochs completed. */
  readonly epoch: number;
  /** Rows of the current epoch already used. */
  readonly position: number;
  /** Generator of row orders, as it was before the current epoch's was drawn. */
  readonly order: RngState;
  /** Generator of augmentations, dequantisation noise and fresh examples. */
  readonly noise: RngState;
}

/** Batches without end. */
export interface Batches {
  /** Batches in an epoch, rounded down where it does not come out even. */
  readonly perEpoch: number;
  /** Number of epochs completed. */
  readonly epoch: number;
  next(): Batch;
  /** Assigning a saved state continues exactly where it was saved. */
  state: BatchesState;
}

export interface BatchesOptions {
  readonly batchSize: number;
  /** Of the order and all noise: streams of its own (runtime/streams.ts), other than all else that the seed is given to. */
  readonly seed: number;
  /** Tells batches of one seed apart that are used side by side. Default `batches`. */
  readonly stream?: string;
  /** Images only. */
  readonly augmentation?: Augmentation;
  /** Of further views of each batch. Default: there are none. */
  readonly view?: Augmentation;
  readonly strong?: Augmentation;
  /**
   * What to do with the rows that do not fill the last batch of an epoch: leave them out (they differ in each epoch), or fill
   * the batch from the next epoch, so that a set smaller than a batch cycles. Default `drop`, or `cycle` for such a set.
   */
  readonly remainder?: "drop" | "cycle";
}

/** The two streams of batches. */
export function batchStreams({ seed, stream = "batches" }: Pick<BatchesOptions, "seed" | "stream">) {
  const own = streams(seed);
  return { order: own.for(`${stream}: order`), noise: own.for(`${stream}: noise`) };
}

/** Batches of a split, in a new random order in each epoch. @throws RangeError where the split cannot fill one batch as asked. */
export class ShuffledBatches implements Batches {
  private rows: Int32Array = new Int32Array(0);
  private orderState: RngState;
  private readonly order: Rng;
  private readonly noise: Rng;
  private readonly remainder: "drop" | "cycle";
  private position = 0;
  epoch = 0;

  constructor(
    private readonly split: Split,
    private readonly options: BatchesOptions,
  ) {
    const { batchSize, remainder = split.size < batchSize ? "cycle" : "drop" } = options;
    this.remainder = remainder;
    if (!(Number.isInteger(batchSize) && batchSize > 0)) throw new RangeError(`batches of ${batchSize} rows`);
    if (split.size === 0 || (split.size < batchSize && remainder === "drop"))
      throw new RangeError(
        `batches of ${batchSize} rows asked of a split of ${split.size}: choose a smaller batch size`,
      );
    ({ order: this.order, noise: this.noise } = batchStreams(options));
    this.orderState = this.order.state;
    this.shuffle();
  }

  get perEpoch(): number {
    return Math.max(1, Math.floor(this.split.size / this.options.batchSize));
  }

  next(): Batch {
    const { batchSize, augmentation, view, strong } = this.options;
    const { remainder } = this;
    const chosen = new Int32Array(batchSize);
    if (remainder === "drop" && this.position + batchSize > this.split.size) this.nextEpoch();
    for (let i = 0; i < batchSize; i++) {
      if (this.position === this.split.size) this.nextEpoch();
      chosen[i] = this.rows[this.position++]!;
    }
    const { noise: rng } = this;
    const seen = (how: Augmentation | undefined) => this.split.x(chosen, { rng, ...(how && { augmentation: how }) });
    const batch = {
      x: seen(augmentation),
      y: labels(this.split, chosen),
      ...(view && { view: seen(view) }),
      ...(strong && { strong: seen(strong) }),
    };
    // An epoch ends with its last batch, not when the next one is asked for.
    const left = this.split.size - this.position;
    if (left === 0 || (remainder === "drop" && left < batchSize)) this.nextEpoch();
    return batch;
  }

  get state(): BatchesState {
    return { epoch: this.epoch, position: this.position, order: this.orderState, noise: this.noise.state };
  }

  set state({ epoch, position, order, noise }: BatchesState) {
    refusePosition(position, this.split.size);
    this.order.state = order;
    this.orderState = order;
    this.shuffle();
    this.epoch = epoch;
    this.position = position;
    this.noise.state = noise;
  }

  private nextEpoch(): void {
    this.epoch++;
    this.position = 0;
    this.orderState = this.order.state;
    this.shuffle();
  }

  private shuffle(): void {
    this.rows = this.order.permutation(this.split.size);
  }
}

/** Fresh examples in each batch; an epoch is as many as the training split has. */
export class FreshBatches implements Batches {
  private readonly noise: Rng;
  private readonly unused: RngState;
  private drawn = 0;
  epoch = 0;

  constructor(
    private readonly sample: (n: number, rng: Rng) => NdArray,
    private readonly epochSize: number,
    private readonly options: BatchesOptions,
  ) {
    const { order, noise } = batchStreams(options);
    this.noise = noise;
    this.unused = order.state;
  }

  get perEpoch(): number {
    return Math.max(1, Math.floor(this.epochSize / this.options.batchSize));
  }

  next(): Batch {
    if (++this.drawn === this.perEpoch) {
      this.drawn = 0;
      this.epoch++;
    }
    return { x: this.sample(this.options.batchSize, this.noise), y: null };
  }

  get state(): BatchesState {
    const position = this.drawn * this.options.batchSize;
    return { epoch: this.epoch, position, order: this.unused, noise: this.noise.state };
  }

  set state({ epoch, position, noise }: BatchesState) {
    refusePosition(position, this.epochSize);
    this.epoch = epoch;
    this.drawn = position / this.options.batchSize;
    this.noise.state = noise;
  }
}

function refusePosition(position: number, size: number): void {
  if (position <= size) return;
  throw new DataError(
    "state of the batches",
    `${position} rows of an epoch used, which has ${size}`,
    "it is of other data",
  );
}

/** Training batches of a data set: fresh examples for the toy densities, else its training split shuffled. */
export const trainingBatches = (dataset: Dataset, options: BatchesOptions): Batches =>
  dataset.sample === null
    ? new ShuffledBatches(dataset.splits.train, options)
    : new FreshBatches(dataset.sample, dataset.splits.train.size, options);

/** The rows of a split in order, once; the last batch holds what is left. */
export function* inOrder(split: Split, batchSize: number): Generator<Batch & { readonly rows: Int32Array }> {
  const rows = allRows(split.size);
  for (let at = 0; at < split.size; at += batchSize) {
    const chosen = rows.subarray(at, at + batchSize);
    yield { x: split.x(chosen), y: split.y && integers(split.y.subarray(at, at + batchSize)), rows: chosen };
  }
}
