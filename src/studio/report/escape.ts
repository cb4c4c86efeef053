/** Text within HTML, as text: names and labels come from files. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escaped = (text: unknown): string => String(text).replace(/[&<>"']/g, (c) => ENTITIES[c]!);

/** HTML of a template, whose parts are escaped, but for what is HTML already. */
export class Html {
  constructor(readonly text: string) {}
}

export function html(parts: TemplateStringsArray, ...values: readonly unknown[]): Html {
  const text = (value: unknown): string =>
    value instanceof Html ? value.text : Array.isArray(value) ? value.map(text).join("") : escaped(value);
  return new Html(parts.reduce((sum, part, i) => sum + text(values[i - 1]) + part));
}
