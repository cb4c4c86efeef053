/** A scored table, the most surprising rows first; each row says why. */
import { useEffect, useState } from "preact/hooks";
import type { Answer, AskModel, ScoredPage, ScoredRow, ScoredTable, Sort } from "../../../src/studio/ask-api.js";
import { counted, shown } from "../../shared/numbers.js";
import { LinesTable } from "../lines-table.js";
import { ask } from "../server.js";
import { AnswerPanels } from "./answer.js";
import { percent } from "./bars.js";
import { scoredPath } from "./path.js";

/** Rows of a page, and milliseconds between questions how far it is. */
const ROWS = 25;
const WAIT = 400;
/** Columns of the file that are shown. */
const COLUMNS = 8;

interface ScoredProps {
  readonly first: ScoredTable;
  readonly model: AskModel;
  readonly onDone: () => void;
}

export function ScoredView({ first, model, onDone }: ScoredProps) {
  const [table, setTable] = useState(first);
  const [page, setPage] = useState<ScoredPage | null>(null);
  const [order, setOrder] = useState<{ readonly sort: Sort; readonly ascending: boolean }>({
    sort: "surprise",
    ascending: false,
  });
  const [offset, setOffset] = useState(0);
  const [problem, tell] = useState<string | null>(null);
  const { key, state } = table;

  useEffect(() => {
    if (state !== "scoring") {
      onDone();
      return;
    }
    const timer = setTimeout(() => {
      ask<ScoredTable>(scoredPath(key)).then(setTable, (error: Error) => tell(error.message));
    }, WAIT);
    return () => clearTimeout(timer);
  }, [table]);

  useEffect(() => {
    if (state !== "done") return;
    const { sort, ascending } = order;
    const query = new URLSearchParams({
      sort,
      order: ascending ? "asc" : "desc",
      offset: String(offset),
      count: String(ROWS),
    });
    let current = true;
    ask<ScoredPage>(`${scoredPath(key)}/rows?${query}`).then(
      (found) => current && setPage(found),
      (error: Error) => current && tell(error.message),
    );
    return () => {
      current = false;
    };
  }, [key, state, order, offset]);

  const sortBy = (sort: Sort) => {
    setOrder((old) => ({ sort, ascending: old.sort === sort ? !old.ascending : sort === "place" || sort === "class" }));
    setOffset(0);
  };

  return (
    <section class="scored" aria-label={`Scored: ${table.name}`}>
      <p class="scored-head" role="status">
        <b>{table.name}</b>
        <span>{summaryOf(table)}</span>
        {state === "done" && (
          <a class="button primary" href={`${scoredPath(key)}/csv`} download>
            Download as CSV
          </a>
        )}
      </p>
      {state === "scoring" && table.about !== null && (
        <progress value={Math.min(table.rows, table.about)} max={table.about} aria-label="Rows scored" />
      )}
      {(problem ?? table.problem) !== null && (
        <p class="warning" role="alert">
          {problem ?? table.problem}
        </p>
      )}
      {table.notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      {page !== null && (
        <>
          <Rows page={page} model={model} tableKey={key} order={order} onSort={sortBy} />
          <p class="pages">
            <button type="button" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - ROWS))}>
              ◀ Before
            </button>
            <span>
              rows {counted(Math.min(offset + 1, page.total))} to {counted(Math.min(offset + ROWS, page.total))} of{" "}
              {counted(page.total)}
              {page.total < table.rows && `, the most surprising of ${counted(table.rows)}: the download has all`}
            </span>
            <button type="button" disabled={offset + ROWS >= page.total} onClick={() => setOffset(offset + ROWS)}>
              After ▶
            </button>
          </p>
        </>
      )}
    </section>
  );
}

function summaryOf({ state, rows, about, bad, unusual }: ScoredTable): string {
  if (state === "scoring")
    return `${counted(rows)}${about === null ? "" : ` of about ${counted(about)}`} rows scored …`;
  const good = rows - bad;
  const flagged = `${counted(unusual)} unlike the training data${good === 0 ? "" : ` (${percent(unusual / good)})`}`;
  return `${counted(rows)} rows, ${flagged}${bad === 0 ? "" : `, ${counted(bad)} could not be read`}`;
}

interface RowsProps {
  readonly page: ScoredPage;
  readonly model: AskModel;
  readonly tableKey: string;
  readonly order: { readonly sort: Sort; readonly ascending: boolean };
  readonly onSort: (sort: Sort) => void;
}

const PLACES = { line: "Line", row: "Row", file: "File" } as const;

function Rows({ page, model, tableKey, order, onSort }: RowsProps) {
  const [open, setOpen] = useState<number | null>(null);
  const columns = page.columns.slice(0, COLUMNS);
  const heads: readonly (readonly [sort: Sort, title: string])[] = [
    ["place", PLACES[page.place]],
    ["surprise", "Surprise"],
    ...(model.classes === null
      ? []
      : ([
          ["class", "Class"],
          ["probability", "Probability"],
        ] as const)),
    ["logDensity", "f(x)"],
  ];
  return (
    <LinesTable
      label="Scored rows"
      heads={heads.map(([sort, title]) => (
        <th
          key={sort}
          scope="col"
          aria-sort={order.sort !== sort ? "none" : order.ascending ? "ascending" : "descending"}
        >
          <button type="button" class="plain" onClick={() => onSort(sort)}>
            {title} {order.sort === sort ? (order.ascending ? "▲" : "▼") : ""}
          </button>
        </th>
      ))}
      columns={columns}
    >
      {page.rows.map((row) => (
        <Row
          key={row.index}
          row={row}
          model={model}
          tableKey={tableKey}
          columns={columns.length}
          width={heads.length + columns.length}
          isOpen={open === row.index}
          onToggle={() => setOpen(open === row.index ? null : row.index)}
        />
      ))}
    </LinesTable>
  );
}

interface RowProps {
  readonly row: ScoredRow;
  readonly model: AskModel;
  readonly tableKey: string;
  readonly columns: number;
  readonly width: number;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function Row({ row, model, tableKey, columns, width, isOpen, onToggle }: RowProps) {
  const { index, at, surprise, class: name, probability, logDensity, unusual, problem, note, fields } = row;
  if (problem !== null)
    return (
      <tr>
        <td>{at}</td>
        <td colSpan={width - 1} class="note">
          {problem}
        </td>
      </tr>
    );
  return (
    <>
      <tr class={isOpen ? "open" : ""}>
        <td>
          <button type="button" class="plain" aria-expanded={isOpen} title="Why" onClick={onToggle}>
            {isOpen ? "▾" : "▸"} {at}
          </button>
        </td>
        <td class={unusual === true ? "warning" : ""}>
          {surprise === null ? "–" : percent(surprise)} {unusual === true && "⚑"}
        </td>
        {model.classes !== null && (
          <>
            <td>{name}</td>
            <td>{probability === null ? "–" : percent(probability)}</td>
          </>
        )}
        <td>{shown(logDensity)}</td>
        {fields.slice(0, columns).map((field, j) => (
          <td key={j} title={note ?? undefined}>
            {field === null || field === "" ? <span class="quiet">missing</span> : field}
          </td>
        ))}
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={width} class="why">
            <Why path={`${scoredPath(tableKey)}/rows/${index}`} model={model} />
          </td>
        </tr>
      )}
    </>
  );
}

function Why({ path, model }: { readonly path: string; readonly model: AskModel }) {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, tell] = useState<string | null>(null);
  useEffect(() => {
    ask<Answer>(path).then(setAnswer, (error: Error) => tell(error.message));
  }, [path]);
  if (problem !== null) return <p class="warning">{problem}</p>;
  return answer === null ? <p class="quiet">The model is asked …</p> : <AnswerPanels model={model} answer={answer} />;
}
