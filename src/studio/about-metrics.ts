/** What each metric means, in a sentence; docs/metrics.md says more, and a test that neither knows one that the other does not. */

const MEANINGS: Readonly<Record<string, string>> = {
  epoch: "Epochs completed.",
  loss_energy: "What the density model minimises: the weighted sum of its terms.",
  f_data: "Mean f, the log-density up to a constant, over data.",
  f_samples:
    "Mean f over the samples that data is contrasted with. In runs that go well it stays within four spreads of f over data.",
  f_spread: "Standard deviation of f over the data of a batch: the measure for how far apart other values of f are.",
  loss_contrastive: "f of samples minus f of data.",
  loss_p_control: "Mean f² over data: holds f near 0.",
  loss_n_control: "Mean f² over samples: holds f near 0.",
  loss_gradient_penalty: "Mean ½‖∇f‖² over data: how steep f is there.",
  loss_classification: "Cross-entropy of the labelled batch, in nats.",
  loss_density_classification:
    "Cross-entropy of f's own outputs on the labelled batch, in nats: where classes have a network beside it.",
  accuracy_batch: "Share of the labelled batch that is classified correctly, while training.",
  loss_conditional_entropy: "Mean entropy of p(y|x): how unsure the classes are.",
  loss_consistency:
    "Cross-entropy of strongly changed pictures against the classes of the same pictures, where these are sure.",
  loss_turns: "Cross-entropy of how often each picture was turned by a quarter, for the network beside f.",
  accuracy_turns: "Share of pictures of which that network tells how often they were turned; by chance a quarter.",
  confident_batch: "Share of pictures without labels whose class is sure enough to be learned from.",
  loss_vat: "Virtual adversarial loss: how much classes change in the direction that changes them most.",
  nll_batch: "Negative log-likelihood of the batch, in nats.",
  loss_generator: "What the generator minimises.",
  f_generator: "Mean f of the generator's samples under the updated model.",
  importance_ess: "Effective number 1 / Σ w² of weighed samples: 1 means that one sample has all the weight.",
  sigma: "σ, the scale of the noise on the generator's output.",
  entropy_gradient_norm: "Mean norm of the estimated gradient of the generator's entropy.",
  posterior_eta: "Mean scale η of the proposals of posterior samples.",
  posterior_elbo: "Lower bound that the proposals maximise.",
  posterior_ess: "Effective number of posterior samples: near 1, a single one decides the entropy's gradient.",
  posterior_acceptance: "Share of proposals that HMC accepts.",
  posterior_stepsize: "Step size of HMC.",
  posterior_shift: "Mean distance of the mean of the posterior from the z that made a sample, of the linear estimator.",
  chain_gradient_norm: "Mean ‖∇f‖ along SGLD chains.",
  f_mean: "Mean f over the split.",
  accuracy: "Share of examples that are classified correctly.",
  nll: "Negative log-likelihood of the true classes, in nats: lower is better.",
  brier: "Mean squared error of the classes' probabilities: lower is better.",
  ece: "Expected calibration error: how far stated probabilities are from how often they come true. 0 is best.",
  log_likelihood: "Mean log p(x) of held-out data, in nats: higher is better.",
  log_partition: "log Z, the constant that makes f a log-density.",
  sample_classes_missing: "Classes that the generator hardly draws.",
  ood_auroc_uniform: "Probability that f of held-out data exceeds f of uniform noise: 1 is perfect, 0.5 is chance.",
  ood_auroc_shuffled: "The same against rows whose columns are shuffled, each in an order of its own.",
  ood_auroc_outward2: "The same against rows 2 times further from the training means.",
  ood_auroc_outward16: "The same against rows 16 times further from the training means.",
  ood_auroc_given: "The same against the odd rows that were given (--outliers).",
  acceptance_input: "Mean acceptance of the MALA chains drawn in the space of inputs.",
  acceptance_latent: "Mean acceptance of the MALA chains drawn in the generator's latent space.",
  diverged_at: "Iteration at which training diverged, before the run went back.",
  value: "Value that the diverged metric had.",
  rate_factor: "Factor on both learning rates since the run went back.",
};

/** Simple detectors on the rows that the density is tried on. */
const DETECTORS: Readonly<Record<string, string>> = {
  mahalanobis: "the distance from the mean, Mahalanobis'",
  knn: "the distance to the nearest training rows",
};

/** @param name `KIND/NAME`, or the name alone; null where nothing is known of it */
export function aboutMetric(name: string): string | null {
  const plain = name.slice(name.indexOf("/") + 1);
  const own = Object.hasOwn(MEANINGS, plain) ? MEANINGS[plain] : undefined;
  if (own !== undefined) return own;
  const [, of = "", detector = ""] = /^(ood_auroc_.+)_(mahalanobis|knn)$/.exec(plain) ?? [];
  return Object.hasOwn(MEANINGS, of) ? `As ${of}, of a simple detector instead of f: ${DETECTORS[detector]}.` : null;
}

export const KNOWN_METRICS: readonly string[] = Object.keys(MEANINGS);
