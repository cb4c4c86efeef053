/** Rows of a table as an exported model takes them. Free of Node. */
import { Tensor } from "onnxruntime-common";
import { DataError } from "../data/error.js";
import { type Field, isMissing, levelOf, parseNumber } from "../data/fields.js";
import type { PublishedColumn, PublishedTable } from "./metadata.js";

/**
 * The inputs for rows by column name, read as `vera score` reads the fields of a file: for `session.run` of onnxruntime-node and
 * onnxruntime-web. Columns that the model does not know are ignored.
 * @param table `values` of the model's metadata.
 * @param rows at least one.
 * @throws DataError where a row lacks a column, or there is no number where the model takes one.
 */
export function tableInputs(
  { columns, tensors, markers }: PublishedTable,
  rows: readonly Readonly<Record<string, Field>>[],
): Record<string, Tensor> {
  const byName = new Map(columns.map((column) => [column.name, column]));
  /** Each field of a tensor in turn, read. */
  const read = <T>(names: readonly string[], value: (field: Field, column: PublishedColumn, where: string) => T): T[] =>
    rows.flatMap((row, i) =>
      names.map((name) => {
        if (!Object.hasOwn(row, name))
          throw new DataError(`row ${i + 1}`, `no column "${name}"`, "the model was trained with it and needs it");
        return value(row[name], byName.get(name)!, `row ${i + 1}, column "${name}"`);
      }),
    );
  const level = (field: Field, { levels = [] }: PublishedColumn): string => {
    if (field === null || field === undefined || isMissing(field, "categorical", markers)) return "";
    if (typeof field !== "boolean") return levelOf(field);
    return levels.find((l) => l.toLowerCase() === String(field)) ?? String(field);
  };
  const number = (field: Field, { style }: PublishedColumn, where: string): number => {
    if (field === null || field === undefined || isMissing(field, "numeric", markers)) return Number.NaN;
    const value = parseNumber(field, style);
    if (value === null) throw new DataError(where, `a number was expected, found "${field}"`);
    return value;
  };
  return Object.fromEntries(
    tensors.map(({ name, dtype, columns }) => {
      const dims = [rows.length, columns.length];
      const tensor =
        dtype === "string"
          ? new Tensor("string", read(columns, level), dims)
          : new Tensor("float64", Float64Array.from(read(columns, number)), dims);
      return [name, tensor];
    }),
  );
}
