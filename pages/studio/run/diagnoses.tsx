/** What the run's numbers say, in words, and what to try. */
import type { Diagnosis } from "../../../src/studio/api.js";

const SIGNS: Readonly<Record<Diagnosis["level"], string>> = { good: "✓", note: "i", warning: "!" };
const ORDER: readonly Diagnosis["level"][] = ["warning", "note", "good"];

export function Diagnoses({ diagnoses }: { readonly diagnoses: readonly Diagnosis[] }) {
  const inOrder = [...diagnoses].sort((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level));
  return (
    <section class="panel diagnoses" aria-labelledby="diagnoses">
      <h2 id="diagnoses">What the numbers say</h2>
      {inOrder.length === 0 && <p class="quiet">Nothing yet: it takes some hundred iterations to tell.</p>}
      <ul>
        {inOrder.map(({ level, title, text, advice, metrics }) => (
          <li key={title} class={level}>
            <h3>
              <span class="sign" aria-hidden="true">
                {SIGNS[level]}
              </span>
              <span class="visually-hidden">{level}: </span>
              {title}
            </h3>
            <p>{text}</p>
            {advice !== null && (
              <p>
                <strong>Try:</strong> {advice}
              </p>
            )}
            {metrics.length > 0 && <p class="quiet from">from {metrics.join(", ")}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}
