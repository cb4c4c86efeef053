/** How wide text will be: there is no canvas to ask in Node. */

/** Advance widths of Inter Regular, U+0020 to U+007E, in hundredths of an em. */
const ADVANCES =
  "28 29 47 63 64 98 64 30 36 36 50 66 29 46 29 36 63 41 61 62 65 59 62 57 62 62 29 30 66 66 66 51 97 69 65 73 72 60 " +
  "59 75 74 27 57 67 57 90 75 76 64 76 64 64 65 74 69 99 68 68 63 36 36 36 47 46 32 56 61 57 61 58 37 61 59 24 24 55 " +
  "24 88 59 60 61 61 38 53 33 59 56 82 55 56 55 43 33 43 66";
const WIDTHS = ADVANCES.split(" ").map((w) => Number(w) / 100);
const OTHER_WIDTH = 0.65;
const WIDE_WIDTH = 1;
const SEMIBOLD = 1.06;

const charWidth = (c: string): number => {
  const code = c.codePointAt(0)!;
  return WIDTHS[code - 32] ?? (code >= 0x2e80 ? WIDE_WIDTH : OTHER_WIDTH);
};

/** Width of one line of text in pixels: exact for ASCII up to kerning, an estimate for the rest. */
export function textWidth(text: string, size: number, bold = false): number {
  let width = 0;
  for (const c of text) width += charWidth(c);
  return width * size * (bold ? SEMIBOLD : 1);
}
