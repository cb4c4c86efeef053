/** HUMAN: Human Activity Recognition Using Smartphones (Anguita et al. 2013), 561 features of 10,299 windows, 6 activities. */
import type { Container, Layout } from "../container.js";
import { allRows, type Dataset } from "../dataset.js";
import { DataError, show } from "../error.js";
import { checkLabels } from "../formats/labels.js";
import { type NumericTable, readNumericText } from "../formats/numeric-text.js";
import { carveValidation } from "../images.js";
import { continuousFeatures, featureNote, standardisedTable, type TableOptions } from "./tabular.js";

const FILES = {
  train: { x: "train/X_train.txt", y: "train/y_train.txt" },
  test: { x: "test/X_test.txt", y: "test/y_test.txt" },
} as const;
const ALL = [FILES.train.x, FILES.train.y, FILES.test.x, FILES.test.y];
const ARCHIVE = "human+activity+recognition+using+smartphones.zip";
export const HUMAN_LAYOUTS: readonly Layout[] = [
  { form: "folder", at: ["HUMAN", "human", "UCI HAR Dataset", "HUMAN/UCI HAR Dataset"], files: ALL },
  { form: "zip", at: [`HUMAN/${ARCHIVE}`, ARCHIVE, "HUMAN/UCI HAR Dataset.zip", "UCI HAR Dataset.zip"], files: ALL },
];
const CLASSES = ["WALKING", "WALKING_UPSTAIRS", "WALKING_DOWNSTAIRS", "SITTING", "STANDING", "LAYING"];
const FEATURES = 523;

/** Features and labels (1 to 6) are in separate files, without header, separated by spaces. */
export async function loadHuman(files: Container, options: TableOptions): Promise<Dataset> {
  const read = async (name: string): Promise<NumericTable> =>
    readNumericText(await files.stream(name), files.label(name), { separator: "space", header: false });
  const part = async ({ x, y }: { x: string; y: string }) => {
    const table = await read(x);
    const classes = (await read(y)).column(0);
    if (classes.length !== table.rows)
      throw new DataError(files.label(y), `${show(classes.length)} labels for ${show(table.rows)} rows`);
    return { table, labels: checkLabels(classes, CLASSES.length, files.label(y), 1) };
  };
  const train = await part(FILES.train);
  const test = await part(FILES.test);
  const { columns } = train.table;
  if (test.table.columns !== columns)
    throw new DataError(files.label(FILES.test.x), `${test.table.columns} columns, ${columns} in the training file`);
  const features = Array.from({ length: columns }, (_, j) => j);
  const kept = continuousFeatures(train.table, features);
  const rows = carveValidation(train.labels, train.labels.length, train.labels.length, options);
  return standardisedTable(
    {
      name: "human",
      features: kept.map((j) => `f${j}`),
      dropped: features.filter((j) => !kept.includes(j)).map((j) => `f${j}`),
      label: "activity",
      classes: CLASSES,
      known: { values: train.table.take(kept), labels: train.labels },
      ...rows,
      tested: { values: test.table.take(kept), labels: test.labels },
      test: allRows(test.labels.length),
      notes: featureNote(kept.length, FEATURES),
    },
    options,
  );
}
