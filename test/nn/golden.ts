/** Values written by PyTorch (golden/*.py): reading and comparing them. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Dict } from "../../src/nn/index.js";
import type { NdArray } from "../../src/runtime/index.js";
import { readSafetensors } from "../../src/runtime/safetensors.js";

const file = (name: string) => readFileSync(new URL(`golden/${name}`, import.meta.url));

export const readJson = <T>(name: string): T => JSON.parse(file(name).toString()) as T;

/** The tensors of one case by what they are (`vars`, `grad`, …), then by name; a lone tensor is named "". */
export type Golden = ReadonlyMap<string, ReadonlyMap<string, NdArray>>;

export function readCases(name: string): Map<string, Golden> {
  const cases = new Map<string, Map<string, Map<string, NdArray>>>();
  for (const [key, value] of readSafetensors(file(name)).tensors) {
    const [caseName, path] = key.split("|") as [string, string];
    const [kind, variable = ""] = path.split("/") as [string, string?];
    const kinds = cases.get(caseName) ?? new Map<string, Map<string, NdArray>>();
    cases.set(caseName, kinds);
    kinds.set(kind, (kinds.get(kind) ?? new Map<string, NdArray>()).set(variable, value));
  }
  return cases;
}

/** Nested records from dotted paths. */
export function nest(entries: Iterable<readonly [string, NdArray]>): Dict<NdArray> {
  type Node = { [name: string]: Node | NdArray };
  const root: Node = {};
  for (const [path, value] of entries) {
    const parts = path.split(".");
    let node = root;
    for (const part of parts.slice(0, -1)) {
      node[part] ??= {};
      node = node[part] as Node;
    }
    node[parts.at(-1)!] = value;
  }
  return root;
}

const norm = (values: Iterable<number>) => {
  let sum = 0;
  for (const v of values) sum += v * v;
  return Math.sqrt(sum);
};

/**
 * Asserts that named arrays agree with the reference: for each, ‖actual - expected‖₂ below `tolerance` times
 * ‖expected‖₂ or, where it is larger, a hundredth of the norm of all of them together. The latter is for gradients
 * that are zero in exact arithmetic (a bias before batch norm): their rounding errors are those of terms of the size
 * of the others.
 */
export function expectClose(
  actual: ReadonlyMap<string, NdArray>,
  expected: ReadonlyMap<string, NdArray>,
  tolerance = 1e-4,
): void {
  const floor = 0.01 * norm([...expected.values()].flatMap((x) => [...x.data]));
  for (const [name, reference] of expected) {
    const value = actual.get(name);
    expect(value?.shape, name).toEqual(reference.shape);
    const difference = norm(reference.data.map((v, i) => v - value!.data[i]!));
    const error = difference === 0 ? 0 : difference / Math.max(norm(reference.data), floor);
    expect(error, `relative error of "${name}"`).toBeLessThan(tolerance);
  }
}
