/** Progress of work in stages: one moving line on a terminal, a plain line now and then elsewhere. */
import type { Output } from "./command.js";
import { formatDuration } from "./progress.js";

/** A terminal's line moves this often at most, others get a line this often, in milliseconds. */
const REDRAW = 100;
const LINE = 10_000;

export class StageDisplay {
  private stage = "";
  private begun = 0;
  private shownAt = 0;
  private drawn = false;

  constructor(
    private readonly output: Output,
    private readonly now: () => number = Date.now,
  ) {}

  /** @param total null where it is not known before the end. */
  update(stage: string, done: number, total: number | null): void {
    const time = this.now();
    if (stage !== this.stage) [this.stage, this.begun, this.shownAt] = [stage, time, this.output.isTTY ? 0 : time];
    if (time - this.shownAt < (this.output.isTTY ? REDRAW : LINE)) return;
    this.shownAt = time;
    const rate = (1000 * done) / (time - this.begun);
    const left =
      total === null || !(rate > 0) || !Number.isFinite(rate) ? "" : `  ${formatDuration((total - done) / rate)} left`;
    const text = `${stage}  ${done}${total === null ? "" : `/${total}`}${left}`;
    if (!this.output.isTTY) this.output.write(`${text}\n`);
    else {
      this.output.write(`\r${text.slice(0, (this.output.columns || 80) - 1)}\x1b[K`);
      this.drawn = true;
    }
  }

  /** Takes the moving line away, so that results can be written. */
  clear(): void {
    if (this.drawn) this.output.write("\r\x1b[K");
    this.drawn = false;
  }
}
