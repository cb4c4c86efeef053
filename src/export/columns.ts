/**
 * Columns of a table at the edge of a deployed model: nodes before its graph that make features of published columns, and nodes
 * behind it that make columns of features.
 *
 * They are written as ONNX, since the graph knows neither of the two types that columns need. Numbers are 64-bit floats: seconds
 * since 1970 that differ by minutes are all the same in 32 bits, so that they are standardised first and rounded then, as `score`
 * does it. Categories are text.
 */
import {
  type CategoricalColumn,
  featureRuns,
  type NumericColumn,
  type TableColumn,
  type TablePreprocessing,
} from "../data/table.js";
import { Emitter } from "../runtime/lower/emitter.js";
import { type OnnxModel, strings, type ValueInfo } from "../runtime/onnx.js";
import { BATCH } from "./dynamic-batch.js";
import { ExportError } from "./error.js";
import { type ColumnTensor, columnTensors } from "./metadata.js";
import { spellings } from "./spellings.js";

/**
 * A model of features `[batch, D]`, its only input, as one of published columns.
 * @throws ExportError where two levels of a column are the same.
 */
export function takeColumns(model: OnnxModel, { columns, markers }: TablePreprocessing): OnnxModel {
  const emit = beside(model);
  const tensors = columnTensors(columns);
  const [numbers, texts] = [named(tensors, "float64"), named(tensors, "string")];
  const parts: string[] = [];
  if (numbers !== undefined) {
    const standard = emit.cast(
      emit.node("Div", [
        emit.node("Sub", [numbers, numberRow(emit, columns, "mean")]),
        numberRow(emit, columns, "std"),
      ]),
      "f32",
    );
    parts.push(emit.node("Where", [emit.node("IsNaN", [standard]), emit.scalar(0), standard]));
  }
  if (texts !== undefined)
    for (const [j, column] of categoricalOf(columns).entries())
      parts.push(oneHot(emit, emit.node("Gather", [texts, emit.ints([j])], { axis: 1 }), column, markers));

  // So far all numbers stand before all categories.
  const joined = parts.length === 1 ? parts[0]! : emit.node("Concat", parts, { axis: 1 });
  const order = featureOrder(columns);
  const features = order.every((from, i) => from === i)
    ? joined
    : emit.node("Gather", [joined, emit.ints(order)], { axis: 1 });
  const [input] = model.inputs;
  const renamed = (name: string) => (name === input!.name ? features : name);
  return {
    ...model,
    nodes: [...emit.nodes, ...model.nodes.map((node) => ({ ...node, inputs: node.inputs.map(renamed) }))],
    initializers: [...emit.initializers, ...model.initializers],
    inputs: tensors.map(valueInfo),
  };
}

/** A model that gives features `[batch, D]`, its only output, as one that gives columns: numbers in their units, the most likely levels. */
export function giveColumns(model: OnnxModel, { columns }: TablePreprocessing): OnnxModel {
  const emit = beside(model);
  const [output] = model.outputs;
  const runs = featureRuns({ columns });
  const pick = (features: readonly number[]) => emit.node("Gather", [output!.name, emit.ints(features)], { axis: 1 });
  const tensors = columnTensors(columns);
  const last = (op: string, inputs: readonly string[], name: string) =>
    emit.nodes.push({ name, op, domain: "", inputs, outputs: [name], attributes: {} });
  const [numbers, texts] = [named(tensors, "float64"), named(tensors, "string")];
  if (numbers !== undefined) {
    const standard = emit.cast(pick(runs.filter((r) => r.kind === "numeric").map((r) => r.start)), "f64");
    const scaled = emit.node("Mul", [standard, numberRow(emit, columns, "std")]);
    last("Add", [scaled, numberRow(emit, columns, "mean")], numbers);
  }
  if (texts !== undefined) {
    const levels = categoricalOf(columns).flatMap((c) => c.levels);
    let first = 0;
    const chosen = runs
      .filter((r) => r.kind === "categorical")
      .map(({ start, width }) => {
        const best = emit.node("ArgMax", [pick(range(start, width))], { axis: 1, keepdims: 1 });
        const level = emit.node("Add", [best, emit.ints([first])]);
        first += width;
        return level;
      });
    const all = emit.node("Constant", [], { value_strings: strings(levels) });
    last("Gather", [all, chosen.length === 1 ? chosen[0]! : emit.node("Concat", chosen, { axis: 1 })], texts);
  }
  return {
    ...model,
    nodes: [...model.nodes, ...emit.nodes],
    initializers: [...model.initializers, ...emit.initializers],
    outputs: tensors.map(valueInfo),
  };
}

/** Which level it is, `[B, 1]` text → `[B, levels]` of which at most one is 1: how often each occurs in a text of one word. */
function oneHot(emit: Emitter, text: string, { name, levels }: CategoricalColumn, markers?: readonly string[]): string {
  const index = spellings(levels, markers);
  const found = new Set(index.values());
  const lost = levels.find((_, k) => !found.has(k));
  if (lost !== undefined)
    throw new ExportError(`column "${name}" has the level "${lost}" twice: train the model anew, and it has it once`);
  return emit.node("TfIdfVectorizer", [text], {
    mode: "TF",
    min_gram_length: 1,
    max_gram_length: 1,
    max_skip_count: 0,
    ngram_counts: [0],
    ngram_indexes: [...index.values()],
    pool_strings: strings([...index.keys()]),
  });
}

/** An emitter whose names are not those of a model. */
function beside(model: OnnxModel): Emitter {
  const emit = new Emitter({ standardOnly: true });
  for (const { name } of [...model.initializers, ...model.inputs, ...model.outputs]) emit.unique(name);
  for (const { outputs } of model.nodes) for (const name of outputs) emit.unique(name);
  return emit;
}

const named = (tensors: readonly ColumnTensor[], dtype: ColumnTensor["dtype"]): string | undefined =>
  tensors.find((t) => t.dtype === dtype)?.name;

const valueInfo = ({ name, dtype, columns }: ColumnTensor): ValueInfo => ({
  name,
  dtype: dtype === "float64" ? "f64" : "string",
  shape: [BATCH, columns.length],
});

const range = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i);
const numericOf = (columns: readonly TableColumn[]) => columns.filter((c): c is NumericColumn => c.kind === "numeric");
const categoricalOf = (columns: readonly TableColumn[]) =>
  columns.filter((c): c is CategoricalColumn => c.kind === "categorical");

/** A number of each numeric column, `[1, columns]`. */
function numberRow(emit: Emitter, columns: readonly TableColumn[], key: "mean" | "std"): string {
  const values = Float64Array.from(numericOf(columns), (c) => c[key]);
  return emit.store("f64", [1, values.length], values, key);
}

/** For each feature its place where all numbers come before all categories. */
function featureOrder(columns: readonly TableColumn[]): number[] {
  let [number, category] = [0, numericOf(columns).length];
  return featureRuns({ columns }).flatMap(({ kind, width }) => {
    if (kind === "numeric") return [number++];
    category += width;
    return range(category - width, width);
  });
}
