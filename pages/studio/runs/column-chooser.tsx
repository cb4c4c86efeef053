/** Which columns are shown: what every run has, any setting, and the last, least or greatest of any metric. */
import { useState } from "preact/hooks";
import type { RunSummary } from "../../../src/studio/api.js";
import { Dialog } from "../dialog.js";
import { FIXED, metricId, PARTS, settingId, settingsOf } from "./columns.js";

interface ChooserProps {
  readonly runs: readonly RunSummary[];
  /** Of all runs. */
  readonly metrics: readonly string[];
  readonly columns: readonly string[];
  readonly onColumns: (columns: readonly string[]) => void;
}

export function ColumnChooser(props: ChooserProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Columns …
      </button>
      {open && <Chooser {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

function Chooser({ runs, metrics, columns, onColumns, onClose }: ChooserProps & { readonly onClose: () => void }) {
  const [text, search] = useState("");
  const settings = settingsOf(runs);
  const wanted = (name: string): boolean => name.toLowerCase().includes(text.trim().toLowerCase());
  const box = (id: string, label: string, name = label) => (
    <label key={id}>
      <input
        type="checkbox"
        aria-label={name}
        checked={columns.includes(id)}
        onChange={() => onColumns(columns.includes(id) ? columns.filter((each) => each !== id) : [...columns, id])}
      />{" "}
      {label}
    </label>
  );
  return (
    <Dialog title="Columns" onClose={onClose} wide>
      <div class="chooser">
        <input
          type="search"
          aria-label="Search columns"
          placeholder="Search"
          value={text}
          onInput={(event) => search(event.currentTarget.value)}
        />
        <fieldset>
          <legend>Of every run</legend>
          <div class="boxes">{FIXED.filter(({ title }) => wanted(title)).map(({ id, title }) => box(id, title))}</div>
        </fieldset>
        <fieldset>
          <legend>Metrics</legend>
          <ul class="metric-boxes">
            {metrics.filter(wanted).map((name) => (
              <li key={name}>
                <span>{name}</span>
                {PARTS.map((part) => box(metricId(name, part), part, `${part} of ${name}`))}
              </li>
            ))}
          </ul>
        </fieldset>
        <fieldset>
          <legend>Settings that differ from the defaults</legend>
          <div class="boxes">{settings.filter(wanted).map((name) => box(settingId(name), name))}</div>
        </fieldset>
      </div>
      <footer>
        <button type="button" class="primary" onClick={onClose}>
          Done
        </button>
      </footer>
    </Dialog>
  );
}
