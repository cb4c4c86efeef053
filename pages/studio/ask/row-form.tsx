/** A row of the table, to be changed field by field. */
import { useId } from "preact/hooks";
import type { AskColumn } from "../../../src/studio/ask-api.js";

interface RowFormProps {
  readonly columns: readonly AskColumn[];
  readonly row: Readonly<Record<string, string>>;
  readonly onChange: (row: Readonly<Record<string, string>>) => void;
}

export function RowForm({ columns, row, onChange }: RowFormProps) {
  return (
    <form class="row-form" aria-label="A row" onSubmit={(event) => event.preventDefault()}>
      {columns.map((column) => (
        <Field
          key={column.name}
          column={column}
          value={row[column.name] ?? ""}
          onChange={(value) => onChange({ ...row, [column.name]: value })}
        />
      ))}
    </form>
  );
}

interface FieldProps {
  readonly column: AskColumn;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Field({ column, value, onChange }: FieldProps) {
  const id = useId();
  if (column.kind === "category")
    return (
      <div class="field">
        <label for={id}>{column.name}</label>
        <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
          {column.levels.map((level) => (
            <option key={level} value={level}>
              {level}
            </option>
          ))}
        </select>
      </div>
    );
  const { min, max, step, name } = column;
  const number = Number(value);
  const isMissing = value.trim() === "";
  // A slider stays where it can: values beyond the training rows' are typed.
  const at = isMissing || !Number.isFinite(number) ? (min + max) / 2 : Math.min(max, Math.max(min, number));
  return (
    <div class="field">
      <label for={id}>{name}</label>
      <input
        type="range"
        aria-label={`${name}, slider`}
        min={min}
        max={max}
        step={step}
        value={at}
        onInput={(event) => onChange(String(Number(event.currentTarget.valueAsNumber.toPrecision(12))))}
      />
      <input
        id={id}
        type="text"
        inputMode="decimal"
        value={value}
        placeholder="missing"
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}
