/** Colour maps: a number in [0, 1] to red, green and blue bytes. */

export type Rgb = readonly [number, number, number];

/** A colour map through evenly spaced colours, mixed linearly; values outside [0, 1] take the end colours. */
export type Colormap = (t: number) => Rgb;

export function rgbOf(hex: string): Rgb {
  const at = (i: number) => Number.parseInt(hex.slice(i, i + 2), 16);
  return [at(1), at(3), at(5)];
}

function through(stops: string): Colormap {
  const colours = stops.split(" ").map((hex) => rgbOf(`#${hex}`));
  return (t) => {
    const position = Math.min(1, Math.max(0, t)) * (colours.length - 1);
    const i = Math.min(colours.length - 2, Math.floor(position));
    const [from, to] = [colours[i]!, colours[i + 1]!];
    const mix = (c: 0 | 1 | 2): number => Math.round(from[c] + (to[c] - from[c]) * (position - i));
    return [mix(0), mix(1), mix(2)];
  };
}

/** Perceptually uniform (Smith & van der Walt, 2015): reads the same in grey and to colour-blind eyes. */
export const viridis = through(
  "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1fa088 28ae80 3fbc73 5ec962 84d44b addc30 d8e219 fde725",
);

/** Perceptually uniform, black at zero (Smith & van der Walt, 2015). */
export const magma = through(
  "000004 0a0822 1d1147 36106b 51127c 6a1c81 832681 9c2e7f b73779 d0416f e75263 f56b5c fc8961 fea772 fec488 fde2a3 fcfdbf",
);

/** White to deep blue, for shares and counts printed inside the cells. */
export const BLUES = ["#ffffff", "#deebf5", "#b5d3e8", "#7fb4d6", "#4a92c1", "#1f70aa", "#0a4f86", "#083763"] as const;

/** White to grey: a background that coloured marks stand out from. */
export const GREYS = ["#ffffff", "#8d949b"] as const;
export const greys = through("ffffff 8d949b");

/** Where a map has no value to show. */
export const MISSING: Rgb = [208, 208, 208];
