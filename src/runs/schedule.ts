/** When something is due in a run. */
import { WINDOW } from "../train/health.js";
import type { TrainConfig } from "./config/index.js";

/** Milliseconds that a run may go unsaved, however slow its iterations: no more is lost by whatever kills it. */
export const UNSAVED = 600_000;

type Intervals = Pick<TrainConfig, "printEvery" | "evalEvery" | "vizEvery" | "ckptEvery" | "saveEvery">;

export class Schedule {
  private savedAt = Date.now();

  /** @param scan iterations in one call of the engine, at most */
  constructor(
    private readonly intervals: Intervals,
    private readonly iterations: number,
    private readonly scan: number,
  ) {}

  /** Iterations until something is due, or one call of the engine is done. */
  stride(at: number, until: number): number {
    const { printEvery, evalEvery, vizEvery, ckptEvery, saveEvery } = this.intervals;
    const ends = [printEvery, evalEvery, vizEvery, ckptEvery, saveEvery, this.scan, WINDOW]
      .filter((n) => n > 0)
      .map((n) => n - (at % n));
    return Math.min(...ends, until - at);
  }

  /** What is done at multiples of `every` (0: never) and at the end. */
  isDue(every: number, at: number): boolean {
    return (every > 0 && at % every === 0) || at === this.iterations;
  }

  /** The run has long gone unsaved; never where --ckpt-every is 0, which wants no checkpoints. */
  get isUnsaved(): boolean {
    return this.intervals.ckptEvery > 0 && Date.now() - this.savedAt >= UNSAVED;
  }

  saved(): void {
    this.savedAt = Date.now();
  }
}
