/**
 * Buffers over the passes of one iteration. In PyTorch every pass in training updates batch norm's running statistics in place; here a
 * pass returns them, and the training step decides which passes count.
 */
import type { Tensor } from "../../graph/index.js";
import type { Dict } from "../../nn/index.js";

/**
 * Which passes update running statistics: that over the data (of the generator: that which draws x), or every pass in training, as in
 * the original.
 */
export type CountedPasses = "data" | "every";

export class Buffers {
  constructor(
    /** As the last pass left them. */
    public state: Dict<Tensor>,
  ) {}

  /** Makes a pass from the buffers as they are and keeps what it leaves. */
  pass<R extends { readonly state: Dict<Tensor> }>(make: (state: Dict<Tensor>) => R): R {
    const result = make(this.state);
    this.state = result.state;
    return result;
  }
}
