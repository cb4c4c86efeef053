/** What is made of a table's columns, to be changed. */
import type { ColumnsRequest, TableColumns } from "../../../src/studio/ask-api.js";
import { counted } from "../../shared/numbers.js";
import { LinesTable } from "../lines-table.js";

/** What the user said of columns; the rest is found out. */
export type Choice = Omit<ColumnsRequest, "table">;

export const NOTHING_SAID: Choice = { label: null, ignore: [], categorical: [], numeric: [] };

type Becomes = TableColumns["columns"][number]["becomes"];
const BECOMES: readonly Becomes[] = ["number", "category", "class", "left out"];
const HEADS = ["Column", "Becomes", "Missing", "Range or levels", "Why"];

/** A choice with one column otherwise. */
export function changed(choice: Choice, name: string, becomes: Becomes): Choice {
  const without = (list: readonly string[]) => list.filter((each) => each !== name);
  const label = choice.label === name ? null : choice.label;
  const base = {
    label,
    ignore: without(choice.ignore),
    categorical: without(choice.categorical),
    numeric: without(choice.numeric),
  };
  if (becomes === "class") return { ...base, label: name };
  if (becomes === "left out") return { ...base, ignore: [...base.ignore, name] };
  if (becomes === "number") return { ...base, numeric: [...base.numeric, name] };
  return { ...base, categorical: [...base.categorical, name] };
}

const isSaid = ({ label, ignore, categorical, numeric }: Choice, name: string): boolean =>
  label === name || [ignore, categorical, numeric].some((list) => list.includes(name));

interface ColumnsPanelProps {
  readonly found: TableColumns | null;
  readonly choice: Choice;
  readonly problem: string | null;
  readonly busy: boolean;
  readonly onChange: (choice: Choice) => void;
}

export function ColumnsPanel({ found, choice, problem, busy, onChange }: ColumnsPanelProps) {
  return (
    <section class="panel" aria-labelledby="new-columns" aria-busy={busy}>
      <h2 id="new-columns">Its columns</h2>
      {found === null && problem === null && <p class="quiet">The table is looked through …</p>}
      {problem !== null && (
        <p class="warning" role="alert">
          {problem}{" "}
          <button type="button" onClick={() => onChange(NOTHING_SAID)}>
            Back to what was found
          </button>
        </p>
      )}
      {found !== null && (
        <>
          <p class="line-form">
            <label for="label-column">Column of classes</label>
            <select
              id="label-column"
              value={choice.label ?? ""}
              onChange={(event) => {
                const { value } = event.currentTarget;
                onChange(value === "" ? { ...choice, label: null } : changed(choice, value, "class"));
              }}
            >
              <option value="">none: the density alone</option>
              {found.columns.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
            <span class="quiet">
              {counted(found.rows)} rows{busy ? ", looked through again …" : ""}
            </span>
          </p>
          {found.remarks.map((remark) => (
            <p key={remark} class="quiet remark">
              {remark}
            </p>
          ))}
          <LinesTable label="Columns of the table" columns={HEADS}>
            {found.columns.map(({ name, becomes, missing, content, why }) => (
              <tr key={name}>
                <th scope="row" title={name}>
                  {name}
                </th>
                <td>
                  <select
                    aria-label={`${name} becomes`}
                    value={becomes}
                    class={isSaid(choice, name) ? "said" : ""}
                    onChange={(event) => {
                      const wanted = BECOMES.find((each) => each === event.currentTarget.value);
                      if (wanted !== undefined) onChange(changed(choice, name, wanted));
                    }}
                  >
                    {BECOMES.map((each) => (
                      <option key={each} value={each}>
                        {each}
                      </option>
                    ))}
                  </select>
                </td>
                <td class="number">{missing === 0 ? "" : counted(missing)}</td>
                <td title={content}>{content}</td>
                <td class="reason">{why}</td>
              </tr>
            ))}
          </LinesTable>
        </>
      )}
    </section>
  );
}
