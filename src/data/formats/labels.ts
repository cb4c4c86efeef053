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
  const pixels = new Uint8Array(files.reduce((n, f) => n + f.pixels.length, 0));
  const labels = new Int32Array(files.reduce((n, f) => n + f.labels.length, 0));
  let pixel = 0;
  let label = 0;
  for (const f of files) {
    pixels.set(f.pixels, pixel);
    labels.set(f.labels, label);
    pixel += f.pixels.length;
    label += f.labels.length;
  }
  return { pixels, labels };
}
