/** SVG as text: elements, escaping, numbers. */

/** Thrown for data that cannot be drawn (a wrong shape, unequal lengths) and for files that cannot be written. */
export class FigureError extends Error {
  override name = "FigureError";
}

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A number for an attribute: two decimals are 1/100 of a pixel. */
export const num = (value: number): string => String(Math.round(value * 100) / 100);

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text made safe for XML: entities escaped, characters XML forbids dropped. */
export const escapeXml = (text: string): string =>
  [...text]
    .filter((c) => c >= " " || c === "\n" || c === "\t")
    .join("")
    .replace(/[\p{Surrogate}\ufffe\uffff]/gu, "")
    .replace(/[&<>"]/g, (c) => ENTITIES[c]!);

/** SVG attributes that are camelCase themselves. */
const KEPT = new Set(["viewBox", "preserveAspectRatio"]);

/** `<name attributes>children</name>`; undefined attributes are left out, camelCase becomes kebab-case. */
export function el(name: string, attributes: Attributes, ...children: readonly string[]): string {
  let out = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    const attribute = KEPT.has(key) ? key : key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
    out += ` ${attribute}="${typeof value === "number" ? num(value) : escapeXml(value)}"`;
  }
  const inner = children.join("");
  return inner === "" ? `${out}/>` : `${out}>${inner}</${name}>`;
}

/** Children moved by (x, y). */
export const translate = (x: number, y: number, ...children: readonly string[]): string =>
  el("g", { transform: `translate(${num(x)} ${num(y)})` }, ...children);

/** The `d` of an open path through points; a point that is not finite breaks the line. */
export function pathThrough(points: Iterable<readonly [number, number]>): string {
  let d = "";
  let pen = "M";
  for (const [x, y] of points) {
    if (Number.isFinite(x) && Number.isFinite(y)) {
      d += `${pen}${num(x)} ${num(y)}`;
      pen = "L";
    } else pen = "M";
  }
  return d;
}
