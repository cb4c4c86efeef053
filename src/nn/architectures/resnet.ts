/**
 * Residual pair for 32×32 images (He et al. 2016, in the form of Miyato et al. 2018), Xavier initialised with zero
 * biases.
 */
import { add, avgPool2d, mean, relu, reshape, type Tensor, upsampleNearest2d } from "../../graph/index.js";
import { filled, type WeightAndBias, xavierUniform } from "../initializers.js";
import { batchNorm, conv2d, linear } from "../layers/index.js";
import { compose, type Layer, type Module } from "../module.js";
import { leaky } from "./activations.js";
import { type OutputActivation, outputActivation } from "./output.js";

const init: WeightAndBias = { weight: xavierUniform(Math.SQRT2), bias: filled(0) };
/** For the layer that sees the input itself. */
const inputInit: WeightAndBias = { ...init, weight: xavierUniform(1) };

const same = (x: Tensor): Tensor => x;
const down = (x: Tensor): Tensor => avgPool2d(x, 2);
const up = (x: Tensor): Tensor => upsampleNearest2d(x, 2);

/** 1×1 convolution where the shortcut must change the number of channels. */
const shortcutConv = (inputs: number, outputs: number): Layer =>
  inputs === outputs ? same : conv2d(inputs, outputs, 1, { init });

interface BlockOptions {
  /** Halves the image's sides. */
  readonly downsample?: boolean;
  /** The block that sees the image: no activation before its first convolution. */
  readonly first?: boolean;
}

function discriminatorBlock(
  inputs: number,
  outputs: number,
  { downsample = false, first = false }: BlockOptions,
): Module {
  const resize = downsample ? down : same;
  const layers = {
    shortcut_conv: shortcutConv(inputs, outputs),
    conv1: conv2d(inputs, outputs, 3, { padding: 1, init: first ? inputInit : init }),
    conv2: conv2d(outputs, outputs, 3, { padding: 1, init }),
  };
  return compose(layers, ({ shortcut_conv, conv1, conv2 }, x) => {
    const shortcut = shortcut_conv(resize(x));
    return add(resize(conv2(leaky(conv1(first ? x : leaky(x))))), shortcut);
  });
}

export interface ResNetDiscriminatorOptions {
  /** Channels of the image. Default 3. */
  readonly channels?: number;
  /** Channels of all blocks. Default 128. */
  readonly features?: number;
  /** Default 1. */
  readonly outputs?: number;
}

/** x `[B, channels, H, W]` → f(x) `[B, outputs]`. */
export function resNetDiscriminator({
  channels = 3,
  features = 128,
  outputs = 1,
}: ResNetDiscriminatorOptions = {}): Module {
  const layers = {
    block1: discriminatorBlock(channels, features, { downsample: true, first: true }),
    block2: discriminatorBlock(features, features, { downsample: true }),
    block3: discriminatorBlock(features, features, {}),
    block4: discriminatorBlock(features, features, {}),
    output_linear: linear(features, outputs, { init }),
  };
  return compose(layers, ({ block1, block2, block3, block4, output_linear }, x) => {
    const features = mean(leaky(block4(block3(block2(block1(x))))), [2, 3]);
    return { y: output_linear(features), features };
  });
}

/** Doubles the image's sides. The shortcut has no parameters: channels stay the same. */
function generatorBlock(features: number): Module {
  const layers = {
    bn1: batchNorm(features),
    conv1: conv2d(features, features, 3, { padding: 1, init }),
    bn2: batchNorm(features),
    conv2: conv2d(features, features, 3, { padding: 1, init }),
  };
  return compose(layers, ({ bn1, conv1, bn2, conv2 }, x) => add(conv2(relu(bn2(conv1(up(relu(bn1(x))))))), up(x)));
}

export interface ResNetGeneratorOptions {
  /** Default 128. */
  readonly noiseDim?: number;
  /** Channels of all blocks (`g_feats`). Default 128. */
  readonly features?: number;
  /** Channels of the image. Default 3. */
  readonly channels?: number;
  /** Default `tanh`. */
  readonly output?: OutputActivation;
}

/** z `[B, noiseDim]` → g(z) `[B, channels, 32, 32]`. */
export function resNetGenerator({
  noiseDim = 128,
  features = 128,
  channels = 3,
  output = "tanh",
}: ResNetGeneratorOptions = {}): Module {
  const layers = {
    input_linear: linear(noiseDim, 4 * 4 * features, { init: inputInit }),
    block1: generatorBlock(features),
    block2: generatorBlock(features),
    block3: generatorBlock(features),
    output_bn: batchNorm(features),
    output_conv: conv2d(features, channels, 3, { padding: 1, init }),
  };
  const activate = outputActivation(output);
  return compose(layers, ({ input_linear, block1, block2, block3, output_bn, output_conv }, z) => {
    const first = reshape(input_linear(z), [z.shape[0]!, features, 4, 4]);
    return activate(output_conv(relu(output_bn(block3(block2(block1(first)))))));
  });
}
