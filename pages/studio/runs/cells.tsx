/** What stands in the cells of a run: its name and tags can be edited where they stand. */
import { useState } from "preact/hooks";
import type { RunSummary } from "../../../src/studio/api.js";
import { Menu, type MenuItem } from "../menu.js";
import { address } from "../route.js";
import { Progress, StateMark } from "../state-mark.js";
import type { Column } from "./columns.js";

export interface RunActions {
  readonly rename: (run: RunSummary, name: string) => void;
  readonly tag: (run: RunSummary, tags: readonly string[]) => void;
  readonly remove: (run: RunSummary) => void;
  readonly stop: (run: RunSummary) => void;
  readonly resume: (run: RunSummary) => void;
}

export const mayStop = ({ state }: RunSummary): boolean => state === "training" || state === "waiting";
export const mayResume = ({ state }: RunSummary): boolean => state === "stopped";

export function NameCell({ run, actions }: { readonly run: RunSummary; readonly actions: RunActions }) {
  const [editing, edit] = useState(false);
  if (editing) {
    return (
      <Field
        label={`New name of ${run.name}`}
        value={run.name}
        onDone={(name) => {
          edit(false);
          if (name !== null && name !== "" && name !== run.name) actions.rename(run, name);
        }}
      />
    );
  }
  const items: MenuItem[] = [{ label: "Rename", run: () => edit(true) }];
  if (mayStop(run)) items.push({ label: "Stop", run: () => actions.stop(run) });
  if (mayResume(run)) items.push({ label: "Resume", run: () => actions.resume(run) });
  items.push({ label: "Delete …", run: () => actions.remove(run), danger: true });
  return (
    <>
      <a href={address("runs", [run.id])} title={run.name}>
        {run.name}
      </a>
      <Menu label="⋯" name={`What to do with ${run.name}`} items={items} plain />
    </>
  );
}

export function RunCell(props: { readonly run: RunSummary; readonly column: Column; readonly actions: RunActions }) {
  const { run, column, actions } = props;
  if (column.id === "state") return <StateMark state={run.state} problem={run.problem} />;
  if (column.id === "tags") return <Tags run={run} actions={actions} />;
  if (column.id === "iteration") {
    return (
      <>
        {column.text(run)}
        {run.state === "training" && (
          <Progress iteration={run.iteration} iterations={run.iterations} label={`Iterations of ${run.name}`} />
        )}
      </>
    );
  }
  return <span class={column.value(run) === null ? "quiet" : ""}>{column.text(run)}</span>;
}

function Tags({ run, actions }: { readonly run: RunSummary; readonly actions: RunActions }) {
  const [editing, edit] = useState(false);
  if (editing) {
    return (
      <Field
        label={`Tags of ${run.name}, with commas between them`}
        value={run.tags.join(", ")}
        onDone={(text) => {
          edit(false);
          if (text !== null) actions.tag(run, tagsIn(text));
        }}
      />
    );
  }
  return (
    <span class="tags">
      {run.tags.map((tag) => (
        <span key={tag} class="tag">
          {tag}
        </span>
      ))}
      <button
        type="button"
        class="plain add"
        aria-label={run.tags.length === 0 ? `+ tag ${run.name}` : `Edit the tags of ${run.name}`}
        onClick={() => edit(true)}
      >
        {run.tags.length === 0 ? "+ tag" : "✎"}
      </button>
    </span>
  );
}

export const tagsIn = (text: string): string[] => [
  ...new Set(
    text
      .split(",")
      .map((tag) => tag.trim())
      .filter(Boolean),
  ),
];

interface FieldProps {
  readonly label: string;
  readonly value: string;
  /** Null where the change is given up. */
  readonly onDone: (value: string | null) => void;
}

/** Return and leaving take the value, Escape gives it up. */
export function Field({ label, value, onDone }: FieldProps) {
  let isDone = false;
  const done = (result: string | null) => {
    if (!isDone) onDone(result);
    isDone = true;
  };
  return (
    <input
      class="in-place"
      aria-label={label}
      value={value}
      ref={(input) => input?.focus()}
      onBlur={(event) => done(event.currentTarget.value.trim())}
      onKeyDown={(event) => {
        if (event.key === "Enter") done(event.currentTarget.value.trim());
        else if (event.key === "Escape") done(null);
      }}
    />
  );
}
