/** Which metrics share a chart: what belongs together, in one unit. Names are of docs/metrics.md. */

export interface MetricGroup {
  readonly title: string;
  /** Name of the axis of y, with its unit. */
  readonly axis: string;
  readonly metrics: readonly string[];
  /** Range that is always in sight. */
  readonly include?: readonly [number, number];
}

interface Rule extends Omit<MetricGroup, "metrics"> {
  readonly names: readonly RegExp[];
}

const SHARE = { axis: "share", include: [0, 1] } as const;

/** In the order in which they are shown; a metric belongs to the first that has it. */
const RULES: readonly Rule[] = [
  {
    title: "f of data and samples",
    axis: "f (nats, up to a constant)",
    names: [/\/f_(data|samples|generator|mean|spread)$/],
  },
  { title: "Log-likelihood", axis: "log p(x) (nats)", names: [/\/log_likelihood$/] },
  { title: "Log-partition function", axis: "log Z (nats)", names: [/\/log_partition$/] },
  { title: "Accuracy", ...SHARE, names: [/\/accuracy(_batch|_turns)?$/, /\/confident_batch$/] },
  { title: "Negative log-likelihood of classes", axis: "nats", names: [/\/nll(_batch)?$/, /\/loss_classification$/] },
  { title: "Calibration", axis: "error", names: [/\/(ece|brier)$/] },
  { title: "Losses of the density model", axis: "loss", names: [/\/loss_(energy|contrastive|p_control|n_control)$/] },
  { title: "Loss of the generator", axis: "loss", names: [/\/loss_generator$/] },
  { title: "Other losses", axis: "loss", names: [/\/loss_(?!gradient_penalty)/] },
  { title: "Gradient norms", axis: "norm", names: [/gradient_norm$/, /\/loss_gradient_penalty$/] },
  { title: "σ of the generator", axis: "σ (in units of the data)", names: [/\/sigma$/] },
  { title: "Effective number of samples", axis: "samples", names: [/\/importance_ess$/] },
  { title: "Effective number of posterior samples", axis: "samples", names: [/\/posterior_ess$/] },
  { title: "Acceptance", ...SHARE, names: [/acceptance/] },
  { title: "Step size and proposal scale", axis: "step", names: [/\/posterior_(stepsize|eta)$/] },
  { title: "Lower bound of the posterior", axis: "nats", names: [/\/posterior_elbo$/] },
  { title: "Classes that samples miss", axis: "classes", names: [/\/sample_classes_missing$/] },
  { title: "Odd inputs told apart", axis: "AUROC", include: [0, 1], names: [/\/ood_auroc/] },
];

/** What a run says beside its curves: no numbers over iterations. Tests are made once, at the end. */
const ASIDE = /^(warning|recovery|test)\/|\/(epoch|chosen_by)$/;

export function groupMetrics(names: readonly string[]): MetricGroup[] {
  const left = new Set(names.filter((name) => !ASIDE.test(name)));
  const groups: MetricGroup[] = [];
  for (const { names: wanted, ...rule } of RULES) {
    const metrics = [...left].filter((name) => wanted.some((each) => each.test(name)));
    if (metrics.length > 0) groups.push({ ...rule, metrics });
    for (const name of metrics) left.delete(name);
  }
  // Whatever is new: a chart for each name, with the kinds of lines that have it.
  for (const name of left) {
    const short = name.slice(name.indexOf("/") + 1);
    const metrics = [...left].filter((each) => each.endsWith(`/${short}`));
    groups.push({ title: short, axis: short, metrics });
    for (const each of metrics) left.delete(each);
  }
  return groups;
}

/** Names of a chart's lines: without what all of them share. */
export function labelsOf(metrics: readonly string[]): string[] {
  const kinds = new Set(metrics.map((name) => name.split("/", 1)[0]));
  return metrics.map((name) => {
    const [kind = "", ...rest] = name.split("/");
    return kinds.size === 1 && kind === "train" ? rest.join("/") : `${kind} ${rest.join("/")}`;
  });
}
