/** One look for every figure: sizes in pixels at 100 %, colours that colour-blind readers can tell apart. */

export const FONT = "Inter, Helvetica, Arial, sans-serif";

export const SIZE = { title: 14, label: 12.5, tick: 11.5, note: 11 } as const;

export const INK = { text: "#1f2328", muted: "#57606a", axis: "#6e7781", grid: "#e6e8eb", paper: "#ffffff" } as const;

/** Okabe & Ito, "Color Universal Design" (2008), darkest first; their yellow is too faint for lines on white. */
export const PALETTE = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#3d3d3d"] as const;

const DASHES = [undefined, "6 3", "2 2.5", "8 3 2 3"] as const;

/** Colour and dash of the i-th series: colours first, then the same colours dashed. */
export function seriesStyle(i: number): { readonly colour: string; readonly dash: string | undefined } {
  return {
    colour: PALETTE[i % PALETTE.length]!,
    dash: DASHES[Math.floor(i / PALETTE.length) % DASHES.length],
  };
}
