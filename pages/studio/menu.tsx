/** A button that opens a list of things to do. */
import { useEffect, useRef, useState } from "preact/hooks";
import "./parts.css";

export interface MenuItem {
  readonly label: string;
  readonly run: () => void;
  /** What is lost by it. */
  readonly danger?: boolean;
}

interface MenuProps {
  /** On the button; `name` says it where a sign does not. */
  readonly label: string;
  readonly name?: string;
  readonly items: readonly MenuItem[];
  readonly plain?: boolean;
  readonly disabled?: boolean;
}

/** The list is above all else, and placed by the window: tables that scroll do not cut it. */
export function Menu({ label, name, items, plain, disabled }: MenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [at, place] = useState<{ readonly left: number; readonly top: number } | null>(null);
  const close = () => place(null);
  useEffect(() => {
    if (at === null) return;
    list.current?.showPopover();
    list.current?.querySelector("button")?.focus();
    const outside = (event: Event) => {
      if (!(event.target instanceof Node && list.current?.contains(event.target))) close();
    };
    addEventListener("pointerdown", outside);
    addEventListener("scroll", close, true);
    addEventListener("resize", close);
    return () => {
      removeEventListener("pointerdown", outside);
      removeEventListener("scroll", close, true);
      removeEventListener("resize", close);
    };
  }, [at]);
  const open = () => {
    const box = button.current!.getBoundingClientRect();
    const height = 40 * items.length + 12;
    const below = box.bottom + height < innerHeight;
    place({ left: Math.max(8, Math.min(box.left, innerWidth - 220)), top: below ? box.bottom + 4 : box.top - height });
  };
  const move = (event: KeyboardEvent) => {
    const entries = [...(list.current?.querySelectorAll("button") ?? [])];
    const here = entries.findIndex((entry) => entry.matches(":focus"));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) entries.at((here + step) % entries.length)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") {
      close();
      button.current?.focus();
    } else return;
    event.preventDefault();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class={plain ? "plain" : ""}
        aria-haspopup="menu"
        aria-expanded={at !== null}
        aria-label={name}
        disabled={disabled}
        onClick={open}
      >
        {label}
      </button>
      {at !== null && (
        <div
          ref={list}
          class="menu"
          popover="manual"
          role="menu"
          tabIndex={-1}
          style={{ left: `${at.left}px`, top: `${at.top}px` }}
          onKeyDown={move}
        >
          {items.map(({ label, run, danger }) => (
            <button
              key={label}
              type="button"
              role="menuitem"
              class={danger ? "warning" : ""}
              onClick={() => {
                close();
                button.current?.focus();
                run();
              }}
            >
              {label}
            </button>
          ))}
        </div>
      )}
    </>
  );
}
