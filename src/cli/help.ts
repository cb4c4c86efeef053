/** Help as text of 80 columns. */
import { kebab, type Option } from "../runs/config/index.js";

const WIDTH = 80;

/** Rows of a name and a text, the text wrapped beside the name; a name too long for its column has a line of its own. */
export function columns(rows: readonly (readonly [name: string, text: string])[], left: number): string {
  return rows
    .flatMap(([name, text]) => {
      const lines = wrap(text, WIDTH - left);
      const beside = name.length + 2 <= left;
      const first = beside ? [name.padEnd(left) + (lines.shift() ?? "")] : [name];
      return [...first, ...lines.map((l) => " ".repeat(left) + l)].map((l) => l.trimEnd());
    })
    .join("\n");
}

/** Lines of at most `width` characters, broken at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** A heading and its options, with defaults in brackets. */
export const optionGroup = (title: string, options: Readonly<Record<string, Option>>): string =>
  `${title}\n${columns(
    Object.entries(options).map(([key, option]) => [`  ${label(key, option)}`, option.help + defaultOf(option)]),
    26,
  )}`;

function label(key: string, { type, value, default: initial }: Option): string {
  if (type === "bool") return initial ? `--no-${kebab(key)}` : `--${kebab(key)}`;
  return `--${kebab(key)} ${value}`;
}

function defaultOf({ type, default: initial, nothing, otherwise }: Option): string {
  if (type === "bool") return "";
  if (otherwise !== undefined) return ` (${otherwise})`;
  const text = initial === null ? (nothing ?? "none") : [initial].flat().join(" ");
  return text === "" || (type === "string" && initial === null) ? "" : ` (${text})`;
}
