/**
 * One row of steps.ts in vera, for as long as asked: `tsx steps_child.ts ROW THREADS SECONDS [PROVIDER [SCAN [cheap]]]`. Prints its times,
 * peak memory and parameter counts as JSON. It is the trainer of `vera train` on random data: batches, noise, step and state. `cheap`: with
 * the linear estimator in the place of 20 posterior samples, and the gradient penalty of a quarter of the batch.
 */
import { FloatSplit, ShuffledBatches } from "../src/data/index.js";
import {
  generator,
  laplaceEstimator,
  networkEnergy,
  type TrainingStep,
  variationalEstimator,
  veraStep,
} from "../src/ebm/index.js";
import { sizeOf } from "../src/graph/index.js";
import * as nn from "../src/nn/index.js";
import { type NodeProvider, nodeEngine } from "../src/runtime/engine-node.js";
import { Rng, setDefaultEngine } from "../src/runtime/index.js";
import { countNumbers, Trainer } from "../src/train/trainer.js";
import { type Report, ROWS, type Row } from "./steps_rows.js";

/** Iterations of which the losses are reported. */
const REPORTED = 20;

function networks(name: string, { event, classes, noise, widen = 2 }: Row): { energy: nn.Module; decoder: nn.Module } {
  const outputs = classes || 1;
  const dataDim = sizeOf(event);
  switch (name) {
    case "toy":
      return { energy: nn.toyEbm({ hidden: 100 }), decoder: nn.toyGenerator({ noiseDim: noise, hidden: 100 }) };
    case "mnist":
    case "human": {
      const [weightNorm, output] = name === "mnist" ? ([true, "tanh"] as const) : ([false, "none"] as const);
      return {
        energy: nn.largeMlpEbm({ dataDim, outputs, weightNorm }),
        decoder: nn.largeMlpGenerator({ noiseDim: noise, dataDim, output }),
      };
    }
    case "dcgan":
      return { energy: nn.dcganDiscriminator({ outputs }), decoder: nn.dcganGenerator({ noiseDim: noise }) };
    default:
      return {
        energy: nn.wideResNet({ depth: 28, widenFactor: widen, outputs }),
        decoder: nn.resNetGenerator({ noiseDim: noise, features: 128 }),
      };
  }
}

export function rowStep(name: string, row: Row, cheap = false): TrainingStep {
  const { energy, decoder } = networks(name, row);
  const optimizer = nn.adam({ beta1: 0, beta2: 0.9 });
  const step = veraStep({
    model: networkEnergy(energy, row.classes || null),
    generator: generator(decoder, row.noise, row.event),
    estimator: cheap ? laplaceEstimator() : variationalEstimator({ noiseDim: row.noise }),
    optimizers: { energy: optimizer, generator: optimizer },
    weights: { pgControl: row.pgControl, pgShare: cheap ? 0.25 : 1, clf: row.classes && 1 },
    entropyWeight: row.entropyWeight,
  });
  return step as unknown as TrainingStep;
}

/** A few batches of random examples with random classes. */
function randomData(row: Row): FloatSplit {
  const count = 4 * row.batch;
  const rng = new Rng(1);
  const x = rng.uniform([count, ...row.event], -1, 1).data as Float32Array;
  const y = row.classes ? Int32Array.from({ length: count }, () => rng.below(row.classes)) : null;
  return new FloatSplit(x, row.event, Int32Array.from(x.subarray(0, count).keys()), y);
}

async function measure(
  name: string,
  threads: number,
  seconds: number,
  provider: NodeProvider,
  asked: number | undefined,
  cheap: boolean,
): Promise<Report> {
  const row = ROWS[name]!;
  setDefaultEngine(nodeEngine({ threads, provider }));
  const step = rowStep(name, row, cheap);
  const parts = step.init(new Rng(0));
  const { energy, generator, posterior } = parts;
  // η counts where it is learned; the linear estimator has none.
  const eta = cheap ? row.noise : countNumbers(posterior?.params ?? {});
  const parameters = countNumbers([energy.params, generator?.params ?? {}]) + eta;
  // As `vera train` chooses by itself.
  const scan = asked ?? (provider === "webgpu" ? 25 : countNumbers(parts) <= 300_000 ? 10 : 1);
  const trainer = new Trainer({
    step,
    batches: new ShuffledBatches(randomData(row), { batchSize: row.batch, seed: 2 }),
    supervised: row.classes > 0,
    rates: { energy: row.lr, generator: row.lr },
    scan,
  });
  const losses: [number, number][] = [];
  const advance = async () => {
    const start = performance.now();
    const { loss_energy, loss_generator } = await trainer.advance(scan);
    const ms = performance.now() - start;
    for (const [i, loss] of loss_energy!.entries())
      if (losses.length < REPORTED) losses.push([loss, loss_generator![i]!]);
    if (![...loss_energy!, ...loss_generator!].every(Number.isFinite)) throw new Error(`${name}: a loss is not finite`);
    return ms;
  };
  const first = await advance();
  await advance();
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (times.length < 5 || (performance.now() < end && times.length < 500)) times.push((await advance()) / scan);
  const stateBytes = 4 * countNumbers(parts);
  const peakMb = process.resourceUsage().maxRSS / 1024;
  return { times, peakMb, parameters, engine: `ONNX Runtime, ${provider}`, first, scan, stateBytes, losses };
}

const [name, threads, seconds, provider = "cpu", scan, how] = process.argv.slice(2);
if (import.meta.url === `file://${process.argv[1]}`) {
  const asked = scan === undefined || scan === "" ? undefined : Number(scan);
  console.log(
    JSON.stringify(
      await measure(name!, Number(threads), Number(seconds), provider as NodeProvider, asked, how === "cheap"),
    ),
  );
}
