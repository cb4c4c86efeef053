/** What came of the runs: those of equal settings together, with the spread over their seeds. */
import { useState } from "preact/hooks";
import type { RunDetail } from "../../../src/studio/api.js";
import { meanAndDeviation, shown } from "../../shared/numbers.js";
import { recipeName, recipeOf } from "../settings.js";
import { type Spread, spread } from "../statistics.js";
import type { Member } from "./members.js";
import { betterPart } from "./telling.js";

interface ResultsProps {
  readonly members: readonly Member[];
  readonly differing: readonly string[];
  readonly metrics: readonly string[];
}

type Part = "best" | "last";

export function Results({ members, differing, metrics }: ResultsProps) {
  const [part, take] = useState<Part>("best");
  // Tests are what a comparison ends with, chosen or not.
  const tests = [...new Set(members.flatMap(({ run }) => Object.keys(run.metrics)))].filter(
    (name) => name.startsWith("test/") && betterPart(name) !== null,
  );
  const columns = [...new Set([...metrics, ...tests])];
  const recipes = [...group(members)];
  const valueIn = ({ run }: Member, metric: string): number | null =>
    run.metrics[metric]?.[part === "best" ? (betterPart(metric) ?? "last") : "last"] ?? null;
  const cells = recipes.map(([, group]) => columns.map((metric) => spread(group.map((m) => valueIn(m, metric)))));
  return (
    <section class="panel" aria-labelledby="results">
      <div class="results-head">
        <h2 id="results">Results</h2>
        <label>
          <span class="quiet">Of each run</span>{" "}
          <select value={part} onChange={(event) => take(event.currentTarget.value === "last" ? "last" : "best")}>
            <option value="best">its best, where one way is better</option>
            <option value="last">its last</option>
          </select>
        </label>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="wide-table" tabIndex={0} aria-label="Results by settings">
        <table>
          <thead>
            <tr>
              <th scope="col">Runs of equal settings</th>
              <th scope="col" class="number">
                Runs
              </th>
              {columns.map((metric) => (
                <th key={metric} scope="col" class="number">
                  <small>
                    {metric.split("/", 1)[0]} · {part === "best" ? (betterPart(metric) ?? "last") : "last"}
                  </small>
                  <br />
                  {metric.slice(metric.indexOf("/") + 1)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {recipes.map(([key, group], row) => (
              <tr key={key}>
                <th scope="row">
                  {group.length === 1 ? group[0]!.label : recipeName(withDefaults(group[0]!.run), differing)}
                </th>
                <td class="number">{group.length}</td>
                {columns.map((metric, column) => (
                  <td key={metric} class="number">
                    <Result
                      of={cells[row]![column]!}
                      isBest={best(
                        cells.map((each) => each[column] ?? null),
                        row,
                        metric,
                      )}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="quiet">
        Mean ± standard deviation over runs that differ in their seeds alone; in brackets the 95 % interval of the mean
        (Student’s t). ★ is the best mean.
      </p>
    </section>
  );
}

function Result({ of, isBest }: { readonly of: Spread | null; readonly isBest: boolean }) {
  if (of === null) return <span class="quiet">–</span>;
  return (
    <>
      {isBest && (
        <span title="best" class="good">
          ★<span class="visually-hidden"> best</span>{" "}
        </span>
      )}
      {meanAndDeviation(of.mean, of.deviation)}
      {of.margin !== null && (
        <>
          <br />
          <small class="quiet">
            [{shown(of.mean - of.margin)}, {shown(of.mean + of.margin)}]
          </small>
        </>
      )}
    </>
  );
}

/** With the values of settings that are at their defaults, which a summary leaves out. */
const withDefaults = (run: RunDetail): RunDetail => ({
  ...run,
  settings: { ...Object.fromEntries(run.configuration.map(({ name, value }) => [name, value])), ...run.settings },
});

function best(column: readonly (Spread | null)[], row: number, metric: string): boolean {
  const part = betterPart(metric);
  const means = column.flatMap((each) => (each === null ? [] : [each.mean]));
  const own = column[row];
  if (part === null || own == null || means.length < 2) return false;
  return own.mean === (part === "max" ? Math.max(...means) : Math.min(...means));
}

function group(members: readonly Member[]): Map<string, Member[]> {
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const key = recipeOf(member.run);
    groups.set(key, [...(groups.get(key) ?? []), member]);
  }
  return groups;
}
