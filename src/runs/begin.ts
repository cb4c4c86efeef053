/** How a run begins that has no checkpoint yet. */
import type { FitHooks } from "../ebm/index.js";
import { ConfigError, type TrainConfig, type TrainHooks } from "./config/index.js";
import type { MetricsLine } from "./folder/metrics-file.js";
import { runIn } from "./folder/run-files.js";
import type { RunFolder } from "./folder/run-folder.js";
import { isTableClassifier } from "./setup/classifier.js";

/**
 * A run that was killed before its first checkpoint is resumed from its beginning.
 * @throws ConfigError where it must have had a checkpoint: one that is lost is not to be mistaken for none
 */
export async function startAgain(
  config: TrainConfig,
  folder: RunFolder,
  { onMessage }: TrainHooks,
  checkpoint: string,
): Promise<void> {
  if ((await runIn(folder.path))?.imported)
    throw new ConfigError(`--resume: ${folder.path} lacks what was imported: import it again, with --overwrite`);
  const lines = await folder.metrics();
  const first = isTableClassifier(config) ? Number.POSITIVE_INFINITY : config.ckptEvery; // a fit has one, at its end
  const had = ({ kind, iteration }: MetricsLine) => kind === "test" || (first > 0 && iteration > first);
  if (lines.some(had))
    throw new ConfigError(
      `--resume: the run's checkpoint ${checkpoint} is not there: restore it, or start again with --overwrite`,
    );
  onMessage(`stopped before its first checkpoint, the run starts from its beginning`);
}

/** Progress of a fit, as that of training. */
export const fitHooks = (
  { printEvery }: TrainConfig,
  { onProgress, signal }: TrainHooks,
  folder: RunFolder,
): FitHooks => ({
  signal,
  async onProgress({ step: iteration, steps: iterations, epoch, loss, heldOut }) {
    onProgress({ iteration, iterations, epoch, metrics: { loss_classification: loss } });
    if (printEvery > 0 && iteration % printEvery === 0)
      await folder.log({ iteration, kind: "train", epoch, loss_classification: loss });
    if (heldOut !== null) await folder.log({ iteration, kind: "validation", nll: heldOut });
  },
});
