/** Asks before runs go to the trash, and says where that is. */
import type { RunSummary } from "../../../src/studio/api.js";
import { Dialog } from "../dialog.js";
import { mayStop } from "./cells.js";

interface RemoveProps {
  readonly runs: readonly RunSummary[];
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function RemoveDialog({ runs, onConfirm, onClose }: RemoveProps) {
  const training = runs.filter(mayStop);
  const what = runs.length === 1 ? `“${runs[0]!.name}”` : `${runs.length} runs`;
  return (
    <Dialog title={`Delete ${what}?`} onClose={onClose}>
      {runs.length > 1 && (
        <ul class="removed">
          {runs.slice(0, 8).map(({ id, name }) => (
            <li key={id}>{name}</li>
          ))}
          {runs.length > 8 && <li>and {runs.length - 8} more</li>}
        </ul>
      )}
      <p>
        {runs.length === 1 ? "Its folder moves" : "Their folders move"} to <code>{TRASH}</code> below the folder that{" "}
        {runs.length === 1 ? "it is" : "they are"} in. Nothing is erased: move it back to have it again.
      </p>
      {training.length > 0 && (
        <p class="warning">
          {training.length === 1 ? `“${training[0]!.name}” is` : `${training.length} of them are`} still training: stop{" "}
          {training.length === 1 ? "it" : "them"} first.
        </p>
      )}
      <footer>
        <button type="button" onClick={onClose}>
          Keep
        </button>
        <button type="button" class="primary danger" onClick={onConfirm}>
          Move to the trash
        </button>
      </footer>
    </Dialog>
  );
}

/** As the server names it. */
export const TRASH = ".vera-trash";
