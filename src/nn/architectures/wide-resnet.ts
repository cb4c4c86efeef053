/**
 * Wide residual networks (Zagoruyko & Komodakis 2016) with LeakyReLU(0.2), biases and, by default, no normalisation.
 */
import { add, mean } from "../../graph/index.js";
import { conv2d, dropout, linear } from "../layers/index.js";
import { compose, type Layer, type Module, sequential } from "../module.js";
import { leaky } from "./activations.js";
import { type Norm, normalization } from "./normalization.js";

interface BlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** Of the second convolution and the shortcut. */
  readonly stride: number;
  readonly norm: Norm;
  readonly dropoutRate: number;
  /** Pixels along a side of the input. */
  readonly size: number;
  /** The network's first block: its `bn1` exists, as in the authors' model, but is not used. */
  readonly first: boolean;
}

function wideBlock({ inputs, outputs, stride, norm, dropoutRate, size, first }: BlockOptions): Module {
  const shortcut = conv2d(inputs, outputs, 1, { stride });
  const layers = {
    bn1: normalization(norm, inputs),
    conv1: conv2d(inputs, outputs, 3, { padding: 1 }),
    dropout: dropoutRate === 0 ? (x) => x : dropout(dropoutRate, [outputs, size, size]),
    bn2: normalization(norm, outputs),
    conv2: conv2d(outputs, outputs, 3, { stride, padding: 1 }),
    shortcut: sequential(stride !== 1 || inputs !== outputs ? [shortcut] : []),
  } satisfies Record<string, Layer>;
  return compose(layers, (layer, x) => {
    const hidden = layer.dropout(layer.conv1(leaky(first ? x : layer.bn1(x))));
    return add(layer.conv2(leaky(layer.bn2(hidden))), layer.shortcut(x));
  });
}

export interface WideResNetOptions {
  /** 6 n + 4, with n blocks in each of the three groups. Default 28. */
  readonly depth?: number;
  /** Factor on the groups' channels. Default 10. */
  readonly widenFactor?: number;
  /** Default 10. */
  readonly outputs?: number;
  /** Channels of the image. Default 3. */
  readonly channels?: number;
  /** Pixels along a side of the image, a multiple of 4. Default 32. */
  readonly imageSize?: number;
  /** Default `none`. */
  readonly norm?: Norm;
  /** Probability to drop a value between a block's convolutions. Default 0. */
  readonly dropoutRate?: number;
  /** Channels of the first convolution. Default 16. */
  readonly width?: number;
}

/**
 * x `[B, channels, imageSize, imageSize]` → logits `[B, outputs]`.
 * @throws RangeError where the depth is not 6 n + 4.
 */
export function wideResNet({
  depth = 28,
  widenFactor = 10,
  outputs = 10,
  channels = 3,
  imageSize = 32,
  norm = "none",
  dropoutRate = 0,
  width = 16,
}: WideResNetOptions = {}): Module {
  const blocks = (depth - 4) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) throw new RangeError(`wideResNet: depth must be 6 n + 4, got ${depth}`);
  const group = (inputs: number, planes: number, stride: number, size: number, first: boolean): Module =>
    sequential(
      Array.from({ length: blocks }, (_, i) =>
        wideBlock({
          inputs: i === 0 ? inputs : planes,
          outputs: planes,
          stride: i === 0 ? stride : 1,
          size: i === 0 ? size : size / stride,
          first: first && i === 0,
          norm,
          dropoutRate,
        }),
      ),
    );
  const [a, b, c] = [1, 2, 4].map((factor) => factor * width * widenFactor) as [number, number, number];
  const layers = {
    conv1: conv2d(channels, width, 3, { padding: 1 }),
    layer1: group(width, a, 1, imageSize, true),
    layer2: group(a, b, 2, imageSize, false),
    layer3: group(b, c, 2, imageSize / 2, false),
    bn1: normalization(norm, c),
    linear: linear(c, outputs),
  };
  return compose(layers, ({ conv1, layer1, layer2, layer3, bn1, linear }, x) => {
    const features = mean(leaky(bn1(layer3(layer2(layer1(conv1(x)))))), [2, 3]);
    return { y: linear(features), features };
  });
}
