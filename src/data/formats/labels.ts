/** The check that every format with labels shares. */
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
