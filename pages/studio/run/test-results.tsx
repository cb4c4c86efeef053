/** What the run's test at its end says. */
import type { RunDetail } from "../../../src/studio/api.js";
import { shown } from "../../shared/numbers.js";
import { Told } from "../../shared/told.js";

const KIND = "test/";

export function TestResults({ run }: { readonly run: RunDetail }) {
  const names = Object.keys(run.metrics).filter((name) => name.startsWith(KIND));
  if (names.length === 0) return null;
  return (
    <section class="panel test-results" aria-labelledby="test-results">
      <h2 id="test-results">On the test split</h2>
      <dl>
        {names.map((name) => (
          <div key={name}>
            <dt>
              <Told about={run.about[name] ?? null}>{name.slice(KIND.length)}</Told>
            </dt>
            <dd>{shown(run.metrics[name]?.last)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
