/** Progress of a run: a bar with rate and time left on a terminal, plain lines elsewhere. */
import type { TrainProgress } from "../runs/config/index.js";
import type { Output } from "./command.js";

export interface ProgressOptions {
  /** Plain lines: one every this many iterations, 0 for none. A terminal's bar moves as often as it can be read. */
  readonly interval: number;
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

/** The bar moves this often at most, in milliseconds. */
const REDRAW = 100;
/** The rate is that of this many milliseconds past. */
const WINDOW = 15_000;
const BAR = 20;

export class ProgressDisplay {
  private readonly recent: { time: number; iteration: number }[] = [];
  private metrics: Readonly<Record<string, number>> = {};
  private drawnAt = Number.NEGATIVE_INFINITY;
  /** What stands in the last line of the terminal. */
  private bar = "";
  private last: TrainProgress | null = null;

  constructor(
    private readonly output: Output,
    private readonly options: ProgressOptions,
  ) {}

  update(progress: TrainProgress): void {
    const { iteration, iterations, metrics } = progress;
    const time = (this.options.now ?? Date.now)();
    this.recent.push({ time, iteration });
    while (this.recent.length > 2 && this.recent[1]!.time < time - WINDOW) this.recent.shift();
    this.metrics = { ...this.metrics, ...metrics };
    const before = this.last?.iteration ?? iteration - 1;
    this.last = progress;
    const { interval } = this.options;
    if (this.output.isTTY) {
      if (time - this.drawnAt >= REDRAW || iteration === iterations) this.draw(time);
    } else if (
      interval > 0 &&
      (Math.floor(iteration / interval) > Math.floor(before / interval) || iteration === iterations)
    )
      this.output.write(`${this.text()}\n`);
  }

  /** A line of its own, above the bar. */
  message(text: string): void {
    if (this.bar === "") this.output.write(`${text}\n`);
    else this.output.write(`\r\x1b[K${text}\n${this.bar}`);
  }

  /** Leaves the bar as it stands at the end. */
  end(): void {
    if (this.bar === "") return;
    this.draw((this.options.now ?? Date.now)());
    this.output.write("\n");
    this.bar = "";
  }

  private draw(time: number): void {
    this.drawnAt = time;
    const { iteration, iterations } = this.last!;
    const done = Math.round((BAR * iteration) / iterations);
    const text = `${"━".repeat(done)}${"─".repeat(BAR - done)} ${this.text()}`;
    this.bar = text.slice(0, (this.output.columns || 80) - 1); // some terminals say 0
    this.output.write(`\r${this.bar}\x1b[K`);
  }

  private text(): string {
    const { iteration, iterations, epoch } = this.last!;
    const rate = this.rate();
    const count = `${iteration}/${iterations}`.padStart(2 * String(iterations).length + 1);
    const speed = rate === null ? [] : [formatRate(rate)];
    const left =
      rate === null || iteration === iterations ? [] : [`${formatDuration((iterations - iteration) / rate)} left`];
    const metrics = Object.entries(this.metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`);
    return [count, ...speed, ...left, `epoch ${epoch}`, ...metrics].join("  ");
  }

  /** Iterations per second, or null before it can be told. */
  private rate(): number | null {
    const [from, to] = [this.recent[0]!, this.recent.at(-1)!];
    const rate = (1000 * (to.iteration - from.iteration)) / (to.time - from.time);
    return Number.isFinite(rate) && rate > 0 ? rate : null;
  }
}

export const formatRate = (perSecond: number): string =>
  perSecond < 1 ? `${(1 / perSecond).toPrecision(2)} s/it` : `${Number(perSecond.toPrecision(3))} it/s`;

/** `42s`, `3:07`, `2:03:07`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h === 0 ? `${m}:${two(s)}` : `${h}:${two(m)}:${two(s)}`;
}
