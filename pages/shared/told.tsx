/** A word that says what it means where the pointer or the focus is on it. */
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";

export function Told({ about, children }: { readonly about: string | null; readonly children: ComponentChildren }) {
  const id = useId();
  const word = useRef<HTMLButtonElement>(null);
  const [at, place] = useState<{ readonly left: number; readonly top: number } | null>(null);
  if (about === null) return <span>{children}</span>;
  const open = () => {
    const box = word.current?.getBoundingClientRect();
    if (box) place({ left: Math.max(8, Math.min(box.left, innerWidth - 370)), top: box.bottom + 6 });
  };
  const close = () => place(null);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the pointer shows what the focus of the button shows, too
    <span class="told" onMouseEnter={open} onMouseLeave={close}>
      <button
        ref={word}
        type="button"
        aria-describedby={id}
        onFocus={open}
        onBlur={close}
        onKeyDown={(event) => event.key === "Escape" && close()}
      >
        {children}
      </button>
      <span role="tooltip" id={id} hidden={at === null} style={at ? { left: `${at.left}px`, top: `${at.top}px` } : {}}>
        {about}
      </span>
    </span>
  );
}
