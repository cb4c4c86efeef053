/** What training said. It stays at its end while it grows, unless it was scrolled back. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { LogLine } from "../../../src/studio/api.js";
import { counted } from "../../shared/numbers.js";

export function RunLog({ lines }: { readonly lines: readonly LogLine[] }) {
  const list = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (atEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [lines]);
  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = list.current!;
    atEnd.current = scrollTop + clientHeight > scrollHeight - 8;
  };
  return (
    <section class="panel log" aria-labelledby="log">
      <h2 id="log">Log</h2>
      {lines.length === 0 ? (
        <p class="quiet">Nothing was said yet.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <ol ref={list} onScroll={scrolled} tabIndex={0} aria-label="Lines of the log">
          {lines.map(({ iteration, level, text }, i) => (
            <li key={`${i} ${text}`} class={level === "error" ? "warning" : level}>
              <span class="at">{iteration === null ? "" : counted(iteration)}</span>
              <span class="text">
                {level !== "info" && <strong>{level}: </strong>}
                {text}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
