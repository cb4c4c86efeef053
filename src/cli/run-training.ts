/** A training run seen from the terminal: progress, interruption, how to go on. */

import { quoted } from "../files/index.js";
import type { Train, TrainConfig, TrainOptions } from "../runs/config/index.js";
import { line, type Output } from "./command.js";
import { INTERRUPTED, interruptible } from "./interrupt.js";
import { ProgressDisplay } from "./progress.js";

/**
 * @param options `until`: the iteration at which it is to stop, null for its end
 * @returns the exit code: 0, or 130 where the run was stopped before that.
 */
export async function runTraining(
  train: Train,
  config: TrainConfig,
  output: Output,
  { until = null, ...options }: TrainOptions & { readonly until?: number | null } = {},
): Promise<number> {
  const progress = new ProgressDisplay(output, { interval: config.printEvery });
  const stopping = "finishing this iteration, then saving; Ctrl-C again stops at once";
  const { iteration, iterations } = await interruptible(
    (signal) =>
      train(
        config,
        {
          onProgress: (p) => progress.update(p),
          onMessage: (text) => progress.message(text),
          signal,
          ...(until !== null && { until }),
        },
        options,
      ),
    () => progress.message(stopping),
  ).finally(() => progress.end());
  const follows = options.ranks !== null && options.ranks !== undefined && options.ranks.rank > 0;
  if (iteration >= iterations || follows) return 0; // whoever follows stops where the leader does
  line(
    output,
    `stopped at iteration ${iteration} of ${iterations}; continue with: vera train --resume ${quoted(config.saveDir)}`,
  );
  return until !== null && iteration >= until ? 0 : INTERRUPTED;
}
