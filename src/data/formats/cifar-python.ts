/** CIFAR's Python batches: pickled dictionaries with `data`, an array `[n, 3072]` of bytes, and labels. */
import { DataError } from "../error.js";
import { checkLabels, type LabelledImages } from "./labels.js";
import { unpickle } from "./pickle.js";
import { NumpyArray } from "./pickle-numpy.js";
import { asText, described, type PickleValue } from "./pickle-values.js";

const PIXELS = 3 * 32 * 32;

/**
 * Reads a Python batch of CIFAR-10 (`labels`) or CIFAR-100 (`fine_labels`): labels are a list or an array of integers.
 * @throws DataError where it is not one, is damaged, or a label is out of range.
 */
export function parseCifarPython(bytes: Uint8Array, file: string, classes: 10 | 100): LabelledImages {
  const batch = dictionary(bytes, file);
  const key = classes === 10 ? "labels" : "fine_labels";
  const found = batch.get(key);
  const images = batch.get("data");
  if (found === undefined || !(images instanceof NumpyArray))
    throw new DataError(file, `no CIFAR-${classes} batch: it has ${[...batch.keys()].join(", ")}, not data and ${key}`);
  const labels = numbers(found);
  if (labels === null) throw new DataError(file, `${key} is ${described(found)}, and a list of integers was expected`);
  const { content, dtype, shape, columnMajor } = images;
  if (content === null || dtype?.name !== "u1")
    throw new DataError(file, `data: an array of bytes (u1) was expected, found ${dtype?.name ?? "no type"}`);
  if (columnMajor && shape[0] !== 1)
    throw new DataError(file, "data is a column-major array", "save it with numpy.ascontiguousarray(data)");
  const [count, width] = shape;
  if (shape.length !== 2 || width !== PIXELS || count !== labels.length)
    throw new DataError(
      file,
      `corrupt: ${labels.length} labels for an array of ${shape.join(" × ")} bytes; rows of ${PIXELS} expected`,
    );
  return { pixels: content, labels: checkLabels(labels, classes, file) };
}

/** The names of the classes in `batches.meta` (CIFAR-10) or `meta` (CIFAR-100). */
export function parseCifarMeta(bytes: Uint8Array, file: string, classes: 10 | 100): string[] {
  const names = dictionary(bytes, file).get(classes === 10 ? "label_names" : "fine_label_names");
  if (!Array.isArray(names) || names.length !== classes) throw new DataError(file, `no list of ${classes} class names`);
  return names.map((name) => asText(name) ?? String(name));
}

function dictionary(bytes: Uint8Array, file: string): Map<string, PickleValue> {
  const value = unpickle(bytes, file);
  if (!(value instanceof Map)) throw new DataError(file, `no CIFAR batch: the pickle holds ${described(value)}`);
  return value;
}

/** Numbers of a list, or of an array of one dimension; null for anything else. */
function numbers(value: PickleValue): ArrayLike<number> | null {
  if (value instanceof NumpyArray) return value.shape.filter((size) => size !== 1).length > 1 ? null : value.numbers();
  return Array.isArray(value) && value.every((v) => typeof v === "number") ? value : null;
}
