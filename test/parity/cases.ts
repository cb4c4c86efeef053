/** The cases of cases.json, from what was recorded of them to this project's configuration and step. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readArgs } from "../../src/interchange/index.js";
import { defaults } from "../../src/runs/config/options.js";
import { algorithm, resolveConfig, type TrainConfig } from "../../src/runs/index.js";
import { Rng } from "../../src/runtime/index.js";
import { type Computed, iterate, type Recorded, withWeights } from "./step.js";

/** Networks whose graphs take longest to load: for the slow suite. */
export const LARGE: readonly string[] = ["nice", "resnet", "wide-resnet", "wide-resnet-bn"];

export const readGzip = <T>(path: string | URL): T => JSON.parse(gunzipSync(readFileSync(path)).toString()) as T;

export const GOLDEN = new URL("golden/steps.json.gz", import.meta.url);

export const recordedCases = (path: string | URL = GOLDEN) => readGzip<Record<string, Recorded>>(path);

/** The options that the arguments of a run are here. */
export async function flagsOf({ args }: Pick<Recorded, "args">): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), "vera-args-"));
  try {
    const file = join(folder, "args.txt");
    await writeFile(file, JSON.stringify(args));
    return await readArgs(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const stepOf = (config: TrainConfig) =>
  algorithm(config, { event: config.shape!, classes: config.labels === "none" ? null : config.classes }).step;

/** The recorded iterations, computed here from the same weights. */
export async function compute(name: string, recorded: Recorded, more: Record<string, unknown> = {}): Promise<Computed> {
  const file = { ...defaults(), posteriorBatchNorm: "sample", ...more };
  const config = resolveConfig({ file, flags: await flagsOf(recorded) });
  const step = stepOf(config);
  return iterate(step, config, withWeights(step.init(new Rng(0))), recorded, name);
}
