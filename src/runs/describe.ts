/** What would be trained: the networks, and the memory that it takes. */
import { modelSummary } from "../nn/index.js";
import { outline } from "../runtime/index.js";
import { shapesOnly } from "../runtime/streams.js";
import { aboutData } from "../tables/index.js";
import { countNumbers } from "../train/trainer.js";
import type { TrainConfig } from "./config/index.js";
import { algorithm } from "./setup/algorithm.js";
import { onEngineOf } from "./setup/engine.js";
import { fitAll } from "./setup/fits.js";
import { gigabytes, machineMemory } from "./setup/machine.js";
import { runMemory } from "./setup/memory.js";
import { onCard } from "./setup/placements.js";
import { iterationsOf, iterationsPerEpoch } from "./setup/setup.js";
import { loadData, trainBatches } from "./setup/source.js";

/** Tables of both networks' parameters, the data's sizes, an estimate of the memory that training takes, and what a graphics card leaves to the CPU. */
export const describe = (config: TrainConfig): Promise<string> => onEngineOf(config, () => described(config));

async function described(config: TrainConfig): Promise<string> {
  const dataset = await loadData(config);
  const classes = config.labels === "none" ? null : (dataset.classes?.length ?? null);
  const fits = await fitAll(config, dataset, {}, 0);
  const { base, classifier } = fits;
  const { step } = algorithm(config, { event: dataset.shape, classes, base, classifier });
  const state = outline(() => step.init(shapesOnly()));
  const table = "columns" in dataset ? [aboutData(dataset).join("\n")] : [];
  const parts = [...table, `model\n${modelSummary(state.energy)}`];
  if (state.generator) {
    parts.push(`generator\n${modelSummary({ params: state.generator.params.g, state: state.generator.state })}`);
  }
  if (base !== null || classifier !== null)
    parts.push(`fitted before any training: ${countNumbers(state.energy.state).toLocaleString("en")} numbers`);
  const { train, validation, test } = dataset.splits;
  const memory = runMemory(config, dataset, fits);
  const most = machineMemory();
  const iterations = iterationsOf(config, iterationsPerEpoch(dataset, trainBatches(config, dataset).batches));
  parts.push(
    `data: ${train.size} training, ${validation.size} validation, ${test.size} test examples of shape [${dataset.shape}]`,
    ...(iterations === 0 ? [] : [`iterations: ${iterations}, each of ${config.batchSize} examples`]),
    `memory of an iteration: about ${Math.ceil(memory.all / 2 ** 20)} MiB, and about 150 MiB for the program itself` +
      (memory.all > most ? `: more than the ${gigabytes(most)} of this machine` : ""),
  );
  const card = config.provider === "webgpu" ? await onCard(config, dataset, fits) : null;
  if (card !== null) parts.push(card);
  return parts.join("\n\n");
}
