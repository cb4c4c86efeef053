/** 1,797 handwritten digits of 8×8 pixels and 17 grey levels, shipped with the package: see data/README.md. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dataset } from "../dataset.js";
import { DataError } from "../error.js";
import { openStream } from "../formats/gzip.js";
import { checkLabels } from "../formats/labels.js";
import { readNumericText } from "../formats/numeric-text.js";
import type { ImageOptions } from "../images.js";
import { DIGIT_PIXELS, digitsDataset } from "./digits-set.js";

/** Loads the digits. `validation` is a part of the whole set here. */
export async function loadDigits(options: ImageOptions = {}): Promise<Dataset> {
  const file = shippedFile("digits.csv.gz");
  const table = await readNumericText(await openStream(file), file, { separator: "comma", header: false });
  if (table.columns !== DIGIT_PIXELS + 1) {
    throw new DataError(file, `${table.columns} columns, ${DIGIT_PIXELS + 1} expected`);
  }
  const labels = checkLabels(table.column(DIGIT_PIXELS), 10, file);
  const pixels = Uint8Array.from(table.take(Array.from({ length: DIGIT_PIXELS }, (_, j) => j)));
  return digitsDataset(pixels, labels, options);
}

/** A file of the package's `data` folder: looked for upwards from here, which works from the sources and from a build. */
function shippedFile(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, "data", name);
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) throw new DataError(name, "missing from the package", "install it again");
  }
}
