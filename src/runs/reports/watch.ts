/** A run's health while it trains: what is looked at, and where what is told goes: to the screen, and to the run's metrics. */
import type { TrainState } from "../../ebm/index.js";
import type { NdArray, Releasable } from "../../runtime/index.js";
import type { Evaluator } from "../../train/evaluator.js";
import { Health, type HealthState, type Warning } from "../../train/health.js";
import type { MetricTraces } from "../../train/trainer.js";
import type { TrainConfig, TrainHooks } from "../config/index.js";
import type { RunFolder } from "../folder/run-folder.js";
import type { Algorithm } from "../setup/algorithm.js";
import { DrawnClasses } from "./drawn-classes.js";

export class Watch implements Releasable {
  private readonly health: Health;
  private readonly drawn: DrawnClasses | null;

  constructor(
    config: TrainConfig,
    algorithm: Algorithm,
    evaluator: Evaluator,
    private readonly folder: RunFolder,
    private readonly onMessage: TrainHooks["onMessage"],
  ) {
    this.health = new Health(config);
    this.drawn = DrawnClasses.of(algorithm, evaluator);
  }

  async release(): Promise<void> {
    await this.drawn?.release();
  }

  get state(): HealthState {
    return this.health.state;
  }

  set state(state: HealthState) {
    this.health.state = state;
  }

  /** Whether f is sound: what is saved now is worth going back to. */
  get isFine(): boolean {
    return this.health.isFine;
  }

  /** Takes the metrics of the iterations that ended at `iteration`. No call may pass the end of a window (health.ts). */
  metrics(traces: MetricTraces, iteration: number): Promise<void> {
    return this.tell(this.health.watch(traces, iteration), iteration);
  }

  /**
   * Compares the classes of the generator's samples with those of an evaluation's data.
   * @param data mean p(y|x) over data `[K]`
   * @param last no evaluation follows
   * @returns what is logged of it
   */
  async classes(
    state: TrainState<NdArray>,
    data: Float64Array,
    names: readonly string[],
    iteration: number,
    last: boolean,
  ): Promise<Record<string, number>> {
    if (this.drawn === null) return {};
    const { count } = this.drawn;
    const { missing, warnings } = this.health.judgeClasses(await this.drawn.shares(state), data, count, names, last);
    await this.tell(warnings, iteration);
    return { sample_classes_missing: missing };
  }

  private async tell(warnings: readonly Warning[], iteration: number): Promise<void> {
    for (const { sign, text } of warnings) {
      this.onMessage(text);
      await this.folder.log({ iteration, kind: "warning", sign, text });
    }
  }
}
