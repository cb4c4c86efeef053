/** CIFAR's Python batches: pickled dictionaries with `data`, an array `[n, 3072]` of bytes, and lists of labels. */
import { DataError } from "../error.js";
import { checkLabels, type LabelledImages } from "./labels.js";
import { type Pickled, type PickledArray, unpickle } from "./pickle.js";

const PIXELS = 3 * 32 * 32;

/**
 * Reads a Python batch of CIFAR-10 (`labels`) or CIFAR-100 (`fine_labels`).
 * @throws DataError where it is not one, is damaged, or a label is out of range.
 */
export function parseCifarPython(bytes: Uint8Array, file: string, classes: 10 | 100): LabelledImages {
  const batch = dictionary(bytes, file);
  const key = classes === 10 ? "labels" : "fine_labels";
  const labels = batch.get(key);
  const images = batch.get("data");
  if (!Array.isArray(labels) || !isArray(images))
    throw new DataError(file, `no CIFAR-${classes} batch: it has ${[...batch.keys()].join(", ")}, not data and ${key}`);
  const [count, width] = images.shape;
  if (images.shape.length !== 2 || width !== PIXELS || count !== labels.length)
    throw new DataError(
      file,
      `corrupt: ${labels.length} labels for an array of ${images.shape.join(" × ")} bytes; rows of ${PIXELS} expected`,
    );
  return { pixels: images.data, labels: checkLabels(labels as number[], classes, file) };
}

/** The names of the classes in `batches.meta` (CIFAR-10) or `meta` (CIFAR-100). */
export function parseCifarMeta(bytes: Uint8Array, file: string, classes: 10 | 100): string[] {
  const names = dictionary(bytes, file).get(classes === 10 ? "label_names" : "fine_label_names");
  if (!Array.isArray(names) || names.length !== classes) throw new DataError(file, `no list of ${classes} class names`);
  return names.map((n) => (n instanceof Uint8Array ? new TextDecoder().decode(n) : String(n)));
}

function dictionary(bytes: Uint8Array, file: string): Map<string, Pickled> {
  const value = unpickle(bytes, file);
  if (!(value instanceof Map)) throw new DataError(file, "no CIFAR batch: the pickle holds no dictionary");
  return value;
}

const isArray = (value: Pickled | undefined): value is PickledArray =>
  typeof value === "object" && value !== null && "shape" in value && "data" in value;
