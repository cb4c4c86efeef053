/**
 * Checkpoints to go back to where a run diverges (`--recover`).
 *
 * f goes wrong some time before it shows, so the latest checkpoint may hold what is about to diverge. Two are kept, apart by
 * {@link MARGIN} iterations at least, both written while f was where it belongs; the run goes back to the newest that has been
 * followed by as many iterations. Which that is depends on iterations alone, however often the run was stopped and resumed.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { onFile } from "../../files/index.js";
import { filesIn, padded } from "./run-files.js";
import type { RunFolder } from "./run-folder.js";

/** Both learning rates are multiplied by this when a run goes back. */
export const RATE_FACTOR = 0.1;
const MARGIN = 100;

type Name = `good-${string}`;
const NAME = /^good-(\d+)\.safetensors$/;

export class GoodCheckpoints {
  constructor(private readonly folder: RunFolder) {}

  /** Keeps the state at this iteration by `save`, and of the others only the newest. Nothing happens so soon after that. */
  async keep(iteration: number, save: (name: Name) => Promise<void>): Promise<void> {
    const newest = (await this.iterations()).at(-1);
    if (newest !== undefined && iteration - newest < MARGIN) return;
    await save(`good-${padded(iteration)}`);
    if (newest !== undefined) await this.remove((each) => each < newest);
  }

  async isEmpty(): Promise<boolean> {
    return (await this.iterations()).length === 0;
  }

  /** The checkpoint to go back to from a divergence at this iteration; null where there is none. */
  async before(iteration: number): Promise<string | null> {
    const all = await this.iterations();
    const found = all.findLast((each) => each <= iteration - MARGIN) ?? all[0];
    return found === undefined ? null : this.folder.checkpoint(`good-${padded(found)}`);
  }

  /** Removes those of iterations that the run has not come to, or goes through anew. */
  async rewind(iteration: number): Promise<void> {
    await this.remove((each) => each > iteration);
  }

  /** In order. */
  private async iterations(): Promise<number[]> {
    const names = await filesIn(this.path);
    return names
      .flatMap((name) => NAME.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  private async remove(isGone: (iteration: number) => boolean): Promise<void> {
    for (const each of (await this.iterations()).filter(isGone)) {
      const path = this.folder.checkpoint(`good-${padded(each)}`);
      await onFile(path, () => rm(path));
    }
  }

  private get path(): string {
    return join(this.folder.path, "checkpoints");
  }
}
