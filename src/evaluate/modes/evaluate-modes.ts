/** Mode counting as an evaluation. */
import type { Evaluation } from "../evaluation.js";
import { textTable } from "../table.js";
import { evaluateModes, hasDigits } from "./mode-count.js";
import type { ModeCount } from "./modes.js";

export const modes: Evaluation = {
  summary: "modes of StackedMNIST (or the ten digits) that samples fall into, and both KL divergences",
  objection: ({ probe: { run } }) =>
    hasDigits(run) ? null : `${run.config.dataName} has no digits to count: digits, mnist and stackedmnist have`,
  async run({ probe, settings, onProgress }) {
    const { samples, classifier, seed, dataRoot } = settings;
    const notes: string[] = [];
    const result = await evaluateModes(probe.run, {
      samples,
      seed,
      ...(classifier !== null && { classifier }),
      ...(dataRoot !== null && { dataRoot }),
      onEpoch: (epoch, epochs) => onProgress("digit classifier", epoch, epochs),
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
