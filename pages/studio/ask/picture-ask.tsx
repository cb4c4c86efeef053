/** A model of pictures: drawn ones and files. */
import { useState } from "preact/hooks";
import type { Answer, AskModel } from "../../../src/studio/ask-api.js";
import { DropZone } from "../drop-zone.js";
import { post } from "../server.js";
import { forget, upload } from "../uploads.js";
import { AnswerPanels } from "./answer.js";
import { percent } from "./bars.js";
import { Pad } from "./pad.js";
import { askPath } from "./path.js";
import { useAnswer } from "./use-answer.js";

interface PictureAskProps {
  readonly id: string;
  readonly model: AskModel;
}

interface Given {
  readonly name: string;
  readonly answer: Answer | null;
  readonly problem: string | null;
}

export function PictureAsk({ id, model }: PictureAskProps) {
  const { channels, size } = model.image!;
  const { answer, problem, put } = useAnswer();
  const [given, setGiven] = useState<readonly Given[]>([]);
  const [shown, show] = useState<number | null>(null);

  const drawn = (pixels: readonly number[]) => {
    show(null);
    put(() => post<Answer>(`${askPath(id)}/pixels`, { pixels }));
  };
  const take = async (files: readonly File[]) => {
    const all: Given[] = [];
    for (const file of files) {
      try {
        const { id: uploaded } = await upload(file, file.name);
        const found = await post<Answer>(`${askPath(id)}/picture`, { upload: uploaded });
        forget(uploaded);
        all.push({ name: file.name, answer: found, problem: null });
      } catch (error) {
        all.push({ name: file.name, answer: null, problem: error instanceof Error ? error.message : String(error) });
      }
      setGiven([...all].sort((a, b) => (b.answer?.surprise ?? -1) - (a.answer?.surprise ?? -1)));
    }
    show(0);
  };
  const seen = shown === null ? answer : (given[shown]?.answer ?? null);
  const trouble = shown === null ? problem : (given[shown]?.problem ?? null);

  return (
    <div class="ask-columns">
      <section class="panel" aria-labelledby="ask-picture">
        <h2 id="ask-picture">A picture</h2>
        {channels === 1 && (
          <>
            <p class="quiet">
              Draw here; the model takes {size} × {size} pixels, grey.
            </p>
            <Pad size={size} onDraw={drawn} />
          </>
        )}
        <DropZone label="Choose pictures …" accept="image/*" many onFiles={take}>
          or drop them here: the largest square in their middle is taken
        </DropZone>
        {given.length > 0 && (
          <ul class="given-pictures" aria-label="Pictures, the most surprising first">
            {given.map(({ name, answer: found, problem: bad }, i) => (
              <li key={i}>
                <button type="button" aria-pressed={shown === i} onClick={() => show(i)}>
                  {found?.picture && <img src={found.picture.seen} alt="" />}
                  <span class="name">{name}</span>
                  <span class={bad === null ? "quiet" : "warning"}>
                    {bad !== null
                      ? "cannot be read"
                      : [found?.class, found?.surprise == null ? null : `surprise ${percent(found.surprise)}`]
                          .filter(Boolean)
                          .join(", ")}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section class="panel" aria-labelledby="ask-answer">
        <h2 id="ask-answer">What the model says</h2>
        {trouble !== null && (
          <p class="warning" role="alert">
            {trouble}
          </p>
        )}
        {seen === null && trouble === null && (
          <p class="quiet">{channels === 1 ? "Draw something, or drop a picture." : "Drop a picture."}</p>
        )}
        {seen !== null && <AnswerPanels model={model} answer={seen} />}
      </section>
    </div>
  );
}
