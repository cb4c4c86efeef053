/** Folders that look as runs look, without any training: for tests of the studio. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { resolveConfig } from "../../src/runs/config/index.js";

export interface SyntheticRun {
  readonly name: string;
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly lines?: readonly Readonly<Record<string, unknown>>[];
  readonly log?: readonly Readonly<Record<string, unknown>>[];
}

export async function writeRun(
  root: string,
  { name, flags = {}, lines = [], log = [] }: SyntheticRun,
): Promise<string> {
  const folder = join(root, name);
  const config = resolveConfig({ flags: { dataset: "moons", nIters: 1000, ...flags } });
  const data = { name: config.dataName, fingerprint: "0", shape: [2], classes: null, preprocessing: { kind: "none" } };
  await mkdir(join(folder, "checkpoints"), { recursive: true });
  await writeFile(join(folder, "config.json"), JSON.stringify({ ...config, run: { vera: "0.1.0", data } }));
  await writeFile(join(folder, "metrics.jsonl"), jsonLines(lines));
  if (log.length > 0) await writeFile(join(folder, "log.jsonl"), jsonLines(log));
  return folder;
}

export const jsonLines = (lines: readonly object[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join("");

export interface Many {
  readonly runs: number;
  readonly metrics: number;
  /** Lines of metrics of each. */
  readonly lines: number;
}

/** Runs that differ in learning rate and seed, with curves that fall and wobble. */
export async function writeManyRuns(root: string, { runs, metrics, lines }: Many): Promise<void> {
  const names = Array.from({ length: metrics }, (_, m) => `metric_${m}`);
  for (let r = 0; r < runs; r++) {
    const lr = 10 ** -(2 + (r % 3));
    await writeRun(root, {
      name: `sweep/lr-${lr}-seed-${Math.floor(r / 3)}`,
      flags: { lr, seed: Math.floor(r / 3), nIters: lines * 10 },
      lines: Array.from({ length: lines }, (_, i) => ({
        iteration: 10 * (i + 1),
        kind: i === lines - 1 && r % 5 !== 0 ? "test" : "train",
        epoch: 0,
        ...Object.fromEntries(
          names.map((name, m) => [
            name,
            Number((lr * m + Math.exp(-i / 20) + 0.1 * Math.sin(i * (m + 1) + r)).toPrecision(7)),
          ]),
        ),
      })),
    });
  }
}
