/** f against odd rows of a table, beside simple detectors, as an evaluation: what training says at its end. */
import {
  type GivenRows,
  heldOutDensity,
  noOutlierReport,
  outlierReport,
  outlierTable,
  outlierWarnings,
} from "../../runs/reports/outlier-report.js";
import { MADE_INPUTS } from "../../score/inputs.js";
import type { Evaluation, EvaluationContext } from "../evaluation.js";

export const outliers: Evaluation = {
  summary: "telling held-out rows of a table from odd ones, beside Mahalanobis' distance and nearest neighbours",
  objection({ probe, own }) {
    if (probe.run.info.data.preprocessing.kind !== "table") return "it is about rows of tables";
    if (own === null) return "it takes the run's own data, which is not there";
    return noOutlierReport(own.splits);
  },
  async run(context) {
    const { probe, own } = context;
    const density =
      (await heldOutDensity(probe.run.config, own!)) ?? (async (rows) => (await probe.predict(rows)).logDensity);
    const report = await outlierReport(own!, density, await givenRows(context));
    const { examples, against } = report!;
    return {
      title: `AUROC of ${examples} rows of ${own!.name} that were held out, against rows that are odd`,
      table: outlierTable(report!),
      json: { examples, against },
      notes: outlierWarnings(report!),
      figures: [],
    };
  },
};

/** Tables that `--against` names; of none the run's `--outliers`. */
async function givenRows({ probe, settings, find }: EvaluationContext): Promise<GivenRows[]> {
  const named = settings.against.filter((name) => !(MADE_INPUTS as readonly string[]).includes(name));
  const { outliers = null } = probe.run.config;
  const given: GivenRows[] = [];
  for (const file of named.length > 0 || outliers === null ? named : [outliers]) {
    const { name, split } = await find(file);
    given.push({ name, rows: split.x(Int32Array.from({ length: split.size }, (_, i) => i)) });
  }
  return given;
}
