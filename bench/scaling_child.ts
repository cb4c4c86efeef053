/**
 * One process of scaling.ts, alone or as a rank under mpirun: `tsx scaling_child.ts ROW NORM ITERATIONS THREADS`. The trainer of
 * `vera train` on random data, as many rows for each rank; the first rank prints what it measured as JSON.
 */
import { joinJob } from "../src/cluster/mpi.js";
import { FloatSplit, ShuffledBatches } from "../src/data/index.js";
import { resolveConfig, type TrainConfig } from "../src/runs/index.js";
import { algorithm } from "../src/runs/setup/algorithm.js";
import { onEngineOf } from "../src/runs/setup/engine.js";
import { type Ranks, Rng } from "../src/runtime/index.js";
import { Trainer } from "../src/train/trainer.js";
import { type Measured, type Norm, ROWS } from "./scaling_rows.js";

/** Iterations before it is measured: in the first, models are built and memory is first touched. */
const WARM_UP = 2;

/** A few batches of noise, with random classes. */
function randomData(event: readonly number[], classes: number, count: number): FloatSplit {
  const rng = new Rng(1);
  const x = rng.uniform([count, ...event], -1, 1).data as Float32Array;
  const y = classes > 0 ? Int32Array.from({ length: count }, () => rng.below(classes)) : null;
  return new FloatSplit(
    x,
    event,
    Int32Array.from({ length: count }, (_, i) => i),
    y,
  );
}

/** Counts what is exchanged, and the time until it is there. */
class Counted implements Ranks {
  exchanges = 0;
  bytes = 0;
  milliseconds = 0;

  constructor(private readonly own: Ranks) {}

  get rank(): number {
    return this.own.rank;
  }
  get size(): number {
    return this.own.size;
  }
  broadcast(bytes: Uint8Array | null): Uint8Array {
    return this.own.broadcast(bytes);
  }
  async allMean(values: Float32Array): Promise<void> {
    const start = performance.now();
    await this.own.allMean(values);
    this.milliseconds += performance.now() - start;
    this.exchanges++;
    this.bytes += values.byteLength;
  }
  reset(): void {
    this.exchanges = this.bytes = this.milliseconds = 0;
  }
}

async function measure(config: TrainConfig, norm: Norm, iterations: number, job: Ranks | null): Promise<Measured> {
  const { batchSize, labels, lr, glr } = config;
  const [event, classes] = [config.shape!, labels === "none" ? 0 : (config.classes ?? 0)];
  const batch = batchSize * (job?.size ?? 1);
  const ranks = job === null ? null : new Counted(job);
  const task = { event, classes: classes === 0 ? null : classes };
  const trainer = new Trainer({
    step: algorithm(config, task, ranks !== null).step,
    batches: new ShuffledBatches(randomData(event, classes, 2 * batch), { batchSize: batch, seed: 2 }),
    supervised: classes > 0,
    rates: { energy: lr, generator: glr },
    average: config.ema,
    ranks,
    syncBatchNorm: norm === "synchronised",
  });
  await trainer.advance(WARM_UP);
  ranks?.reset();
  const start = performance.now();
  const traces = await trainer.advance(iterations);
  const milliseconds = performance.now() - start;
  for (const [name, values] of Object.entries(traces))
    if (!values.every(Number.isFinite)) throw new Error(`${name} is not finite`);
  const each = (total: number | undefined) => (total ?? 0) / iterations;
  return {
    milliseconds: each(milliseconds),
    waited: each(ranks?.milliseconds),
    exchanges: each(ranks?.exchanges),
    bytes: each(ranks?.bytes),
  };
}

const [row, norm, iterations, threads] = process.argv.slice(2);
const job = await joinJob(process.env);
try {
  const config = resolveConfig({
    ...ROWS[row!]!.settings,
    flags: { ...ROWS[row!]!.settings.flags, threads: Number(threads) },
  });
  const measured = await onEngineOf(config, () => measure(config, norm as Norm, Number(iterations), job));
  if (job === null || job.rank === 0) console.log(JSON.stringify(measured));
  job?.finalize();
} catch (error) {
  console.error(error);
  job?.abort(1);
  process.exitCode = 1;
}
