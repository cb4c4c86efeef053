/** A table of two kinds of flowers, and a model of it. */
import { writeFile } from "node:fs/promises";
import { resolveConfig, train } from "../../src/runs/index.js";
import { Rng } from "../../src/runtime/index.js";

export const HEADER = "length,width,colour,id,kind";

/** Two blobs of flowers, one a little redder, and a column that does not matter: numbers from `first` on. */
export function flowers(n: number, seed: number, shift = 0, first = 0): string[] {
  const rng = new Rng(seed);
  return Array.from({ length: n }, (_, i) => {
    const kind = i % 2;
    const numbers = [kind * 3 + rng.gaussian() + shift, -kind * 2 + rng.gaussian() + shift].map((v) => v.toFixed(4));
    return [...numbers, ["white", "red", "red"][rng.below(2) + kind], first + i, kind ? "rose" : "lily"].join(",");
  });
}

/** Trains on a file that it writes. */
export async function trainOnFlowers(csv: string, saveDir: string): Promise<void> {
  await writeFile(csv, [HEADER, ...flowers(400, 1)].join("\n"));
  const flags = {
    csv,
    label: "kind",
    ignore: ["id"],
    jem: true,
    energyDiscrepancy: true, // no generator to wait for
    nIters: 25,
    lr: 2e-4, // few iterations, but calm ones
    batchSize: 50,
    evalEvery: 0,
    ckptEvery: 0,
    plots: false,
    threads: 1,
    saveDir,
  };
  await train(resolveConfig({ flags }), {
    onProgress: () => {},
    onMessage: () => {},
    signal: new AbortController().signal,
  });
}
