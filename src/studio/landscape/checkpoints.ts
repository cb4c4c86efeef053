/** Checkpoints of a run that its landscape can be drawn of. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { LandscapeCheckpoint } from "../ask-api.js";

const KEPT = /^iteration-(\d{7,})\.safetensors$/;

/** In the order of their iterations: those that were kept on the way, then the best and the last. */
export async function checkpointsOf(run: string): Promise<LandscapeCheckpoint[]> {
  const names = await readdir(join(run, "checkpoints")).catch((): string[] => []);
  const kept = names
    .flatMap((name) => {
      const [, iteration] = KEPT.exec(name) ?? [];
      return iteration === undefined ? [] : [{ name: name.replace(".safetensors", ""), iteration: Number(iteration) }];
    })
    .sort((a, b) => a.iteration - b.iteration);
  const others = ["best", "last"].filter((name) => names.includes(`${name}.safetensors`));
  return [...kept, ...others.map((name) => ({ name, iteration: null }))];
}

/** The file of a checkpoint that {@link checkpointsOf} lists; null for any other name. */
export async function checkpointFile(run: string, name: string): Promise<string | null> {
  const known = (await checkpointsOf(run)).some((each) => each.name === name);
  return known ? join(run, "checkpoints", `${name}.safetensors`) : null;
}
