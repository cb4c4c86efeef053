/** A word that says what it means where the pointer or the focus is on it. */
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";

export function Told({ about, children }: { readonly about: string | null; readonly children: ComponentChildren }) {
  const id = useId();
  const word = useRef<HTMLButtonElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const [at, place] = useState<{ readonly left: number; readonly top: number }>({ left: 0, top: 0 });
  if (about === null) return <span>{children}</span>;
  const open = () => {
    const box = word.current?.getBoundingClientRect();
    if (box) place({ left: Math.max(8, Math.min(box.left, innerWidth - 370)), top: box.bottom + 6 });
    tip.current?.showPopover();
  };
  const close = () => tip.current?.hidePopover();
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
      <span ref={tip} role="tooltip" id={id} popover="manual" style={{ left: `${at.left}px`, top: `${at.top}px` }}>
        {about}
      </span>
    </span>
  );
}
