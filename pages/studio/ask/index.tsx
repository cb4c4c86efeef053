/** A trained model, asked about rows, tables and pictures. */
import { useEffect, useState } from "preact/hooks";
import type { RunDetail } from "../../../src/studio/api.js";
import type { AskModel } from "../../../src/studio/ask-api.js";
import { counted } from "../../shared/numbers.js";
import { ChooseRun } from "../choose-run.js";
import { address } from "../route.js";
import { pathOf } from "../run/use-run.js";
import { ask } from "../server.js";
import type { ViewProps } from "../views.js";
import { askPath } from "./path.js";
import { PictureAsk } from "./picture-ask.js";
import { TableAsk } from "./table-ask.js";
import "../parts.css";
import "./ask.css";

export function AskView({ route }: ViewProps) {
  const [id] = route.rest;
  if (id === undefined)
    return (
      <ChooseRun view="ask" title="Ask a model">
        Which model? It says of new inputs how probable each class is, how surprising they are, and why.
      </ChooseRun>
    );
  return <Asking key={id} id={id} />;
}

function Asking({ id }: { readonly id: string }) {
  const [model, setModel] = useState<AskModel | null>(null);
  const [name, setName] = useState("");
  const [problem, tell] = useState<string | null>(null);
  useEffect(() => {
    ask<AskModel>(askPath(id)).then(setModel, (error: Error) => tell(error.message));
    ask<RunDetail>(pathOf(id)).then(
      (run) => setName(run.name),
      () => {},
    );
  }, [id]);
  return (
    <>
      <header class="view-head">
        <h1>Ask {name || "the model"}</h1>
        {model !== null && (
          <span class="quiet">
            trained on {model.name}
            {model.iteration > 0 && `, iteration ${counted(model.iteration)}`}
          </span>
        )}
        <a href={address("runs", [id])}>The run</a>
        <a href={address("landscape", [id])}>Its landscape</a>
      </header>
      {problem !== null && (
        <p class="warning" role="alert">
          This model cannot be asked: {problem}
        </p>
      )}
      {model === null && problem === null && <p class="quiet">The model is loaded …</p>}
      {model?.notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      {model !== null &&
        (model.kind === "image" ? <PictureAsk id={id} model={model} /> : <TableAsk id={id} model={model} />)}
    </>
  );
}
