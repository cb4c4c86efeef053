/** What training would make of a table: the same functions, and the same words as of `vera train --dry-run`. */

import { BECOMES } from "../../tables/describe-columns.js";
import { loadTable } from "../../tables/index.js";
import type { ColumnsRequest, TableColumns } from "../ask-api.js";

/** @throws DataError where it is no table, or what is said of its columns cannot be */
export async function describeTable({ table, label, ...choice }: ColumnsRequest): Promise<TableColumns> {
  const { columns, remarks, splits } = await loadTable(table, { ...choice, ...(label !== null && { label }) });
  return {
    remarks,
    rows: splits.train.size + splits.validation.size + splits.test.size,
    columns: columns.map((column) => ({ ...column, becomes: BECOMES[column.becomes] })),
  };
}
