/** Legends: keys in rows above the plot, where they can hide nothing. */
import { textWidth } from "./text-width.js";
import { colours, dashes, KEY, PALETTE } from "./theme.js";

/** Names told apart: series of one name would be drawn as one. */
export function distinct(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}

/** Keys of a legend, as many in a row as fit into the width of the plot. */
export function keys(names: readonly string[], width: number, symbolType: "stroke" | "square") {
  const widths = names.map((name) => KEY.width + textWidth(name, KEY.fontSize));
  const total = (columns: number): number =>
    Array.from({ length: columns }, (_, c) => Math.max(...widths.filter((_, i) => i % columns === c))).reduce(
      (sum, w) => sum + w + KEY.gap,
      -KEY.gap,
    );
  let columns = names.length;
  while (columns > 1 && total(columns) > width) columns--;
  const look = symbolType === "stroke" ? { symbolSize: 300 } : { symbolSize: 100, symbolOpacity: 0.5 };
  return { title: null, orient: "top", symbolType, columns, labelLimit: width - KEY.width, ...look } as const;
}

/** Colour and dash by the field `series`; one series needs no legend. */
export function bySeries(names: readonly string[], width: number, symbolType: "stroke" | "square") {
  const legend = names.length < 2 ? null : keys(names, width, symbolType);
  const by = <R>(range: R[]) => ({
    field: "series",
    type: "nominal" as const,
    scale: { domain: [...names], range },
    legend,
  });
  const color = by(colours(names.length));
  return names.length > PALETTE.length ? { color, strokeDash: by(dashes(names.length)) } : { color };
}
