/** What detection of what is out of distribution takes, and the scores behind it. */
import { chosen, int, string, strings, type Values } from "../../runs/config/index.js";
import { SGLD } from "../sgld-options.js";
import { SCORE_NAMES, type ScoreName } from "./scores.js";

export const DETECTION = {
  against: strings({
    value: "NAME …",
    default: ["uniform", "constant", "interp"],
    help: "What to detect: uniform noise, constants, means of two examples (interp), data sets, tables, folders of pictures. Of outliers: tables, beside the odd rows that are made.",
  }),
  scores: strings({ value: "NAME …", otherwise: "px py pxgrad", help: `Of ${SCORE_NAMES.join(", ")}; or all.` }),
  baseline: string({
    value: "RUN",
    help: "Of ood: another run on the same data, say a plain classifier, whose scores stand beside.",
  }),
  refineSteps: int(20, { min: 1, help: "Steps of SGLD in the scores refine, refinegrad and refinel2." }),
  bootstrap: int(500, { min: 20, help: "Resamples behind the 95 % intervals." }),
};

/** With what scores take beside. */
export const OPTIONS = { ...DETECTION, ...SGLD };

export type DetectionSettings = Values<typeof OPTIONS>;

const SCORES: readonly ScoreName[] = ["px", "py", "pxgrad"];

/** The scores asked for. @throws ConfigError for one that there is not */
export function scoresAsked({ scores }: Pick<DetectionSettings, "scores">): readonly ScoreName[] {
  const named = chosen(scores, SCORE_NAMES, "--scores");
  return named.length > 0 ? named : SCORES;
}
