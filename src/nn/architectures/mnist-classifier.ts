/** The classifier of MNIST digits that counts modes of StackedMNIST. */
import { flatten, maxPool2d, relu } from "../../graph/index.js";
import { conv2d, dropout, linear } from "../layers/index.js";
import { compose, type Module } from "../module.js";

export interface MnistClassifierOptions {
  /** Pixels along a side, even. Default 28. */
  readonly imageSize?: number;
  /** Channels of the two convolutions. Default 32 and 64. */
  readonly channels?: readonly [number, number];
  /** Width of the hidden fully connected layer. Default 128. */
  readonly hidden?: number;
}

/** x `[B, 1, imageSize, imageSize]` → logits `[B, 10]`. */
export function mnistClassifier({
  imageSize = 28,
  channels: [first, second] = [32, 64],
  hidden = 128,
}: MnistClassifierOptions = {}): Module {
  const pooled = Math.floor((imageSize - 4) / 2);
  const layers = {
    conv1: conv2d(1, first, 3),
    conv2: conv2d(first, second, 3),
    dropout1: dropout(0.25, [second, 1, 1]),
    dropout2: dropout(0.5, [hidden]),
    fc1: linear(second * pooled ** 2, hidden),
    fc2: linear(hidden, 10),
  };
  return compose(layers, ({ conv1, conv2, dropout1, dropout2, fc1, fc2 }, x) => {
    const maps = dropout1(relu(maxPool2d(conv2(relu(conv1(x))), 2)));
    const features = dropout2(relu(fc1(flatten(maps))));
    return { y: fc2(features), features };
  });
}
