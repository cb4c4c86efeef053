/** The convolutional pair of DCGAN (Radford et al. 2016) for images of 32×32 and 64×64 pixels. */
import { flatten, relu, reshape } from "../../graph/index.js";
import { batchNorm, conv2d, convTranspose2d } from "../layers/index.js";
import { compose, type Layer, type Module, sequential } from "../module.js";
import { leaky } from "./activations.js";
import { type OutputActivation, outputActivation } from "./output.js";

/** Pixels along a side. Four stride-2 convolutions leave 2 or 4. */
export type DcganImageSize = 32 | 64;

export interface DcganDiscriminatorOptions {
  /** Channels of the image. Default 3. */
  readonly channels?: number;
  /** Default 1. */
  readonly outputs?: number;
  /** Default 32. */
  readonly imageSize?: DcganImageSize;
  /** Batch norm after all convolutions but the first and last. Default false. */
  readonly batchNorm?: boolean;
  /** Channels after the first convolution; they double with each. Default 64. */
  readonly width?: number;
}

/**
 * x `[B, channels, imageSize, imageSize]` → f(x) `[B, outputs]`. The last convolution has a bias with batch norm
 * only, as in the authors' models.
 */
export function dcganDiscriminator({
  channels = 3,
  outputs = 1,
  imageSize = 32,
  batchNorm: normed = false,
  width = 64,
}: DcganDiscriminatorOptions = {}): Module {
  const down = (inputs: number, out: number): Layer[] =>
    normed
      ? [conv2d(inputs, out, 4, { stride: 2, padding: 1, bias: false }), batchNorm(out), leaky]
      : [conv2d(inputs, out, 4, { stride: 2, padding: 1 }), leaky];
  return sequential([
    conv2d(channels, width, 4, { stride: 2, padding: 1 }),
    leaky,
    ...down(width, 2 * width),
    ...down(2 * width, 4 * width),
    ...down(4 * width, 8 * width),
    conv2d(8 * width, outputs, imageSize / 16, { bias: normed }),
    (x) => flatten(x),
  ]);
}

export interface DcganGeneratorOptions {
  readonly noiseDim: number;
  /** Channels of the image. Default 3. */
  readonly channels?: number;
  /** Default 32. */
  readonly imageSize?: DcganImageSize;
  /** Default `tanh`. */
  readonly output?: OutputActivation;
  /** Channels before the last convolution; they double towards the noise. Default 64. */
  readonly width?: number;
}

/** z `[B, noiseDim]` → g(z) `[B, channels, imageSize, imageSize]`. */
export function dcganGenerator({
  noiseDim,
  channels = 3,
  imageSize = 32,
  output = "tanh",
  width = 64,
}: DcganGeneratorOptions): Module {
  const up = (inputs: number, out: number): Layer[] => [
    convTranspose2d(inputs, out, 4, { stride: 2, padding: 1, bias: false }),
    batchNorm(out),
    relu,
  ];
  const first = sequential([
    convTranspose2d(noiseDim, 8 * width, imageSize / 16, { bias: false }),
    batchNorm(8 * width),
    relu,
    ...up(8 * width, 4 * width),
    ...up(4 * width, 2 * width),
    ...up(2 * width, width),
    convTranspose2d(width, channels, 4, { stride: 2, padding: 1 }),
    outputActivation(output),
  ]);
  return compose({ first }, (layers, z) => layers.first(reshape(z, [z.shape[0]!, noiseDim, 1, 1])));
}
