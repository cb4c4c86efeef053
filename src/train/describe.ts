/** What would be trained: the networks, and the memory that an iteration takes. */
import type { Batch, Rates, TrainState } from "../ebm/index.js";
import { input, isTensor, leaves, mapTree, type Tensor } from "../graph/index.js";
import { type Dict, modelSummary, type Variables } from "../nn/index.js";
import { full, integers, isArray, type NdArray, zeros } from "../runtime/index.js";
import { peakMemory } from "../runtime/memory.js";
import { shapesOnly } from "../runtime/streams.js";
import { type Algorithm, algorithm } from "./algorithm.js";
import type { TrainConfig } from "./config/index.js";
import { useEngine } from "./engine.js";
import { fitAll } from "./fits.js";
import { loadData } from "./source.js";
import { countNumbers } from "./trainer.js";

/** Tables of both networks' parameters, the data's sizes, and an estimate of an iteration's memory. */
export async function describe(config: TrainConfig): Promise<string> {
  useEngine(config);
  const dataset = await loadData(config);
  const classes = config.labels === "none" ? null : (dataset.classes?.length ?? null);
  const { base, classifier } = await fitAll(config, dataset, {}, 0);
  const { step } = algorithm(config, { event: dataset.shape, classes, base, classifier });
  const state = step.init(shapesOnly()) as unknown as {
    energy: Variables<NdArray>;
    generator?: { params: { g: Variables<NdArray>["params"] }; state: Variables<NdArray>["state"] };
  };
  const parts = [`model\n${modelSummary(state.energy)}`];
  if (state.generator) {
    parts.push(`generator\n${modelSummary({ params: state.generator.params.g, state: state.generator.state })}`);
  }
  if (base !== null || classifier !== null)
    parts.push(`fitted before any training: ${countNumbers(state.energy.state).toLocaleString("en")} numbers`);
  const { train, validation, test } = dataset.splits;
  const peak = iterationMemory(step, state as never, config, dataset.shape);
  parts.push(
    `data: ${train.size} training, ${validation.size} validation, ${test.size} test examples of shape [${dataset.shape}]`,
    `memory of an iteration: about ${(peak / 2 ** 20).toFixed(0)} MiB, and about 150 MiB for the program itself`,
  );
  return parts.join("\n\n");
}

/** Peak memory of the training step's graph, in bytes. */
function iterationMemory(
  step: Algorithm["step"],
  state: Dict<NdArray>,
  config: TrainConfig,
  event: readonly number[],
): number {
  const { batchSize, labels, mode } = config;
  const x = zeros([batchSize, ...event]);
  const y = integers(new Int32Array(batchSize));
  const batch = {
    x,
    ...(labels === "all" && { y }),
    ...(labels === "few" && { labeled: { x, y } }),
    ...(mode === "jem-baseline" && { start: x }),
  };
  const symbolic = <T>(tree: unknown): T =>
    mapTree<unknown, NdArray, Tensor>(tree, isArray, ({ shape, dtype }, path) => input(path, { shape, dtype })) as T;
  const [next, output] = step.run(
    symbolic<TrainState<Tensor>>(state),
    symbolic<Batch<Tensor>>(batch),
    symbolic<Dict<Tensor>>(step.noise(batchSize, shapesOnly())),
    symbolic<Rates<Tensor>>({ energy: full([], 0), generator: full([], 0) }),
    { energy: true, generator: true },
  );
  return peakMemory(leaves([next, output], isTensor).map(([, t]) => t));
}
