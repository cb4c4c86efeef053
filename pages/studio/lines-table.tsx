/** A table of lines that scrolls in itself where it is too wide. */
import type { ComponentChildren } from "preact";
import "./lines-table.css";

interface LinesTableProps {
  readonly label: string;
  /** Heads of columns that say more than a name, before those that do not. */
  readonly heads?: ComponentChildren;
  readonly columns: readonly string[];
  /** Rows of its body. */
  readonly children: ComponentChildren;
}

export function LinesTable({ label, heads, columns, children }: LinesTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys
    <section class="scrolls" tabIndex={0} aria-label={label}>
      <table class="lines">
        <thead>
          <tr>
            {heads}
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
