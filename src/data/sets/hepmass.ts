/** HEPMASS (Baldi et al. 2016), signal mass 1000: 7 million training and 3.5 million test collisions, 27 features. */
import type { Container, Layout } from "../container.js";
import type { Dataset } from "../dataset.js";
import { allRows } from "../dataset.js";
import { checkLabels } from "../formats/labels.js";
import { type NumericTable, readNumericText } from "../formats/numeric-text.js";
import { carveValidation } from "../images.js";
import { columnNames, continuousFeatures, featureNote, standardisedTable, type TableOptions } from "./tabular.js";

const TRAIN = "1000_train.csv";
const TEST = "1000_test.csv";
export const HEPMASS_LAYOUTS: readonly Layout[] = [
  { form: "folder", at: ["HEPMASS", "hepmass", "."], files: [TRAIN, TEST] },
  { form: "zip", at: ["HEPMASS/hepmass.zip", "hepmass.zip"], files: [TRAIN, TEST] },
];
const FEATURES = 15;

/** The label comes first. Rows of the test file have a column more than those of the training file: it is left out. */
export async function loadHepmass(files: Container, options: TableOptions): Promise<Dataset> {
  const read = async (name: string, columns?: number): Promise<NumericTable> => {
    const shape = { separator: "comma", header: true, ...(columns === undefined ? {} : { columns }) } as const;
    return readNumericText(await files.stream(name), files.label(name), shape);
  };
  const train = await read(TRAIN);
  const features = Array.from({ length: train.columns - 1 }, (_, j) => j + 1);
  const kept = continuousFeatures(train, features);
  const store = (table: NumericTable, name: string) => {
    const labels = checkLabels(table.column(0), 2, files.label(name));
    return { labels, values: table.take(kept) };
  };
  const known = store(train, TRAIN);
  const tested = store(await read(TEST, train.columns), TEST);
  const names = columnNames(train.header, train.columns);
  const rows = carveValidation(known.labels, known.labels.length, known.labels.length, options);
  return standardisedTable(
    {
      name: "hepmass",
      features: kept.map((j) => names[j]!),
      dropped: features.filter((j) => !kept.includes(j)).map((j) => names[j]!),
      label: "label",
      classes: ["background", "signal"],
      known,
      ...rows,
      tested,
      test: allRows(tested.labels.length),
      notes: featureNote(kept.length, FEATURES),
    },
    options,
  );
}
