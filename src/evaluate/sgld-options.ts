/** The chains that refine inputs, before they are classified and in scores of what is out of distribution. */
import { float, type Values } from "../runs/config/index.js";
import type { Refinement } from "../score/probe.js";

export const SGLD = {
  sgldLr: float(1, { above: 0, help: "Their step size; of the refinement scores, too." }),
  sgldStd: float(0.01, { min: 0, help: "Standard deviation of their noise." }),
};

export const refinementOf = (steps: number, { sgldLr, sgldStd }: Values<typeof SGLD>): Refinement => ({
  steps,
  stepSize: sgldLr,
  std: sgldStd,
});
