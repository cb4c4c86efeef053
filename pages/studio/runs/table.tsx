/** The table: only the rows and columns in sight are in the document, however many there are. */
import { Component } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { RunSummary } from "../../../src/studio/api.js";
import { NameCell, type RunActions, RunCell } from "./cells.js";
import { type Column, NAME } from "./columns.js";
import { type Group, type Line, type Sorting, summary } from "./lines.js";

export const ROW = 38;
const HEAD = 46;
const CHECK = 36;
/** Rows and pixels beyond the edges that are there already when they are scrolled to. */
const AHEAD = 12;
const MARGIN = 300;

interface TableProps {
  readonly lines: readonly Line[];
  readonly columns: readonly Column[];
  readonly sorting: Sorting;
  readonly chosen: ReadonlySet<string>;
  readonly actions: RunActions;
  readonly onSort: (column: Column) => void;
  readonly onChoose: (runs: readonly RunSummary[], chosen: boolean) => void;
  readonly onToggle: (group: Group) => void;
}

interface Window {
  readonly first: number;
  readonly last: number;
  readonly left: number;
  readonly right: number;
}

/** Columns with where they begin. */
export interface Placed {
  readonly column: Column;
  readonly left: number;
  readonly index: number;
}

function placed(columns: readonly Column[], from: number): { readonly all: readonly Placed[]; readonly width: number } {
  let left = from;
  const all = columns.map((column, index) => {
    const at = { column, left, index };
    left += column.width;
    return at;
  });
  return { all, width: left };
}

export function Table(props: TableProps) {
  const { lines, columns, sorting, chosen, actions } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [narrow, setNarrow] = useState(false);
  const name = narrow ? 170 : NAME.width;
  const [sight, setSight] = useState<Window>({ first: 0, last: 40, left: 0, right: 2000 });

  const look = () => {
    const at = scroller.current;
    if (at === null) return;
    const first = Math.max(0, Math.floor(at.scrollTop / ROW) - AHEAD);
    const last = Math.ceil((at.scrollTop + at.clientHeight) / ROW) + AHEAD;
    // In steps, so that scrolling by a few pixels changes nothing.
    const left = Math.floor(at.scrollLeft / 200) * 200 - MARGIN;
    const right = Math.ceil((at.scrollLeft + at.clientWidth) / 200) * 200 + MARGIN;
    setNarrow(at.clientWidth < 640);
    setSight((old) =>
      old.left === left && old.right === right && Math.abs(old.first - first) < 4 && Math.abs(old.last - last) < 4
        ? old
        : { first, last, left, right },
    );
  };
  useLayoutEffect(look, []);
  useEffect(() => {
    const at = scroller.current!;
    const observer = new ResizeObserver(look);
    observer.observe(at);
    return () => observer.disconnect();
  }, []);

  const { all, width } = placed(columns, CHECK + name);
  const inSight = all.filter(({ left, column }) => left + column.width > sight.left && left < sight.right);
  // The title of a group goes on over columns of words, which are empty there, unless these are scrolled away.
  const firstNumber = columns.findIndex(({ numeric }) => numeric);
  const words = firstNumber < 0 ? columns : columns.slice(0, firstNumber);
  const title = sight.left > 0 || narrow ? name : name + words.reduce((sum, column) => sum + column.width, 0);
  const shape = `${name} ${title} ${width} ${inSight.map(({ column, left }) => `${column.id}@${left}`).join(" ")}`;
  const runs = lines.flatMap((line) => (line.kind === "run" ? [line.run] : line.open ? [] : line.group.runs));
  const all_ = runs.length > 0 && runs.every(({ id }) => chosen.has(id));
  return (
    <div class="runs-scroller" ref={scroller} onScroll={look} tabIndex={-1}>
      <table
        class="runs-table"
        aria-label="Runs"
        aria-rowcount={lines.length + 1}
        aria-colcount={columns.length + 2}
        style={{ width: `${width}px` }}
      >
        <thead class="runs-head">
          <tr aria-rowindex={1} style={{ height: `${HEAD}px` }}>
            <th scope="col" class="check" aria-colindex={1}>
              <input
                type="checkbox"
                aria-label="Choose all runs that are listed"
                checked={all_}
                onChange={(event) => props.onChoose(runs, event.currentTarget.checked)}
              />
            </th>
            <Head column={NAME} width={name} index={2} sorting={sorting} onSort={props.onSort} />
            {inSight.map(({ column, left, index }) => (
              <Head
                key={column.id}
                column={column}
                width={column.width}
                left={left}
                index={index + 3}
                sorting={sorting}
                onSort={props.onSort}
              />
            ))}
          </tr>
        </thead>
        <tbody class="runs-body" style={{ height: `${lines.length * ROW}px` }}>
          {lines.slice(sight.first, sight.last).map((line, i) => (
            <Row
              key={line.key}
              line={line}
              index={sight.first + i}
              name={line.kind === "group" ? title : name}
              columns={inSight}
              shape={shape}
              chosen={line.kind === "run" ? chosen.has(line.run.id) : line.group.runs.every(({ id }) => chosen.has(id))}
              actions={actions}
              onChoose={props.onChoose}
              onToggle={props.onToggle}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps {
  readonly column: Column;
  readonly width: number;
  readonly left?: number;
  readonly index: number;
  readonly sorting: Sorting;
  readonly onSort: (column: Column) => void;
}

function Head({ column, width, left, index, sorting, onSort }: HeadProps) {
  const isSorted = sorting.column === column.id;
  const order = !isSorted ? "none" : sorting.descending ? "descending" : "ascending";
  return (
    <th
      scope="col"
      aria-sort={order}
      aria-colindex={index}
      class={`${left === undefined ? "name" : "at"}${column.numeric ? " number" : ""}`}
      style={{ width: `${width}px`, ...(left === undefined ? {} : { left: `${left}px` }) }}
    >
      <button type="button" class="plain" onClick={() => onSort(column)}>
        {column.over && <small>{column.over}</small>}
        <span>
          {column.title}
          <span class="order" aria-hidden="true">
            {!isSorted ? "" : sorting.descending ? " ▾" : " ▴"}
          </span>
        </span>
      </button>
    </th>
  );
}

interface RowProps {
  readonly line: Line;
  readonly index: number;
  readonly name: number;
  readonly columns: readonly Placed[];
  /** Changes where a row has to be laid out anew. */
  readonly shape: string;
  readonly chosen: boolean;
  readonly actions: RunActions;
  readonly onChoose: TableProps["onChoose"];
  readonly onToggle: TableProps["onToggle"];
}

/** A row is rendered again only where something of it changed: scrolling renders those that come. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { line, index, shape, chosen } = this.props;
    const same =
      line.kind === "run" && next.line.kind === "run"
        ? line.run === next.line.run && line.inGroup === next.line.inGroup
        : line === next.line;
    return !same || index !== next.index || shape !== next.shape || chosen !== next.chosen;
  }

  override render() {
    const { line, index, name, columns, chosen, actions, onChoose, onToggle } = this.props;
    const members = line.kind === "run" ? [line.run] : line.group.runs;
    const label = line.kind === "run" ? `Choose ${line.run.name}` : `Choose the runs of ${line.group.title}`;
    return (
      <tr
        aria-rowindex={index + 2}
        class={`${line.kind}${line.kind === "run" && line.inGroup ? " in-group" : ""}${chosen ? " chosen" : ""}`}
        style={{ transform: `translateY(${index * ROW}px)`, height: `${ROW}px` }}
      >
        <td class="check" aria-colindex={1}>
          <input
            type="checkbox"
            aria-label={label}
            checked={chosen}
            onChange={(event) => onChoose(members, event.currentTarget.checked)}
          />
        </td>
        <th scope="row" class="name" aria-colindex={2} style={{ width: `${name}px` }}>
          {line.kind === "run" ? (
            <NameCell run={line.run} actions={actions} />
          ) : (
            <button
              type="button"
              class="plain group-name"
              aria-expanded={line.open}
              title={line.group.title}
              onClick={() => onToggle(line.group)}
            >
              <span aria-hidden="true">{line.open ? "▾" : "▸"}</span> {line.group.title}
              <span class="quiet"> · {line.group.runs.length}</span>
            </button>
          )}
        </th>
        {columns.map(({ column, left, index }) => (
          <td
            key={column.id}
            aria-colindex={index + 3}
            class={column.numeric ? "at number" : "at"}
            style={{ left: `${left}px`, width: `${column.width}px` }}
          >
            {line.kind === "run" ? (
              <RunCell run={line.run} column={column} actions={actions} />
            ) : (
              summary(line.group, column)
            )}
          </td>
        ))}
      </tr>
    );
  }
}
