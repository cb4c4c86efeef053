/** A few iterations of each architecture's training step, at sizes that a graphics card in software can do. */
import { data, type Engine, ebm, nn, Rng, setDefaultEngine, train } from "../../src/portable.js";

const BATCH = 4;
const NOISE = 3;
const ITERATIONS = 3;

interface Case {
  readonly event: readonly number[];
  readonly classes: number | null;
  readonly energy: nn.Module;
  readonly decoder: nn.Module;
}

const CASES = {
  toy: {
    event: [2],
    classes: null,
    energy: nn.toyEbm({ hidden: 8 }),
    decoder: nn.toyGenerator({ noiseDim: NOISE, hidden: 8 }),
  },
  "MLP of a table, JEM": {
    event: [5],
    classes: 3,
    energy: nn.largeMlpEbm({ dataDim: 5, outputs: 3, hidden: [8, 8] }),
    decoder: nn.largeMlpGenerator({ noiseDim: NOISE, dataDim: 5, output: "none", hidden: 8 }),
  },
  "MLP of pictures": {
    event: [1, 4, 4],
    classes: null,
    energy: nn.largeMlpEbm({ dataDim: 16, outputs: 1, hidden: [8, 8], weightNorm: true }),
    decoder: nn.largeMlpGenerator({ noiseDim: NOISE, dataDim: 16, output: "tanh", hidden: 8 }),
  },
  DCGAN: {
    event: [3, 32, 32],
    classes: null,
    energy: nn.dcganDiscriminator({ outputs: 1, width: 2 }),
    decoder: nn.dcganGenerator({ noiseDim: NOISE, width: 2 }),
  },
  ResNet: {
    event: [3, 32, 32],
    classes: null,
    energy: nn.resNetDiscriminator({ features: 2, outputs: 1 }),
    decoder: nn.resNetGenerator({ noiseDim: NOISE, features: 2 }),
  },
  "Wide ResNet, JEM": {
    event: [3, 32, 32],
    classes: 3,
    energy: nn.wideResNet({ depth: 10, widenFactor: 1, width: 2, outputs: 3 }),
    decoder: nn.dcganGenerator({ noiseDim: NOISE, width: 2 }),
  },
} as const satisfies Readonly<Record<string, Case>>;

export type Architecture = keyof typeof CASES;
export const ARCHITECTURES = Object.keys(CASES) as Architecture[];

function stepOf({ event, classes, energy, decoder }: Case): ebm.TrainingStep {
  const adam = nn.adam({ beta1: 0, beta2: 0.9 });
  return ebm.veraStep({
    model: ebm.networkEnergy(energy, classes),
    generator: ebm.generator(decoder, NOISE, event),
    estimator: ebm.variationalEstimator({ noiseDim: NOISE, samples: 2 }),
    optimizers: { energy: adam, generator: adam },
    weights: { pgControl: 0.1, clf: classes === null ? 0 : 1 },
  });
}

/** Metrics of the first iterations by name. Everything random is drawn on the host, so every engine sees the same numbers. */
export async function trainArchitecture(name: Architecture, engine: Engine): Promise<Record<string, number[]>> {
  setDefaultEngine(engine);
  const { event, classes } = CASES[name];
  const rng = new Rng(1);
  const rows = 3 * BATCH;
  const x = rng.uniform([rows, ...event], -1, 1).data as Float32Array;
  const y = classes === null ? null : Int32Array.from({ length: rows }, () => rng.below(classes));
  const split = new data.FloatSplit(
    x,
    event,
    Int32Array.from({ length: rows }, (_, i) => i),
    y,
  );
  const trainer = new train.Trainer({
    step: stepOf(CASES[name]),
    batches: new data.ShuffledBatches(split, { batchSize: BATCH, seed: 2 }),
    supervised: y !== null,
    rates: { energy: 1e-4, generator: 1e-4 },
    scan: ITERATIONS,
  });
  const metrics = await trainer.advance(ITERATIONS);
  await trainer.release();
  return Object.fromEntries(Object.entries(metrics).map(([metric, values]) => [metric, [...values]]));
}

/** ‖a - b‖ / ‖b‖ of a metric; the largest of them. */
export function largestDifference(a: Record<string, number[]>, b: Record<string, number[]>): [string, number] {
  const norm = (x: readonly number[]) => Math.hypot(...x);
  return Object.keys(b)
    .map((name): [string, number] => {
      const difference = norm(b[name]!.map((x, i) => x - (a[name]?.[i] ?? Number.NaN)));
      return [name, difference === 0 ? 0 : difference / norm(b[name]!)];
    })
    .reduce((p, q) => (q[1] > p[1] || Number.isNaN(q[1]) ? q : p));
}
