/** Any table by DuckDB: what its columns are, what is made of them, rows → features. For Node. */
export type { ColumnChoice, Decision } from "./decide.js";
export { aboutData, describeColumns } from "./describe-columns.js";
export {
  EMPTY,
  type EncodedRows,
  type EncodedSource,
  type EncodedTable,
  type EncodeOptions,
  encodeRows,
  encodeTable,
} from "./encode-table.js";
export { loadTable, type TableDataset, type TableOptions } from "./load-table.js";
export { IN_MEMORY, type ReadOptions } from "./source.js";
export { ParquetWriter, type Values, type WrittenColumn } from "./write-parquet.js";
