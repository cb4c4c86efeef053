/** Small runs of each kind, trained in a second or two: a table, digits, a density in the plane. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveConfig, train } from "../../src/runs/index.js";
import { Rng } from "../../src/runtime/index.js";

const HEADER = "length,width,colour,kind";

/** Two kinds of flowers, one a little redder. */
export function flowers(n: number, seed: number): string {
  const rng = new Rng(seed);
  const rows = Array.from({ length: n }, (_, i) => {
    const kind = i % 2;
    const numbers = [kind * 3 + rng.gaussian(), -kind * 2 + rng.gaussian()].map((v) => v.toFixed(3));
    return [...numbers, ["white", "red", "red"][rng.below(2) + kind], kind ? "rose" : "lily"].join(",");
  });
  return `${[HEADER, ...rows].join("\n")}\n`;
}

const COMMON = { evalEvery: 0, ckptEvery: 0, printEvery: 0, vizEvery: 0, plots: false, threads: 1 } as const;

export async function trainRun(flags: Readonly<Record<string, unknown>>, preset?: string): Promise<void> {
  await train(resolveConfig({ flags: { ...COMMON, ...flags }, ...(preset !== undefined && { preset }) }), {
    onProgress: () => {},
    onMessage: () => {},
    signal: new AbortController().signal,
  });
}

/** @returns its folder */
export async function tableRun(folder: string): Promise<string> {
  const csv = join(folder, "flowers.csv");
  const saveDir = join(folder, "flowers");
  await writeFile(csv, flowers(160, 1));
  await trainRun({ csv, label: "kind", jem: true, saveDir });
  return saveDir;
}

/** Of digits, with a generator. @returns its folder */
export async function digitsRun(folder: string, nIters = 60): Promise<string> {
  const saveDir = join(folder, "digits");
  await trainRun({ nIters, saveDir }, "quickstart");
  return saveDir;
}

/** Of a density in the plane, with checkpoints on the way. @returns its folder */
export async function planeRun(folder: string, nIters = 60): Promise<string> {
  const saveDir = join(folder, "rings");
  await trainRun({ nIters, saveDir, hDim: 32, saveEvery: nIters / 2, batchSize: 100, densityDraws: 100 }, "toy-rings");
  return saveDir;
}
