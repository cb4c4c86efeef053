/** Of more than two dimensions: which plane is looked at. */
import { useEffect, useState } from "preact/hooks";
import type { LandscapeExamples } from "../../../src/studio/ask-api.js";
import { ask } from "../server.js";

interface PlaneChoiceProps {
  readonly path: string;
  /** `principal`, or three places. */
  readonly plane: string;
  readonly onChoose: (plane: string) => void;
}

export function PlaneChoice({ path, plane, onChoose }: PlaneChoiceProps) {
  const [rows, setRows] = useState<LandscapeExamples["rows"] | null>(null);
  const [chosen, choose] = useState<readonly number[]>(plane === "principal" ? [] : plane.split(",").map(Number));
  const [problem, tell] = useState<string | null>(null);
  useEffect(() => {
    ask<LandscapeExamples>(`${path}/examples`).then(
      (found) => setRows(found.rows),
      (error: Error) => tell(error.message),
    );
  }, [path]);
  const toggle = (index: number) => {
    const next = chosen.includes(index) ? chosen.filter((each) => each !== index) : [...chosen, index].slice(-3);
    choose(next);
    if (next.length === 3) onChoose(next.join(","));
  };
  return (
    <section class="panel" aria-labelledby="plane-choice">
      <h2 id="plane-choice">Which plane</h2>
      <p>
        <label>
          <input
            type="radio"
            name="plane"
            checked={plane === "principal"}
            onChange={() => {
              choose([]);
              onChoose("principal");
            }}
          />{" "}
          the two directions in which the training data vary most
        </label>
      </p>
      <p id="through-three">
        or through three examples: {chosen.length === 3 ? "chosen" : `choose ${3 - chosen.length} below`}
      </p>
      {problem !== null && <p class="warning">{problem}</p>}
      {rows?.length === 0 && <p class="quiet">The training data are not there.</p>}
      <ul class="examples" aria-labelledby="through-three">
        {rows?.map(({ index, text, picture }) => {
          const order = chosen.indexOf(index);
          return (
            <li key={index}>
              <button
                type="button"
                aria-pressed={order >= 0}
                aria-label={`${text}${order < 0 ? "" : `, example ${order + 1}`}`}
                onClick={() => toggle(index)}
              >
                {picture === null ? text : <img src={picture} alt="" />}
                {order >= 0 && <b class="order">{order + 1}</b>}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
