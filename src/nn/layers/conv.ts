/** Convolution and transposed convolution over images `[B, C, H, W]`. */
import * as g from "../../graph/index.js";
import { initWeightAndBias, type WeightAndBias } from "../initializers.js";
import { type Module, stateless, variable } from "../module.js";

export interface ConvLayerOptions {
  /** Default 1. */
  readonly stride?: number | g.Pair;
  /** Zeros around the image. Default 0. */
  readonly padding?: number | g.Pair;
  /** Default true. */
  readonly bias?: boolean;
  readonly init?: WeightAndBias;
}

/** `[B, inputs, H, W]` → `[B, outputs, h, w]`, weight `[outputs, inputs, kh, kw]`, as `torch.nn.Conv2d`. */
export const conv2d = (
  inputs: number,
  outputs: number,
  kernel: number | g.Pair,
  { stride = 1, padding = 0, bias = true, init }: ConvLayerOptions = {},
): Module =>
  stateless(
    (rng) => initWeightAndBias(rng, [outputs, inputs, ...g.pair(kernel)], bias ? [outputs] : undefined, init),
    (params, x) =>
      g.conv2d(x, variable(params, "weight"), { stride, padding, bias: bias ? variable(params, "bias") : undefined }),
  );

/**
 * `[B, inputs, h, w]` → `[B, outputs, H, W]` with H = (h - 1) stride - 2 padding + kernel + outputPadding, weight
 * `[inputs, outputs, kh, kw]`, as `torch.nn.ConvTranspose2d`. The bias is added apart: measured faster than as an
 * input of the engine's transposed convolution.
 */
export const convTranspose2d = (
  inputs: number,
  outputs: number,
  kernel: number | g.Pair,
  {
    stride = 1,
    padding = 0,
    outputPadding = 0,
    bias = true,
    init,
  }: ConvLayerOptions & { readonly outputPadding?: number | g.Pair } = {},
): Module =>
  stateless(
    (rng) => initWeightAndBias(rng, [inputs, outputs, ...g.pair(kernel)], bias ? [outputs] : undefined, init),
    (params, x) => {
      const y = g.convTranspose2d(x, variable(params, "weight"), { stride, padding, outputPadding });
      return bias ? g.add(y, g.reshape(variable(params, "bias"), [outputs, 1, 1])) : y;
    },
  );
