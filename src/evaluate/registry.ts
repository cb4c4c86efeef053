/** The evaluations that there are. A new one is a folder with an `about.ts`, and a line here. */
import { attacks } from "./attacks/about.js";
import { classification } from "./classification/about.js";
import { estimator } from "./estimators/about.js";
import type { EvaluationEntry, OptionGroup } from "./evaluation.js";
import { likelihood } from "./likelihood/about.js";
import { modes } from "./modes/about.js";
import { histograms, ood, outliers } from "./outliers/about.js";

/** In the order in which help and `--what all` have them. */
export const EVALUATIONS: readonly EvaluationEntry[] = [
  classification,
  ood,
  histograms,
  outliers,
  attacks,
  likelihood,
  modes,
  estimator,
];

/** What they take, each group once. */
export const EVALUATION_GROUPS: readonly OptionGroup[] = [...new Set(EVALUATIONS.map(({ group }) => group))];
