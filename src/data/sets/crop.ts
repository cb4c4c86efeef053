/** CROP: crop mapping near Winnipeg from optical and radar images (Khosravi 2020), 325,834 pixels, 174 features, 7 crops. */
import type { Container, Layout } from "../container.js";
import type { Dataset } from "../dataset.js";
import { checkLabels } from "../formats/labels.js";
import { readNumericText } from "../formats/numeric-text.js";
import { partition } from "../partition.js";
import { columnNames, featureNote, standardisedTable, type TableOptions } from "./tabular.js";

const FILE = "WinnipegDataset.txt";
const ARCHIVE = "crop+mapping+using+fused+optical+radar+data+set.zip";
export const CROP_LAYOUTS: readonly Layout[] = [
  { form: "folder", at: ["CROP", "crop", "."], files: [FILE] },
  { form: "zip", at: [`CROP/${ARCHIVE}`, ARCHIVE, "CROP/data.zip"], files: [FILE] },
];
/** The crops by label, in the order of the data set's description. */
const CLASSES = ["corn", "peas", "canola", "soybeans", "oats", "wheat", "broadleaf"];
const FEATURES = 174;
/** One file: a tenth is the test split, a tenth of the rest the validation split. */
const PART = 0.1;

/** The label (1 to 7) comes first; all features are kept. */
export async function loadCrop(files: Container, options: TableOptions): Promise<Dataset> {
  const file = files.label(FILE);
  const table = await readNumericText(await files.stream(FILE), file, { separator: "comma", header: true });
  const names = columnNames(table.header, table.columns);
  const labels = checkLabels(table.column(0), CLASSES.length, file, 1);
  const features = Array.from({ length: table.columns - 1 }, (_, j) => j + 1);
  const store = { values: table.take(features), labels };
  const test = Math.round(PART * table.rows);
  const validation = Math.round((options.validation ?? PART) * (table.rows - test));
  const sizes = [table.rows - test - validation, validation, test];
  const [train, carved, tested] = partition(table.rows, labels, sizes, options.splitSeed);
  return standardisedTable(
    {
      name: "crop",
      features: features.map((j) => names[j]!),
      dropped: [],
      label: names[0]!,
      classes: CLASSES,
      known: store,
      train: train!,
      validation: carved!,
      tested: store,
      test: tested!,
      notes: featureNote(features.length, FEATURES),
    },
    options,
  );
}
