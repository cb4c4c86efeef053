/** Where scored inputs go: lines to a terminal, pipe or file, or columns to a Parquet file. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { Writable } from "node:stream";
import { notesOf, type ScoredBatch } from "../score/score.js";
import { csvLine, csvLines, heading, jsonLines, reasonText, type Shape } from "../score/scored-lines.js";
import type { Values, WrittenColumn } from "../tables/index.js";
import type { Output } from "./command.js";

export interface ScoreSink {
  /** Called once, before the first batch. */
  begin(shape: Shape): Promise<void>;
  /** Returns when the batch is written or can wait: memory holds no more than a few. */
  write(batch: ScoredBatch): Promise<void>;
}

export type ScoreFormat = "csv" | "jsonl" | "parquet";

/** What a file's name says that is in it. */
export const formatOf = (name: string): ScoreFormat =>
  /\.(parquet|pq)$/i.test(name) ? "parquet" : /\.(jsonl|ndjson)$/i.test(name) ? "jsonl" : "csv";

/**
 * Opens a sink for some work, and closes it. A file is whole or as it was.
 * @param out the file; null for the terminal
 * @param work says whether it is whole
 * @param written called where it is, with the file under a temporary name
 */
export async function openSink(
  format: ScoreFormat,
  out: string | null,
  terminal: Output,
  work: (sink: ScoreSink) => Promise<boolean>,
  written: (temporary: string) => Promise<void> = async () => {},
): Promise<boolean> {
  if (out === null) return work(new Lines(format, terminal));
  const { replaceFile } = await import("../files/index.js");
  return replaceFile(out, async (temporary) => {
    const whole = await fill(format, out, temporary, work);
    if (whole) await written(temporary);
    return whole;
  });
}

async function fill(
  format: ScoreFormat,
  out: string,
  temporary: string,
  work: (sink: ScoreSink) => Promise<boolean>,
): Promise<boolean> {
  const { onFile } = await import("../files/index.js");
  if (format === "parquet") {
    const columns = new ParquetColumns();
    try {
      const whole = await work(columns);
      if (whole) await onFile(out, () => columns.finish(temporary));
      return whole;
    } finally {
      await columns.close();
    }
  }
  const stream = createWriteStream(temporary);
  try {
    await onFile(out, () => once(stream, "open"));
    const whole = await work(new Lines(format, stream, out));
    await onFile(out, async () => {
      stream.end();
      await once(stream, "finish");
    });
    return whole;
  } finally {
    stream.destroy();
  }
}

class Lines implements ScoreSink {
  private shape: Shape | null = null;
  private failure: Error | null = null;

  /** @param file that is written, for messages; none for the terminal, whose owner handles its errors. */
  constructor(
    private readonly format: ScoreFormat,
    private readonly output: Output,
    private readonly file?: string,
  ) {
    if (file !== undefined && output instanceof Writable)
      output.on("error", (cause) => {
        this.failure = cause;
      });
  }

  async begin(shape: Shape): Promise<void> {
    this.shape = shape;
    if (this.format === "csv") await this.put(`${csvLine(heading(shape))}\n`);
  }

  write(batch: ScoredBatch): Promise<void> {
    return this.put((this.format === "csv" ? csvLines : jsonLines)(batch, this.shape!));
  }

  private async put(text: string): Promise<void> {
    const { output } = this;
    const room = output.write(text);
    if (room === false && output instanceof Writable && this.failure === null)
      await once(output, "drain").catch((cause: Error) => {
        this.failure ??= cause;
      });
    if (this.failure === null) return;
    const { failure } = this;
    const { onFile } = await import("../files/index.js");
    await onFile(this.file ?? "standard output", () => Promise.reject(failure));
  }
}

/** Columns as their heading names them. */
class ParquetColumns implements ScoreSink {
  private shape: Shape | null = null;
  private writer: import("../tables/index.js").ParquetWriter | null = null;

  async begin(shape: Shape): Promise<void> {
    this.shape = shape;
  }

  async write(batch: ScoredBatch): Promise<void> {
    const shape = this.shape!;
    if (this.writer === null) await this.open(shape, batch.classes ?? []);
    this.writer!.append(columnsOf(batch, shape));
  }

  private async open(shape: Shape, classes: readonly string[]): Promise<void> {
    const { ParquetWriter } = await import("../tables/index.js");
    const types = heading(shape).map((name, j): WrittenColumn => {
      if (j === 0) return { name, type: shape.place === "file" ? "VARCHAR" : "BIGINT" };
      if (j <= shape.kept.length) return { name, type: "VARCHAR", as: shape.types[j - 1] };
      if (name === "class") return { name, type: "code", levels: classes };
      if (name === "ood") return { name, type: "BOOLEAN" };
      return { name, type: name === "why" || name === "note" ? "VARCHAR" : "DOUBLE" };
    });
    this.writer = await ParquetWriter.open(types);
  }

  async finish(path: string): Promise<void> {
    if (this.writer === null) await this.open(this.shape!, []);
    await this.writer!.finish(path);
  }

  async close(): Promise<void> {
    await this.writer?.close();
  }
}

/** A batch as the heading has it. */
function columnsOf(batch: ScoredBatch, shape: Shape): Values[] {
  const { at, kept, best, probabilities: p, logDensity, surprise, ood, why, problems, count } = batch;
  const classes = batch.classes?.length ?? 0;
  const rows = Array.from({ length: count }, (_, i) => i);
  const good = <T extends string | number | boolean>(of: (i: number) => T): (T | null)[] =>
    rows.map((i) => (problems.has(i) ? null : of(i)));
  return [
    at,
    ...shape.kept.map((_, j) => rows.map((i) => kept[i]![j]!)),
    ...(best === null ? [] : [good((i) => best[i]!), good((i) => p![i * classes + best[i]!]!)]),
    good((i) => logDensity[i]!),
    ...(shape.flags ? [good((i) => surprise![i]!), good((i) => ood![i]!)] : []),
    ...shape.names.map((_, k) => good((i) => p![i * classes + k]!)),
    ...(shape.explains ? [good((i) => reasonText(why![i]!))] : []),
    rows.map((i) => problems.get(i) ?? (notesOf(batch, i).join("; ") || null)),
  ];
}
