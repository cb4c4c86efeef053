/** Text: how wide it will be, and how it is drawn. */
import { FONT, INK, SIZE } from "./style.js";
import { el, escapeXml } from "./svg.js";

/** Advance widths of Inter Regular, U+0020 to U+007E, in hundredths of an em. */
const ADVANCES =
  "28 29 47 63 64 98 64 30 36 36 50 66 29 46 29 36 63 41 61 62 65 59 62 57 62 62 29 30 66 66 66 51 97 69 65 73 72 60 " +
  "59 75 74 27 57 67 57 90 75 76 64 76 64 64 65 74 69 99 68 68 63 36 36 36 47 46 32 56 61 57 61 58 37 61 59 24 24 55 " +
  "24 88 59 60 61 61 38 53 33 59 56 82 55 56 55 43 33 43 66";
const WIDTHS = ADVANCES.split(" ").map((w) => Number(w) / 100);
const OTHER_WIDTH = 0.65;
const WIDE_WIDTH = 1;
const SEMIBOLD = 1.06;

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
const PLAIN = "0123456789−";
const RAISED = new RegExp(`[${SUPERSCRIPTS}]+`, "g");
const RAISED_SIZE = 0.74;

/** Digits and minus signs as superscripts. */
export const superscript = (text: string): string =>
  [...text.replaceAll("-", "−")].map((c) => SUPERSCRIPTS[PLAIN.indexOf(c)] ?? c).join("");

const charWidth = (c: string): number => {
  const code = c.codePointAt(0)!;
  if (SUPERSCRIPTS.includes(c)) return RAISED_SIZE * 0.62;
  return WIDTHS[code - 32] ?? (code >= 0x2e80 ? WIDE_WIDTH : OTHER_WIDTH);
};

/** Width of one line of text in pixels: exact for ASCII up to kerning, an estimate for the rest. */
export function textWidth(text: string, size: number, bold = false): number {
  let width = 0;
  for (const c of text) width += charWidth(c);
  return width * size * (bold ? SEMIBOLD : 1);
}

export interface TextOptions {
  readonly size?: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly colour?: string;
  readonly bold?: boolean;
  /** Degrees clockwise about (x, y). */
  readonly rotate?: number;
}

/** One line of text; y is the baseline. Superscript characters become raised digits, which every font has. */
export function text(x: number, y: number, content: string, options: TextOptions = {}): string {
  const { size = SIZE.tick, anchor = "start", colour = INK.text, bold = false, rotate } = options;
  const rise = 0.38 * size;
  let body = "";
  let end = 0;
  let lowered = "";
  for (const match of content.matchAll(RAISED)) {
    const plain = [...match[0]].map((c) => PLAIN[SUPERSCRIPTS.indexOf(c)]!).join("");
    const before = content.slice(end, match.index);
    body += lowered === "" ? escapeXml(before) : before === "" ? "" : el("tspan", { dy: rise }, escapeXml(before));
    body += el("tspan", { dy: -rise, fontSize: size * RAISED_SIZE }, plain);
    lowered = "yes";
    end = match.index + match[0].length;
  }
  const rest = content.slice(end);
  if (rest !== "") body += lowered === "" ? escapeXml(rest) : el("tspan", { dy: rise }, escapeXml(rest));
  if (body === "") return "";
  return el(
    "text",
    {
      x,
      y,
      fontFamily: FONT,
      fontSize: size,
      fontWeight: bold ? 600 : undefined,
      fill: colour,
      textAnchor: anchor === "start" ? undefined : anchor,
      transform: rotate === undefined ? undefined : `rotate(${rotate} ${x.toFixed(2)} ${y.toFixed(2)})`,
    },
    body,
  );
}

/** The text, cut with an ellipsis where it is wider than `width` pixels. */
export function fitText(content: string, size: number, width: number): string {
  if (textWidth(content, size) <= width) return content;
  const chars = [...content];
  while (chars.length > 1 && textWidth(`${chars.join("")}…`, size) > width) chars.pop();
  return `${chars.join("").trimEnd()}…`;
}
