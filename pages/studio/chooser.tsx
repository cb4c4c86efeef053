/** A button, and behind it a list to search and choose from. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "./dialog.js";

interface ChooserProps {
  /** Of what is chosen. */
  readonly title: string;
  /** How many are, on the button. */
  readonly count?: number;
  readonly wide?: boolean;
  /** What is to be chosen, of the names that were searched for. */
  readonly children: (isFound: (name: string) => boolean) => ComponentChildren;
}

export function Chooser({ title, count, wide = false, children }: ChooserProps) {
  const [open, setOpen] = useState(false);
  const [text, search] = useState("");
  const close = () => setOpen(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {title} …{count !== undefined && <span class="quiet"> ({count})</span>}
      </button>
      {open && (
        <Dialog title={title} onClose={close} wide={wide}>
          <input
            type="search"
            aria-label={`Search ${title.toLowerCase()}`}
            placeholder="Search"
            value={text}
            onInput={(event) => search(event.currentTarget.value)}
          />
          {children((name) => name.toLowerCase().includes(text.trim().toLowerCase()))}
          <footer>
            <button type="button" class="primary" onClick={close}>
              Done
            </button>
          </footer>
        </Dialog>
      )}
    </>
  );
}

interface BoxProps {
  /** What it puts among the chosen, and takes out of them. */
  readonly of: string;
  readonly label?: string;
  /** Where the label says it only with what is beside it. */
  readonly name?: string;
  readonly chosen: readonly string[];
  readonly onChoose: (chosen: readonly string[]) => void;
}

export function ChoiceBox({ of, label = of, name = label, chosen, onChoose }: BoxProps) {
  const isChosen = chosen.includes(of);
  return (
    <label>
      <input
        type="checkbox"
        aria-label={name}
        checked={isChosen}
        onChange={() => onChoose(isChosen ? chosen.filter((each) => each !== of) : [...chosen, of])}
      />{" "}
      {label}
    </label>
  );
}
