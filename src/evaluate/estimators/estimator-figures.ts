/** The study of estimators as figures. */
import { type Chart, lineChart } from "../../figures/index.js";
import type { EstimatorStudy } from "./estimator-study.js";

/** Error, bias and deviation over what an estimate costs, both axes logarithmic: charts by name. */
export function estimatorFigures({ scores }: EstimatorStudy): [name: string, chart: Chart][] {
  const names = [...new Set(scores.map((s) => s.name))];
  const measures = { error: "error", bias: "bias", deviation: "standard deviation" } as const;
  return (["error", "bias", "deviation"] as const).map((measure) => {
    const series = names.map((name) => {
      const own = scores.filter((s) => s.name === name);
      return { name, x: own.map((s) => s.evaluations), y: own.map((s) => s[measure]) };
    });
    const yLabel = `${measures[measure]} / length of the score`;
    return [
      `estimator-${measure}`,
      lineChart(series, { xLabel: "evaluations of the generator", yLabel, xLog: true, yLog: true }),
    ];
  });
}
