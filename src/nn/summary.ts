/** What a model consists of, as text. */
import { leaves } from "../graph/index.js";
import { isArray, type NdArray } from "../runtime/index.js";
import type { Dict, Variables } from "./module.js";

/** Number of trained values. */
export const countParameters = (params: Dict<NdArray>): number =>
  leaves(params, isArray).reduce((n, [, x]) => n + x.size, 0);

/** A layer's own parameters: what a row of {@link summary} shows. */
export interface LayerSummary {
  /** Path of the layer, `layer1.0.conv1`. */
  readonly layer: string;
  /** `weight [64, 3, 4, 4], bias [64]`. */
  readonly parameters: string;
  readonly count: number;
}

/** The layers that have parameters, in order. */
export function layerSummaries(params: Dict<NdArray>): LayerSummary[] {
  const groups = new Map<string, [name: string, x: NdArray][]>();
  for (const [path, x] of leaves(params, isArray)) {
    const dot = path.lastIndexOf(".");
    const layer = path.slice(0, Math.max(dot, 0));
    groups.set(layer, [...(groups.get(layer) ?? []), [path.slice(dot + 1), x]]);
  }
  return [...groups].map(([layer, own]) => ({
    layer,
    parameters: own.map(([name, x]) => `${name} [${x.shape.join(", ")}]`).join(", "),
    count: own.reduce((n, [, x]) => n + x.size, 0),
  }));
}

/** A table of layers, their parameters' shapes and counts, with the total. */
export function modelSummary({ params }: Variables<NdArray>): string {
  const rows = layerSummaries(params).map(({ layer, parameters, count }) => [layer, parameters, format(count)]);
  const table = [["layer", "parameters", "count"], ...rows, ["total", "", format(countParameters(params))]];
  const [a, b, c] = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map(([l, p, n]) => `${l!.padEnd(a!)}  ${p!.padEnd(b!)}  ${n!.padStart(c!)}`).join("\n");
}

const format = (n: number): string => n.toLocaleString("en-US");
