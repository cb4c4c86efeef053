/** Where files are dropped, or chosen by a button. */
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import "./drop-zone.css";

interface DropZoneProps {
  /** What is wanted, on the button: `Choose a table …`. */
  readonly label: string;
  /** Endings or types, as of a file input. */
  readonly accept: string;
  readonly many?: boolean;
  readonly disabled?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly children?: ComponentChildren;
}

export function DropZone({ label, accept, many = false, disabled = false, onFiles, children }: DropZoneProps) {
  const id = useId();
  const [over, setOver] = useState(false);
  const take = (list: FileList | null | undefined) => {
    const files = [...(list ?? [])].slice(0, many ? undefined : 1);
    if (files.length > 0 && !disabled) onFiles(files);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the pointer's way; the button is everyone's
    <div
      class={over ? "drop-zone over" : "drop-zone"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <label for={id} class="button">
        {label}
      </label>
      <input
        id={id}
        class="visually-hidden"
        type="file"
        accept={accept}
        multiple={many}
        disabled={disabled}
        onChange={(event) => {
          take(event.currentTarget.files);
          event.currentTarget.value = ""; // the same file may be chosen again
        }}
      />
      <span class="quiet">{children ?? "or drop it here"}</span>
    </div>
  );
}
