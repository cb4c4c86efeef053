/** Which columns are shown: what every run has, any setting, and the last, least or greatest of any metric. */
import type { RunSummary } from "../../../src/studio/api.js";
import { ChoiceBox, Chooser } from "../chooser.js";
import { FIXED, metricId, PARTS, settingId, settingsOf } from "./columns.js";

interface ColumnChooserProps {
  readonly runs: readonly RunSummary[];
  /** Of all runs. */
  readonly metrics: readonly string[];
  readonly columns: readonly string[];
  readonly onColumns: (columns: readonly string[]) => void;
}

export function ColumnChooser({ runs, metrics, columns, onColumns }: ColumnChooserProps) {
  const box = (id: string, label: string, name = label) => (
    <ChoiceBox key={id} of={id} label={label} name={name} chosen={columns} onChoose={onColumns} />
  );
  return (
    <Chooser title="Columns" wide>
      {(isFound) => (
        <div class="column-choices">
          <fieldset>
            <legend>Of every run</legend>
            <div class="boxes">
              {FIXED.filter(({ title }) => isFound(title)).map(({ id, title }) => box(id, title))}
            </div>
          </fieldset>
          <fieldset>
            <legend>Metrics</legend>
            <ul class="metric-boxes">
              {metrics.filter(isFound).map((name) => (
                <li key={name}>
                  <span>{name}</span>
                  {PARTS.map((part) => box(metricId(name, part), part, `${part} of ${name}`))}
                </li>
              ))}
            </ul>
          </fieldset>
          <fieldset>
            <legend>Settings that differ from the defaults</legend>
            <div class="boxes">
              {settingsOf(runs)
                .filter(isFound)
                .map((name) => box(settingId(name), name))}
            </div>
          </fieldset>
        </div>
      )}
    </Chooser>
  );
}
