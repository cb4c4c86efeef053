/** Any table by DuckDB: what its columns are, what is made of them, rows → features. For Node. */
export type { Decision } from "./decide.js";
export { aboutData, describeColumns } from "./describe-columns.js";
export { type EncodedSource, type EncodeOptions, encodeRows } from "./encode-rows.js";
export { type EncodedTable, encodeTable } from "./encode-table.js";
export { EMPTY, type EncodedRows } from "./encoded-rows.js";
export { loadTable, type TableDataset, type TableOptions } from "./load-table.js";
export type { ReadOptions } from "./part.js";
export { filesLike } from "./source.js";
export type { ColumnChoice } from "./survey.js";
export { IN_MEMORY, withoutFormat } from "./table-name.js";
export { ParquetWriter, type Values, type WrittenColumn } from "./write-parquet.js";
