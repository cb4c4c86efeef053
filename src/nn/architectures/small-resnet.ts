/**
 * A residual network of eight convolutions for 32×32 images and a few processor cores: most of its products are on 16×16 and 8×8
 * pixels, where they cost little. Without normalisation it starts as its plain path: the last convolution of each branch is zero
 * (Zhang et al. 2019, "Fixup").
 */
import { add, avgPool2d, mean } from "../../graph/index.js";
import { filled, kaimingUniform, type WeightAndBias } from "../initializers.js";
import { conv2d, linear } from "../layers/index.js";
import { compose, type Module, sequential } from "../module.js";
import { leaky } from "./activations.js";
import { type Norm, normalization } from "./normalization.js";

const init: WeightAndBias = { weight: kaimingUniform(0.2), bias: filled(0) };
const zero: WeightAndBias = { weight: filled(0), bias: filled(0) };

function convolution(inputs: number, outputs: number, norm: Norm, stride: 1 | 2 = 1): Module {
  return sequential([
    conv2d(inputs, outputs, stride === 1 ? 3 : 4, { stride, padding: 1, init }),
    normalization(norm, outputs),
    leaky,
  ]);
}

/** x + two convolutions of it. */
function residual(channels: number, norm: Norm): Module {
  const layers = {
    first: convolution(channels, channels, norm),
    second: conv2d(channels, channels, 3, { padding: 1, init: norm === "none" ? zero : init }),
    norm: normalization(norm, channels),
  };
  return compose(layers, ({ first, second, norm }, x) => add(x, leaky(norm(second(first(x))))));
}

export interface SmallResNetOptions {
  /** Channels of the image. Default 3. */
  readonly channels?: number;
  /** Default 10. */
  readonly outputs?: number;
  /** Channels on 16×16 pixels; half as many before, four times as many in the end. Default 32. */
  readonly width?: number;
  /** Default `none`. */
  readonly norm?: Norm;
}

/** Channels of the stages: the first convolutions see little but edges, the last little but classes. */
export const smallResNetStages = (width: number): readonly number[] => [width, 2 * width, 2 * width];

/** x `[B, channels, 32, 32]` → `[B, outputs]`. */
export function smallResNet({
  channels = 3,
  outputs = 10,
  width = 32,
  norm = "none",
}: SmallResNetOptions = {}): Module {
  const half = Math.ceil(width / 2);
  const layers = {
    stem: convolution(channels, half, norm),
    halve: convolution(half, width, norm, 2),
    widen1: convolution(width, 2 * width, norm),
    branch1: residual(2 * width, norm),
    widen2: convolution(2 * width, 4 * width, norm),
    branch2: residual(4 * width, norm),
    linear: linear(4 * width, outputs),
  };
  return compose(layers, ({ stem, halve, widen1, branch1, widen2, branch2, linear }, x) => {
    const halves = halve(stem(x));
    const widened = widen1(halves);
    const eighths = branch1(avgPool2d(widened, 2));
    const features = mean(branch2(avgPool2d(widen2(eighths), 2)), [2, 3]);
    return { y: linear(features), features, stages: [halves, widened, eighths] };
  });
}
