/** What may stand between a convolution and its activation. */
import { batchNorm, groupNorm, instanceNorm, layerNorm } from "../layers/index.js";
import type { Layer } from "../module.js";

/** Group norm has 32 groups, or one per channel where there are fewer channels. */
export type Norm = "none" | "batch" | "group" | "instance" | "layer";

export function normalization(norm: Norm, channels: number): Layer {
  switch (norm) {
    case "none":
      return (x) => x;
    case "batch":
      return batchNorm(channels, { momentum: 0.9 });
    case "group":
      return groupNorm(Math.min(32, channels), channels);
    case "instance":
      return instanceNorm(channels);
    case "layer":
      return layerNorm(channels);
  }
}
