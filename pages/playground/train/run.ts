/** A run of one method in this worker: trains, shows, takes an iteration apart. */
import { type NdArray, train } from "../../../src/web.js";
import { type Explainer, explainer } from "../parts/explain.js";
import type { Method, Settings } from "../settings/settings.js";
import { methodOf } from "./methods.js";
import { densityModel } from "./networks.js";
import type { Frame, Parts } from "./protocol.js";
import { sourceOf } from "./source.js";
import { View } from "./view.js";
import { WatchedBatches, watchedStep } from "./watched.js";

/** Of the weights: what is shown is their average over the last hundred iterations or so. */
const AVERAGE = 0.99;
/** Iterations of one call of the engine. */
const SCAN = 10;
/** Points of the data that are shown. */
const SHOWN = 800;

export async function beginRun(method: Method, settings: Settings): Promise<Run> {
  const source = sourceOf(settings);
  const model = await densityModel(settings, source);
  const own = methodOf(method, model, settings);
  const { rate: energy, generatorRate: generator, seed } = settings.numbers;
  const watched = watchedStep(own.step);
  const batches = new WatchedBatches(source.batches);
  const trainer = new train.Trainer({
    step: watched.step,
    batches,
    rates: { energy, generator },
    seed,
    average: AVERAGE,
    scan: SCAN,
    chains: own.chains,
  });
  const view = new View(model, own, source.test, seed);
  const parts = explainer(method, model, own, settings);
  return new Run({ trainer, view, parts, batches, noise: watched.noise, chains: own.chains, shown: source.rows });
}

interface Pieces {
  readonly trainer: train.Trainer;
  readonly view: View;
  readonly parts: Explainer;
  readonly batches: WatchedBatches;
  readonly noise: ReturnType<typeof watchedStep>["noise"];
  readonly chains: ReturnType<typeof methodOf>["chains"];
  readonly shown: NdArray;
}

export class Run {
  /** Milliseconds of an iteration, averaged over the last. */
  private pace = 0;

  constructor(private readonly pieces: Pieces) {}

  get data(): Float32Array {
    return Float32Array.from(this.pieces.shown.data.subarray(0, 2 * SHOWN));
  }

  frame(): Promise<Frame> {
    const { trainer, view } = this.pieces;
    return view.frame(trainer.averagedState, trainer.iteration, this.pace);
  }

  /** Trains for about so long. @throws DivergenceError where a loss is no number any more */
  async advance(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    do {
      const start = performance.now();
      const traces = await this.pieces.trainer.advance(SCAN);
      refuseNaN(traces, this.pieces.trainer.iteration);
      const spent = (performance.now() - start) / SCAN;
      this.pace = this.pace === 0 ? spent : 0.8 * this.pace + 0.2 * spent;
    } while (performance.now() < until);
  }

  /** One iteration, taken apart. */
  async step(): Promise<Parts> {
    const { trainer, view, parts, batches, noise, chains } = this.pieces;
    const before = trainer.state;
    refuseNaN(await trainer.advance(1), trainer.iteration);
    const after = trainer.state;
    const done = { before, after, x: batches.x, noise: noise(), started: chains?.started ?? null };
    const [draw, weigh, move] = await parts.explain(done);
    const variables = ({ energy: { params, state } }: typeof before) => ({ params, state });
    const [from, to] = [await view.density(variables(before)), await view.density(variables(after))];
    const change = to.logDensity.map((v, i) => v - from.logDensity[i]!);
    return { iteration: trainer.iteration, phases: [draw, weigh, { ...move, change }] };
  }

  async release(): Promise<void> {
    await this.pieces.trainer.release();
    await this.pieces.view.programs.release();
    await this.pieces.parts.release();
  }
}

function refuseNaN(traces: train.MetricTraces, iteration: number): void {
  for (const values of Object.values(traces))
    if (!values.every(Number.isFinite))
      throw new RangeError(`Diverged before iteration ${iteration}: try a smaller learning rate, or begin anew.`);
}
