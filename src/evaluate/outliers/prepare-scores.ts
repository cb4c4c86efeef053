/** Which of the scores asked for a model can give, and what they take beside the model. */
import type { Dataset } from "../../data/index.js";
import type { OnProgress, Probe } from "../../score/probe.js";
import { type ClassGaussians, classGaussians } from "./class-gaussians.js";
import { OF_CLASSES, type ScoreName } from "./scores.js";

export interface AvailableScores {
  readonly scores: readonly ScoreName[];
  /** Why mahalanobis is not among them where it was asked for. Scores of classes go without saying where there are none. */
  readonly notes: readonly string[];
}

/** @param own the run's own data; null where they are not there */
export function availableScores(probe: Probe, own: Dataset | null, asked: readonly ScoreName[]): AvailableScores {
  const scores = asked.filter((name) => probe.run.model.classes !== null || !OF_CLASSES.includes(name));
  const problem = scores.includes("mahalanobis") ? noGaussians(probe, own) : null;
  if (problem === null) return { scores, notes: [] };
  return {
    scores: scores.filter((name) => name !== "mahalanobis"),
    notes: [`without the score mahalanobis: ${problem}`],
  };
}

function noGaussians(probe: Probe, own: Dataset | null): string | null {
  if (!probe.hasFeatures) return "the model does not say what its last layer sees";
  return own === null ? "it is fitted to the run's own training data, which are not there" : null;
}

/** Why none of the scores asked for can be had; null where one can. */
export function noScores(probe: Probe, own: Dataset | null, asked: readonly ScoreName[]): string | null {
  const { scores, notes } = availableScores(probe, own, asked);
  return scores.length > 0 ? null : (notes[0] ?? "the scores asked for are of classes, and the model has none");
}

export interface PreparedScores extends AvailableScores {
  /** Null where no score takes them. */
  readonly gaussians: ClassGaussians | null;
}

/** The same, with what is fitted for them. @param seed of the training rows that are drawn */
export async function prepareScores(
  probe: Probe,
  own: Dataset | null,
  asked: readonly ScoreName[],
  seed: number,
  onProgress?: OnProgress,
): Promise<PreparedScores> {
  const available = availableScores(probe, own, asked);
  const fit = available.scores.includes("mahalanobis");
  return { ...available, gaussians: fit ? await classGaussians(probe, own!, seed, onProgress) : null };
}
