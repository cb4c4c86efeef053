/** Results as text. */

/** Columns side by side: the first to the left, numbers to the right; the first row is a heading. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((r) => r.length));
  const widths = Array.from({ length: columns }, (_, j) => Math.max(...rows.map((r) => (r[j] ?? "").length)));
  return rows
    .map((r) =>
      widths
        .map((w, j) => (j === 0 ? (r[j] ?? "").padEnd(w) : (r[j] ?? "").padStart(w)))
        .join("   ")
        .trimEnd(),
    )
    .map((text) => `  ${text}`)
    .join("\n");
}
