/** The settings in which the runs differ. */
import { Key } from "../../shared/chart.js";
import { Told } from "../../shared/told.js";
import { sameValue, written } from "../settings.js";
import type { Member } from "./members.js";

interface DifferencesProps {
  readonly members: readonly Member[];
  readonly differing: readonly string[];
}

export function Differences({ members, differing }: DifferencesProps) {
  const options = new Map(members.flatMap(({ run }) => run.configuration.map((setting) => [setting.name, setting])));
  return (
    <section class="panel" aria-labelledby="differences">
      <h2 id="differences">Settings that differ</h2>
      {differing.length === 0 ? (
        <p class="quiet">All settings are the same.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section class="wide-table" tabIndex={0} aria-label="Settings that differ, by run">
          <table>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                {members.map(({ run, colour, label }) => (
                  <th key={run.id} scope="col">
                    <Key index={colour} /> {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {differing.map((name) => (
                <tr key={name}>
                  <th scope="row">
                    <Told about={options.get(name)?.help ?? null}>{name}</Told>
                  </th>
                  {members.map(({ run }) => {
                    const value = run.settings[name];
                    const initial = options.get(name)?.default;
                    return (
                      <td key={run.id} class={value === undefined ? "quiet" : ""}>
                        {value === undefined && initial !== undefined ? written(initial) : written(value)}
                        {(value === undefined || sameValue(value, initial)) && " (default)"}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}
