/** Predictions against distributions of labels, as people give them who see an example for themselves (Peterson et al. 2019, arXiv 1908.07086). */

/** Means over rows of a prediction p and the labels' distribution q. */
export interface SoftLabelScores {
  /** -Σ q log p, in nats: at least the labels' own entropy. */
  readonly crossEntropy: number;
  /** KL(q‖p), what is above that. */
  readonly kl: number;
  /** Expected Brier score Σ_k (p_k - [k = label])² of a label drawn from q. */
  readonly brier: number;
  /** ½ Σ |p - q|. */
  readonly totalVariation: number;
}

/** @param p row-major `[N, K]`, as q. Probabilities of zero count as the smallest positive double. */
export function softLabelScores(p: ArrayLike<number>, q: ArrayLike<number>, classes: number): SoftLabelScores {
  const sums = { crossEntropy: 0, kl: 0, brier: 0, totalVariation: 0 };
  for (let i = 0; i < p.length; i++) {
    const [given, said] = [p[i]!, q[i]!];
    const log = Math.log(Math.max(given, Number.MIN_VALUE));
    if (said > 0) {
      sums.crossEntropy -= said * log;
      sums.kl += said * (Math.log(said) - log);
    }
    sums.brier += given * given - 2 * given * said + said; // Σ q = 1
    sums.totalVariation += Math.abs(given - said) / 2;
  }
  const rows = p.length / classes;
  return {
    crossEntropy: sums.crossEntropy / rows,
    kl: sums.kl / rows,
    brier: sums.brier / rows,
    totalVariation: sums.totalVariation / rows,
  };
}
