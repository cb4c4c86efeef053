/** What a model takes: columns with the ranges of its training rows, a row to begin with, and the densities of data held out. */
import { decodeRow, featureRuns, type TableColumn } from "../../data/index.js";
import { sharedBins } from "../../figures/histogram.js";
import { takeRows } from "../../runtime/index.js";
import { thresholdAt } from "../../score/calibration.js";
import type { AskColumn, AskModel, HeldOut } from "../ask-api.js";
import { type HeldModel, RATE } from "./held.js";

export async function about(held: HeldModel): Promise<AskModel> {
  const { run, kind, notes } = held;
  const { name, shape, classes } = run.info.data;
  return {
    kind,
    name,
    iteration: run.iteration,
    classes: run.model.classes === null ? null : (classes ?? []),
    columns: kind === "image" ? [] : columnsOf(held),
    row: kind === "image" ? {} : await typicalRow(held),
    image: kind === "image" ? { channels: shape[0] === 3 ? 3 : 1, size: shape[1]! } : null,
    heldout: heldOut(held),
    notes,
  };
}

/** Bins of the histogram. */
const BINS = 40;

function heldOut({ calibration }: HeldModel): HeldOut | null {
  if (calibration === null || calibration.heldout.length === 0) return null;
  const { heldout, data } = calibration;
  const bins = Math.max(8, Math.min(BINS, Math.round(3 * Math.cbrt(heldout.length))));
  const { range, densities } = sharedBins([{ name: "held out", values: heldout }], { bins });
  const width = (range[1] - range[0]) / bins;
  return {
    range,
    shares: Array.from(densities[0]!, (density) => density * width),
    count: data.validationExamples,
    threshold: thresholdAt(calibration, RATE) ?? null,
    rate: RATE,
  };
}

function columnsOf({ table, reference }: HeldModel): AskColumn[] {
  const runs = featureRuns(table);
  return table.columns.map((column, j): AskColumn => {
    const { name } = column;
    if (column.kind === "categorical") return { kind: "category", name, levels: column.levels };
    const at = runs[j]!.start;
    const values = reference === null ? [-3, 3] : valuesAt(reference, at);
    const own = values.map((value) => value * column.std + column.mean);
    const [least, most] = [Math.min(...own), Math.max(...own)];
    const step = stepOf(own, column);
    return { kind: "number", name, min: Math.floor(least / step) * step, max: Math.ceil(most / step) * step, step };
  });
}

function valuesAt({ data, shape }: NonNullable<HeldModel["reference"]>, feature: number): number[] {
  const count = shape[0]!;
  const width = data.length / count;
  return Array.from({ length: count }, (_, n) => data[n * width + feature]!);
}

/** Of whole numbers 1; else the power of ten that is about a fiftieth of the deviation. */
function stepOf(own: readonly number[], { std }: TableColumn & { readonly kind: "numeric" }): number {
  const whole = own.every((value) => Math.abs(value - Math.round(value)) < 1e-4 * Math.max(1, Math.abs(value)));
  return whole && std > 1 ? 1 : 10 ** Math.floor(Math.log10(std / 10));
}

/** The training row whose f is in the middle; without training rows, means and first levels. */
async function typicalRow(held: HeldModel): Promise<Record<string, string>> {
  const { table, reference, probe } = held;
  if (reference === null)
    return fieldsOf(
      held,
      featureRuns(table).flatMap(({ width }) => firstOf(width)),
    );
  const { logDensity } = await probe.predict(reference);
  const order = [...logDensity.keys()].sort((a, b) => logDensity[a]! - logDensity[b]!);
  return fieldsOf(held, takeRows(reference, Int32Array.of(order[order.length >> 1]!)).data);
}

const firstOf = (width: number): number[] => Array.from({ length: width }, (_, k) => (width > 1 && k === 0 ? 1 : 0));

/** A row of features as text in the table's own units: as many digits as say which it was. */
export function fieldsOf({ table }: HeldModel, x: ArrayLike<number>): Record<string, string> {
  const decoded = decodeRow(table, x);
  return Object.fromEntries(
    Object.entries(decoded).map(([name, value]) => [
      name,
      typeof value === "number" ? String(Number(value.toPrecision(6))) : value,
    ]),
  );
}
