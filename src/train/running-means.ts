/** Means of metrics over the iterations since they were last taken. The state goes into checkpoints. */
import type { MetricTraces } from "./trainer.js";

export type Sums = Readonly<Record<string, readonly [sum: number, count: number]>>;

/** By name; undefined for what was not measured. */
export type Means = Readonly<Partial<Record<string, number>>>;

export class RunningMeans {
  constructor(
    /** Plain JSON. */
    public state: Sums = {},
  ) {}

  add(traces: MetricTraces): void {
    for (const [name, values] of Object.entries(traces)) {
      let [sum, count] = this.state[name] ?? [0, 0];
      for (const v of values) sum += v;
      count += values.length;
      this.state = { ...this.state, [name]: [sum, count] };
    }
  }

  /** The means, by name; starts over. */
  take(): Record<string, number> {
    const means = Object.fromEntries(Object.entries(this.state).map(([name, [sum, count]]) => [name, sum / count]));
    this.state = {};
    return means;
  }
}

/** Means over one stretch of iterations. */
export function meansOf(traces: MetricTraces): Record<string, number> {
  const means = new RunningMeans();
  means.add(traces);
  return means.take();
}
