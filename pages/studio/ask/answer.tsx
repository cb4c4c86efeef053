/** What a model said of one input: class, surprise, and why. */
import type { Answer, AskModel } from "../../../src/studio/ask-api.js";
import { shown } from "../../shared/numbers.js";
import { LinesTable } from "../lines-table.js";
import { Bars, percent } from "./bars.js";
import { Gains } from "./gains.js";
import { Surprise } from "./surprise.js";

/** Bars of classes that are shown, the most probable ones. */
const CLASSES = 10;
const REASONS = 8;

interface AnswerProps {
  readonly model: AskModel;
  readonly answer: Answer;
}

export function AnswerPanels({ model, answer }: AnswerProps) {
  const { probabilities, why, picture, nearest, notes } = answer;
  const classes = [...(probabilities ?? [])].sort((a, b) => b.value - a.value).slice(0, CLASSES);
  const reasons = why?.filter(({ share }) => share >= 0.005).slice(0, REASONS) ?? null;
  return (
    <div class="answer">
      <Verdict answer={answer} />
      {notes.length > 0 && <p class="note">{notes.join("; ")}</p>}
      {classes.length > 0 && (
        <section>
          <h3>Probability of each class</h3>
          <Bars items={classes} label="Probability of each class, calibrated" />
        </section>
      )}
      {model.heldout !== null && (
        <section>
          <h3>Surprise</h3>
          <Surprise heldout={model.heldout} answer={answer} />
        </section>
      )}
      {reasons !== null && (
        <section>
          <h3>What makes it unusual</h3>
          {reasons.length === 0 ? (
            <p class="quiet">No column: with other values in any of them the row would be no likelier.</p>
          ) : (
            <Bars
              items={reasons.map(({ column, share }) => ({ name: column, value: share }))}
              label="Share of each column in what makes the row unlikely"
            />
          )}
        </section>
      )}
      {picture !== null && (
        <section>
          <h3>Which parts make it likely or unlikely</h3>
          <Gains picture={picture} />
        </section>
      )}
      {nearest !== null && (
        <section>
          <h3>Most like it among the training data</h3>
          {nearest.kind === "pictures" ? (
            <p class="nearest-pictures">
              {nearest.pictures.map((source, i) => (
                <img key={source} src={source} alt={`training picture, ${i + 1} in nearness`} />
              ))}
            </p>
          ) : (
            <NearestRows columns={model.columns.map(({ name }) => name)} rows={nearest.rows} />
          )}
        </section>
      )}
    </div>
  );
}

function Verdict({ answer }: { readonly answer: Answer }) {
  const { class: name, probabilities, surprise, unusual, logDensity } = answer;
  const probability = probabilities?.find((each) => each.name === name)?.value;
  return (
    <p class="verdict" role="status">
      {name !== null && (
        <span>
          <b>{name}</b>{" "}
          {probability !== undefined && <span class="quiet">with probability {percent(probability)}</span>}
        </span>
      )}
      {unusual !== null && (
        <span class={unusual ? "warning" : "good"}>
          {unusual ? "⚑ unlike the training data" : "✓ like the training data"}
        </span>
      )}
      {surprise !== null && <span>{percent(surprise)} of held-out data are likelier</span>}
      <span class="quiet">f(x) = {logDensity === null ? "no finite number" : shown(logDensity)}</span>
    </p>
  );
}

function NearestRows(props: {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}) {
  const { columns, rows } = props;
  return (
    <LinesTable label="Training rows most like it" columns={columns}>
      {rows.map((row, i) => (
        <tr key={i}>
          {columns.map((name) => (
            <td key={name}>{row[name]}</td>
          ))}
        </tr>
      ))}
    </LinesTable>
  );
}
