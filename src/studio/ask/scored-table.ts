/**
 * A table that is scored: written whole as `vera score --format csv` writes it, and its most surprising rows held, to be looked at in any
 * order. Memory does not grow with the file.
 */
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { onFile, replaceFile } from "../../files/index.js";
import { sizeOf } from "../../graph/index.js";
import { notesOf, type ScoredBatch, scoreBatches } from "../../score/score.js";
import { openInputs } from "../../score/score-inputs.js";
import { csvLine, csvLines, heading, type Shape } from "../../score/scored-lines.js";
import { openTable } from "../../tables/source.js";
import type { ScoredPage, ScoredRow, ScoredTable, Sort } from "../ask-api.js";
import type { HeldModel } from "./held.js";

/** Rows that are held to be looked at, fewer where they are wide, and columns of the file that are kept with them. */
const heldOf = (width: number): number => Math.max(1000, Math.min(20_000, Math.floor(2 ** 23 / width)));
const COLUMNS = 200;

/** A row as it is shown, and as the model takes it. */
interface HeldRow {
  readonly shown: ScoredRow;
  readonly x: Float32Array;
}

export interface Request {
  readonly key: string;
  /** The table, and the file that the scored one is written to. */
  readonly path: string;
  readonly out: string;
  /** As people call it. */
  readonly name: string;
}

export class TableScoring {
  private columns: readonly string[] = [];
  private place: ScoredPage["place"] = "row";
  private rows: HeldRow[] = [];
  private readonly count = { all: 0, bad: 0, unusual: 0 };
  private state: ScoredTable["state"] = "scoring";
  private problem: string | null = null;
  private about: number | null = null;
  private notes: readonly string[] = [];
  /** Rows in an order, as they were asked for last. */
  private sorted: { readonly by: string; readonly rows: readonly HeldRow[] } | null = null;

  constructor(private readonly request: Request) {}

  get summary(): ScoredTable {
    const { state, problem, about, notes, rows, count, request } = this;
    const { all, bad, unusual } = count;
    const { key, name } = request;
    return { key, name, state, problem, about, notes, rows: all, bad, unusual, shown: rows.length };
  }

  /** Scores to the end; what goes wrong is said by {@link summary}. */
  async run(held: HeldModel, isWanted: () => boolean): Promise<void> {
    try {
      this.state = (await this.score(held, isWanted)) ? "done" : "failed";
      if (this.state === "failed") this.problem = "stopped";
    } catch (cause) {
      this.fail(cause instanceof Error ? cause : new Error(String(cause)));
    }
  }

  /** It cannot be scored. */
  fail({ message }: Error): void {
    this.state = "failed";
    this.problem = message;
  }

  /** A page of the rows that are held. */
  page(sort: Sort, descending: boolean, offset: number, count: number): ScoredPage {
    const by = `${sort} ${descending} ${this.count.all}`;
    if (this.sorted?.by !== by) this.sorted = { by, rows: sortRows(this.rows, sort, descending) };
    const { rows } = this.sorted;
    return {
      columns: this.columns,
      place: this.place,
      rows: rows.slice(offset, offset + count).map(({ shown }) => shown),
      total: rows.length,
    };
  }

  /** A row that is held, as the model takes it; null where there is none, or it could not be read. */
  inputOf(index: number): Float32Array | null {
    const row = this.rows.find(({ shown }) => shown.index === index);
    return row === undefined || row.shown.problem !== null ? null : row.x;
  }

  private async score(held: HeldModel, isWanted: () => boolean): Promise<boolean> {
    const { path, out } = this.request;
    // The columns that the model needs are looked for by whoever opens the inputs, with words for where they are not there.
    const keep = (await columnsOf(path, held)).slice(0, COLUMNS);
    const inputs = await openInputs(held.probe, path, { keep });
    try {
      const { calibration, run } = held;
      const shape: Shape = {
        place: inputs.place,
        kept: keep,
        types: inputs.keptTypes,
        classifies: run.model.classes !== null,
        flags: calibration !== null,
        explains: false,
        names: [],
      };
      this.columns = keep;
      this.place = inputs.place;
      this.about = inputs.about;
      this.notes = inputs.notes;
      return await replaceFile(out, async (temporary) => {
        const stream = createWriteStream(temporary);
        await onFile(out, () => once(stream, "open"));
        await put(stream, `${csvLine(heading(shape))}\n`);
        let x: Float32Array = new Float32Array(0);
        const seen = {
          ...inputs,
          async *batches() {
            for await (const batch of inputs.batches()) {
              x = batch.x;
              yield batch;
            }
          },
        };
        for await (const batch of scoreBatches(held.probe, seen, held.scoring({ reasons: false }))) {
          if (!isWanted()) return false;
          this.take(batch, x, sizeOf(held.probe.event));
          await put(stream, csvLines(batch, shape));
        }
        await onFile(out, async () => {
          stream.end();
          await once(stream, "finish");
        });
        return true;
      });
    } finally {
      await inputs.close();
    }
  }

  private take(batch: ScoredBatch, x: Float32Array, width: number): void {
    for (let i = 0; i < batch.count; i++) {
      const shown = rowOf(batch, i, this.count.all++);
      if (shown.problem !== null) this.count.bad++;
      if (shown.unusual === true) this.count.unusual++;
      this.rows.push({ shown, x: x.slice(i * width, (i + 1) * width) });
    }
    const most = heldOf(width);
    if (this.rows.length > 2 * most) this.rows = sortRows(this.rows, "surprise", true).slice(0, most);
  }
}

/** Writes, and waits until there is room. */
async function put(stream: WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, "drain");
}

/** Names of the file's columns; none of points, which go by their order. */
async function columnsOf(path: string, held: HeldModel): Promise<string[]> {
  const known = held.kind === "table" ? held.table.columns.map(({ name }) => name) : [];
  const source = await openTable(path, { known });
  try {
    return source.columns.map(({ name }) => name);
  } finally {
    await source.close();
  }
}

function rowOf(batch: ScoredBatch, i: number, index: number): ScoredRow {
  const problem = batch.problems.get(i) ?? null;
  const { at, kept, classes, best, probabilities: p, logDensity, surprise, ood } = batch;
  const good = problem === null;
  const k = best?.[i] ?? 0;
  const f = logDensity[i]!;
  return {
    index,
    at: at[i]!,
    fields: kept[i] ?? [],
    problem,
    note: good ? notesOf(batch, i).join("; ") || null : null,
    class: good && best !== null ? classes![k]! : null,
    probability: good && p !== null ? p[i * classes!.length + k]! : null,
    logDensity: good && Number.isFinite(f) ? f : null,
    surprise: good && surprise !== null ? surprise[i]! : null,
    unusual: good && ood !== null ? ood[i]! : null,
  };
}

/** Rows that lack what they are sorted by come last; by surprise, those whose f is no number come first. */
function sortRows(rows: readonly HeldRow[], sort: Sort, descending: boolean): HeldRow[] {
  const value = ({ shown }: HeldRow): number | string | null => {
    if (sort === "place") return shown.index;
    if (shown.problem !== null) return null;
    // Surprise falls as f rises, in fewer steps.
    if (sort === "surprise") return shown.logDensity === null ? Number.POSITIVE_INFINITY : -shown.logDensity;
    return shown[sort];
  };
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    const inOrder = a.shown.index - b.shown.index;
    if (x === null || y === null) return Number(x === null) - Number(y === null) || inOrder;
    return x < y ? -sign : x > y ? sign : inOrder;
  });
}
