/**
 * An exported model of a table over a folder of Parquet files: DuckDB reads and writes them, ONNX Runtime scores, one process per core, each
 * with one file at a time.
 *
 *     npx tsx examples/scale/score.ts model.onnx parts/ scored/
 *
 * A result has the columns of its part, and class, probability, log_density and out_of_distribution. It gets its name when it is whole: what
 * was killed is started again by the same command, which leaves out what is there. Of this package it needs `readMetadata` alone, which in a
 * project of your own comes from "vera-ebm".
 */
import { type ChildProcess, fork } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance } from "@duckdb/node-api";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type ColumnTensor, readMetadata } from "../../src/index.js";

const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
const name = (value: string) => `"${value.replaceAll('"', '""')}"`;

/** The model's columns in SQL, in its order: missing numbers are NaN, missing levels empty. */
const selected = (tensors: readonly ColumnTensor[]): string =>
  tensors
    .flatMap(({ dtype, columns }) =>
      columns.map((column) =>
        dtype === "string"
          ? `coalesce(CAST(${name(column)} AS VARCHAR), '')`
          : `coalesce(CAST(${name(column)} AS DOUBLE), 'NaN'::DOUBLE)`,
      ),
    )
    .join(", ");

/** Rows as the model takes them: column after column becomes row after row. */
function feeds(chunk: DuckDBDataChunk, tensors: readonly ColumnTensor[]): Record<string, Tensor> {
  const rows = chunk.rowCount;
  let at = 0;
  return Object.fromEntries(
    tensors.map(({ name, dtype, columns }) => {
      const values = columns.map(() => chunk.getColumnValues(at++));
      const byRow = <T>(read: (value: unknown) => T) =>
        Array.from({ length: rows * columns.length }, (_, i) =>
          read(values[i % columns.length]![Math.floor(i / columns.length)]),
        );
      const dims = [rows, columns.length];
      const tensor =
        dtype === "string"
          ? new Tensor("string", byRow(String), dims)
          : new Tensor("float64", Float64Array.from(byRow(Number)), dims);
      return [name, tensor];
    }),
  );
}

interface Model {
  readonly session: InferenceSession;
  readonly tensors: readonly ColumnTensor[];
  readonly classes: readonly string[] | null;
}

async function load(path: string): Promise<Model> {
  const bytes = readFileSync(path);
  const { values, classes } = readMetadata(bytes);
  if (values.kind !== "table") throw new Error(`${path} is no model of a table`);
  const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
  return { session, tensors: values.tensors, classes };
}

/** Scores a part, some thousand rows at a time. @returns how many rows it has */
async function scorePart({ session, tensors, classes }: Model, database: DuckDBInstance, part: string, result: string) {
  const [reading, writing] = [await database.connect(), await database.connect()];
  try {
    await writing.run(
      "CREATE OR REPLACE TABLE scored (row BIGINT, class VARCHAR, probability DOUBLE, log_density DOUBLE, out_of_distribution BOOLEAN)",
    );
    const appender = await writing.createAppender("scored");
    const rows = await reading.stream(`SELECT ${selected(tensors)} FROM read_parquet(${text(part)})`);
    let row = 0;
    for (let chunk = await rows.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await rows.fetchChunk()) {
      const { log_density, probabilities, out_of_distribution } = await session.run(feeds(chunk, tensors));
      for (let i = 0; i < chunk.rowCount; i++) {
        appender.appendBigInt(BigInt(row++));
        if (classes === null || probabilities === undefined) {
          appender.appendNull();
          appender.appendNull();
        } else {
          const p = probabilities.data.slice(i * classes.length, (i + 1) * classes.length) as Float32Array;
          const best = p.indexOf(Math.max(...p));
          appender.appendVarchar(classes[best]!);
          appender.appendDouble(p[best]!);
        }
        appender.appendDouble(Number(log_density!.data[i]));
        if (out_of_distribution === undefined) appender.appendNull();
        else appender.appendBoolean(Boolean(out_of_distribution.data[i]));
        appender.endRow();
      }
    }
    appender.closeSync();
    await write(writing, part, result);
    return row;
  } finally {
    reading.closeSync();
    writing.closeSync();
  }
}

async function write(connection: DuckDBConnection, part: string, result: string): Promise<void> {
  const joined = `read_parquet(${text(part)}, file_row_number = true) AS part JOIN scored ON file_row_number = scored.row`;
  const columns = "part.* EXCLUDE (file_row_number), scored.* EXCLUDE (row)";
  await connection.run(
    `COPY (SELECT ${columns} FROM ${joined} ORDER BY scored.row) TO ${text(`${result}.tmp`)} (FORMAT parquet)`,
  );
  renameSync(`${result}.tmp`, result);
}

interface Answer {
  readonly part: string;
  readonly rows: number;
  readonly error?: string;
}

/** A process of its own for parts that it is told. */
async function work(path: string, from: string, to: string): Promise<void> {
  const model = await load(path);
  const database = await DuckDBInstance.create(":memory:", { threads: "1" });
  process.on("message", async (part: string) => {
    const answer = await scorePart(model, database, join(from, part), join(to, part)).then(
      (rows): Answer => ({ part, rows }),
      (error: Error): Answer => ({ part, rows: 0, error: error.message }),
    );
    process.send!(answer);
  });
  process.send!({ part: "", rows: 0 } satisfies Answer); // ready
}

/** Gives each process the next part as it is done with one. @returns whether all parts were scored */
async function share(path: string, from: string, to: string, processes: number): Promise<boolean> {
  mkdirSync(to, { recursive: true });
  const parts = readdirSync(from).filter((part) => part.endsWith(".parquet"));
  const due = parts.filter((part) => !existsSync(join(to, part)));
  console.log(`${due.length} of ${parts.length} parts are to be scored`);
  let done = 0;
  let total = 0;
  const one = (child: ChildProcess) =>
    new Promise<void>((resolve) => {
      child.on("message", ({ part, rows, error }: Answer) => {
        if (error !== undefined) console.error(`${join(from, part)}: ${error}`);
        else if (part !== "") done++;
        total += rows;
        const next = due.shift();
        if (next === undefined) child.disconnect();
        else child.send(next);
      });
      child.on("exit", () => resolve());
    });
  const wanted = due.length;
  const children = Array.from({ length: Math.min(processes, wanted) }, () =>
    fork(fileURLToPath(import.meta.url), ["--worker", path, from, to]),
  );
  await Promise.all(children.map(one));
  console.log(`${total} rows of ${done} parts scored`);
  return done === wanted;
}

const [first, ...rest] = process.argv.slice(2);
if (first === "--worker") await work(rest[0]!, rest[1]!, rest[2]!);
else if (first === undefined || rest.length < 2)
  throw new Error("usage: score.ts MODEL FOLDER-OF-PARTS FOLDER-OF-RESULTS [PROCESSES]");
else if (!(await share(first, rest[0]!, rest[1]!, Number(rest[2] ?? availableParallelism())))) process.exitCode = 1;
