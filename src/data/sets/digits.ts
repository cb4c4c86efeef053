/** 1,797 handwritten digits of 8×8 pixels and 17 grey levels, shipped with the package: see data/README.md. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dataset } from "../dataset.js";
import { DataError } from "../error.js";
import { openStream } from "../formats/gzip.js";
import { checkLabels } from "../formats/labels.js";
import { readNumericText } from "../formats/numeric-text.js";
import { type ImageOptions, splitImages } from "../images.js";
import { partition } from "../partition.js";

const PIXELS = 64;
/** The file has no published split: a fifth of it is the test split, a tenth the validation split. */
const TEST = 0.2;
const VALIDATION = 0.1;

/** Loads the digits. `validation` is a part of the whole set here. */
export async function loadDigits({ validation = VALIDATION, ...options }: ImageOptions = {}): Promise<Dataset> {
  const file = shippedFile("digits.csv.gz");
  const table = await readNumericText(await openStream(file), file, { separator: "comma", header: false });
  if (table.columns !== PIXELS + 1) throw new DataError(file, `${table.columns} columns, ${PIXELS + 1} expected`);
  const n = table.rows;
  const labels = checkLabels(table.column(PIXELS), 10, file);
  const pixels = Uint8Array.from(table.take(Array.from({ length: PIXELS }, (_, j) => j)));
  const test = Math.round(TEST * n);
  const held = Math.round(validation * n);
  const [train, carved, tested] = partition(n, labels, [n - test - held, held, test], options.splitSeed);
  return splitImages(
    {
      name: "digits",
      shape: [1, 8, 8],
      max: 16,
      classes: Array.from({ length: 10 }, (_, d) => String(d)),
      pixels,
      labels,
      rows: { train: train!, validation: carved!, test: tested! },
      notes: [],
    },
    options,
  );
}

/** A file of the package's `data` folder: looked for upwards from here, which works from the sources and from a build. */
function shippedFile(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, "data", name);
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) throw new DataError(name, "missing from the package", "install it again");
  }
}
