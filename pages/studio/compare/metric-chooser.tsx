/** Which metrics are compared. */
import { useState } from "preact/hooks";
import { Dialog } from "../dialog.js";

interface MetricChooserProps {
  readonly metrics: readonly string[];
  readonly chosen: readonly string[];
  readonly onChoose: (metrics: readonly string[]) => void;
}

export function MetricChooser({ metrics, chosen, onChoose }: MetricChooserProps) {
  const [open, setOpen] = useState(false);
  const [text, search] = useState("");
  const found = metrics.filter((name) => name.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Metrics … <span class="quiet">({chosen.length})</span>
      </button>
      {open && (
        <Dialog title="Metrics" onClose={() => setOpen(false)}>
          <input
            type="search"
            aria-label="Search metrics"
            placeholder="Search"
            value={text}
            onInput={(event) => search(event.currentTarget.value)}
          />
          <ul class="choices">
            {found.map((name) => (
              <li key={name}>
                <label>
                  <input
                    type="checkbox"
                    checked={chosen.includes(name)}
                    onChange={() =>
                      onChoose(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name])
                    }
                  />{" "}
                  {name}
                </label>
              </li>
            ))}
          </ul>
          <footer>
            <button type="button" class="primary" onClick={() => setOpen(false)}>
              Done
            </button>
          </footer>
        </Dialog>
      )}
    </>
  );
}
