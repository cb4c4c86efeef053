/**
 * CIFAR's binary batches: records of one label byte (CIFAR-10) or two (CIFAR-100: coarse, fine) and 3 × 32 × 32 pixels,
 * plane by plane. https://www.cs.toronto.edu/~kriz/cifar.html describes them.
 */
import { DataError, show } from "../error.js";
import { checkLabels, type LabelledImages } from "./labels.js";

const PIXELS = 3 * 32 * 32;

/**
 * Reads a binary batch.
 * @param classes 10 or 100, by which the records differ.
 * @throws DataError where the file is no whole number of records, or a label is out of range.
 */
export function parseCifarBinary(bytes: Uint8Array, file: string, classes: 10 | 100): LabelledImages {
  const labelBytes = classes === 10 ? 1 : 2;
  const record = labelBytes + PIXELS;
  const count = bytes.length / record;
  if (!Number.isInteger(count) || count === 0)
    throw new DataError(
      file,
      `truncated or no CIFAR-${classes} batch: ${show(bytes.length)} bytes are no whole number of ${record}-byte records`,
      "fetch the file again",
    );
  const pixels = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const start = i * record + labelBytes;
    labels[i] = bytes[start - 1]!;
    pixels.set(bytes.subarray(start, start + PIXELS), i * PIXELS);
  }
  return { pixels, labels: checkLabels(labels, classes, file) };
}
