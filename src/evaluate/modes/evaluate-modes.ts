/** Mode counting as an evaluation. */
import type { Evaluation } from "../evaluation.js";
import { textTable } from "../table.js";
import type { ModeSettings } from "./about.js";
import { evaluateModes, hasDigits } from "./mode-count.js";
import type { ModeCount } from "./modes.js";

export const modes: Evaluation<ModeSettings> = {
  objection: ({ probe: { run } }) =>
    hasDigits(run) ? null : `${run.config.dataName} has no digits to count: digits, mnist and stackedmnist have`,
  async run({ probe, seed, dataRoot, onProgress }, { samples, classifier }) {
    const notes: string[] = [];
    const result = await evaluateModes(probe.run, {
      samples,
      seed,
      ...(classifier !== null && { classifier }),
      ...(dataRoot !== null && { dataRoot }),
      onBatch: (...done) => onProgress("training the digit classifier", ...done),
      onNote: (text) => notes.push(text),
    });
    const row = (name: string, count: ModeCount): string[] => [
      name,
      `${count.found} of ${count.modes}`,
      count.klSamplesData.toFixed(4),
      count.klDataSamples.toFixed(4),
      count.klDataSamplesSmoothed.toFixed(4),
    ];
    const accuracy = (100 * result.classifierAccuracy).toFixed(2);
    return {
      title: `Modes of ${result.dataset} among ${result.samples} samples, by a digit classifier with ${accuracy} % of test digits right`,
      table: textTable([
        ["", "modes", "KL(samples‖data)", "KL(data‖samples)", "KL(data‖samples), smoothed"],
        row("samples", result),
        row("draws of the data", result.ideal),
      ]),
      json: result,
      notes,
      figures: [],
    };
  },
};
