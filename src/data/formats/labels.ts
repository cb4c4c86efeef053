/** The checks that every format of labelled images shares. */
import { DataError } from "../error.js";

/**
 * Labels as classes 0 … classes - 1.
 * @param first the file's label of class 0.
 * @throws DataError for one outside first … first + classes - 1.
 */
export function checkLabels(labels: ArrayLike<number>, classes: number, file: string, first = 0): Int32Array {
  return Int32Array.from(labels, (label, i) => {
    if (!Number.isInteger(label) || label < first || label >= first + classes)
      throw new DataError(
        file,
        `corrupt: label ${label} of row ${i} is not in ${first} … ${first + classes - 1}`,
        "fetch the file again",
      );
    return label - first;
  });
}

/** Pixels as bytes, whatever type they are stored in. @throws DataError for one that is no whole number from 0 to 255. */
export function checkPixels(pixels: ArrayLike<number>, file: string): Uint8Array {
  if (pixels instanceof Uint8Array) return pixels;
  return Uint8Array.from(pixels, (value, i) => {
    if (!Number.isInteger(value) || value < 0 || value > 255)
      throw new DataError(
        file,
        `pixel ${i} is ${value}: whole numbers from 0 to 255 expected`,
        "scale the images to 0 … 255 and save them as unsigned bytes",
      );
    return value;
  });
}

/** Labelled images of a file. */
export interface LabelledImages {
  /** `[n, C, H, W]`. */
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
}

/** Files one after the other. */
export function concatImages(files: readonly LabelledImages[]): LabelledImages {
  const stack = new ImageStack(
    files.reduce((n, { labels }) => n + labels.length, 0),
    files.reduce((n, { pixels }) => n + pixels.length, 0),
  );
  for (const file of files) stack.add(file);
  return stack.images;
}

/** Room for images that come file by file, so that none of them has to stay until the last has come. */
export class ImageStack {
  private pixels: Uint8Array;
  private labels: Int32Array;
  private bytes = 0;
  private count = 0;

  /** @param count of images that are expected @param bytes of all their pixels */
  constructor(count: number, bytes: number) {
    this.pixels = new Uint8Array(bytes);
    this.labels = new Int32Array(count);
  }

  /** @returns how many images there are now */
  add({ pixels, labels }: LabelledImages): number {
    const [bytes, count] = [this.bytes + pixels.length, this.count + labels.length];
    if (bytes > this.pixels.length || count > this.labels.length) this.grow(2 * count, 2 * bytes);
    this.pixels.set(pixels, this.bytes);
    this.labels.set(labels, this.count);
    [this.bytes, this.count] = [bytes, count];
    return count;
  }

  get images(): LabelledImages {
    return { pixels: this.pixels.subarray(0, this.bytes), labels: this.labels.subarray(0, this.count) };
  }

  private grow(count: number, bytes: number): void {
    const { pixels, labels } = this.images;
    this.pixels = new Uint8Array(bytes);
    this.labels = new Int32Array(count);
    this.pixels.set(pixels);
    this.labels.set(labels);
  }
}
