/** Which data: a toy density, points that are drawn, or two columns that are pasted. */
import { useState } from "preact/hooks";
import { pasted } from "../data/paste.js";
import { MOST_POINTS } from "../settings/points.js";
import { type Settings, TOYS } from "../settings/settings.js";

interface Props {
  readonly settings: Settings;
  readonly drawing: boolean;
  readonly onChange: (change: Partial<Settings>) => void;
  readonly onDrawing: (drawing: boolean) => void;
}

type Said = { readonly kind: "good" | "warning"; readonly text: string };

export function DataPicker({ settings, drawing, onChange, onDrawing }: Props) {
  const [pasting, setPasting] = useState(false);
  const [text, setText] = useState("");
  const [said, say] = useState<Said | null>(null);
  const count = settings.points.length / 2;
  const take = () => {
    try {
      const { points, said: how } = pasted(text);
      onChange({ data: "points", points });
      say({ kind: "good", text: how });
      setPasting(false);
    } catch (error) {
      say({ kind: "warning", text: error instanceof Error ? error.message : String(error) });
    }
  };
  return (
    <fieldset class="panel">
      <legend>Data</legend>
      <label class="field">
        <span>Points from</span>
        <select
          value={settings.data}
          onChange={(event) => {
            const toy = TOYS.find((name) => name === event.currentTarget.value);
            say(null);
            onDrawing(toy === undefined);
            if (toy !== undefined) onChange({ data: toy, points: [] });
          }}
        >
          {TOYS.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
          <option value="points">points of your own</option>
        </select>
      </label>
      <div class="buttons">
        <button type="button" aria-pressed={drawing} onClick={() => onDrawing(!drawing)}>
          {drawing ? "Done drawing" : "Draw"}
        </button>
        <button type="button" aria-expanded={pasting} onClick={() => setPasting(!pasting)}>
          Paste
        </button>
        {settings.data === "points" && (
          <button type="button" onClick={() => onChange({ data: "points", points: [] })}>
            Clear
          </button>
        )}
      </div>
      {drawing && (
        <p class="quiet">
          Draw on the landscape: {count} of {MOST_POINTS} points. Ten are enough to begin.
        </p>
      )}
      {pasting && (
        <div class="paste">
          <label>
            <span>Two columns of numbers, one row a line</span>
            <textarea
              rows={6}
              value={text}
              placeholder={"height,weight\n1.72,68\n1.85,80"}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </label>
          <button type="button" class="primary" onClick={take}>
            Take these points
          </button>
        </div>
      )}
      {said !== null && (
        <p class={said.kind} role="status">
          {said.text}
        </p>
      )}
    </fieldset>
  );
}
