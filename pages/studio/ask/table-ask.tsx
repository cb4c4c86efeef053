/** A model of a table: one row by its fields, and whole tables. */
import { useEffect, useState } from "preact/hooks";
import type { Answer, AskModel, ScoredTable } from "../../../src/studio/ask-api.js";
import { DropZone } from "../drop-zone.js";
import { post } from "../server.js";
import { forget, upload } from "../uploads.js";
import { AnswerPanels } from "./answer.js";
import { askPath } from "./path.js";
import { RowForm } from "./row-form.js";
import { ScoredView } from "./scored.js";
import { useAnswer } from "./use-answer.js";

interface TableAskProps {
  readonly id: string;
  readonly model: AskModel;
}

export function TableAsk({ id, model }: TableAskProps) {
  const [row, setRow] = useState(model.row);
  const { answer, problem, put } = useAnswer();
  const [table, setTable] = useState<ScoredTable | null>(null);
  const [trouble, tell] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [pasted, paste] = useState("");
  useEffect(() => put(() => post<Answer>(`${askPath(id)}/row`, { fields: row })), [id, row]);

  const score = async (content: Blob, name: string) => {
    setBusy(true);
    tell(null);
    try {
      const { id: given } = await upload(content, name);
      setTable(await post<ScoredTable>(`${askPath(id)}/table`, { upload: given }));
      setGiven(given);
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    }
    setBusy(false);
  };
  const [given, setGiven] = useState<string | null>(null);
  const done = () => {
    if (given !== null) forget(given);
    setGiven(null);
  };

  return (
    <>
      <div class="ask-columns">
        <section class="panel" aria-labelledby="ask-row">
          <h2 id="ask-row">A row</h2>
          <RowForm columns={model.columns} row={row} onChange={setRow} />
          <p>
            <button type="button" onClick={() => setRow(model.row)}>
              Back to a usual row
            </button>
          </p>
        </section>
        <section class="panel" aria-labelledby="ask-answer">
          <h2 id="ask-answer">What the model says</h2>
          {problem !== null && (
            <p class="warning" role="alert">
              {problem}
            </p>
          )}
          {answer !== null && <AnswerPanels model={model} answer={answer} />}
          {answer === null && problem === null && <p class="quiet">The model is asked …</p>}
        </section>
      </div>
      <section class="panel" aria-labelledby="ask-table">
        <h2 id="ask-table">A table</h2>
        <div class="ask-table-inputs">
          <DropZone
            label="Choose a table …"
            accept=".csv,.tsv,.txt,.parquet,.pq,.json,.jsonl,.ndjson,.gz,.zst"
            disabled={busy}
            onFiles={([file]) => file && score(file, file.name)}
          >
            or drop it here: CSV, Parquet, JSON
          </DropZone>
          <form
            class="paste"
            onSubmit={(event) => {
              event.preventDefault();
              score(new Blob([pasted]), "pasted.csv");
            }}
          >
            <label for="pasted">Or paste rows, with the names of their columns in the first line</label>
            <textarea
              id="pasted"
              rows={4}
              spellcheck={false}
              placeholder={`${model.columns
                .slice(0, 4)
                .map(({ name }) => name)
                .join(",")}\n…`}
              value={pasted}
              onInput={(event) => paste(event.currentTarget.value)}
            />
            <button type="submit" disabled={busy || pasted.trim() === ""}>
              Score these rows
            </button>
          </form>
        </div>
        {busy && <p class="quiet">The file is taken in …</p>}
        {trouble !== null && (
          <p class="warning" role="alert">
            {trouble}
          </p>
        )}
        {table !== null && <ScoredView key={table.key} first={table} model={model} onDone={done} />}
      </section>
    </>
  );
}
