/**
 * What a run's numbers say in words, and what to try.
 *
 * Signs that training looks for itself (train/health.ts) stand in metrics.jsonl with what it said; the rest is read from the numbers here,
 * with the same bounds where both look at the same thing.
 */
import {
  APART,
  AT_BOUND,
  COLLAPSED,
  ESS_OF_PICTURES,
  GREATEST_SIGMA,
  LEAST_SIGMA,
  MISSING,
  NEAR,
} from "../../train/health.js";
import type { Diagnosis } from "../api.js";
import type { SavedSettings } from "./saved-settings.js";

/** What is looked at: the latest numbers, and their course. */
export interface Evidence {
  readonly values: SavedSettings["values"];
  readonly isDone: boolean;
  /** Values that are numbers, in order; empty of a metric that the run has not. */
  readonly course: (name: string) => readonly number[];
  /** Signs that were told, the sign and what was said. */
  readonly warnings: readonly { readonly sign: string; readonly text: string }[];
}

type Look = (evidence: Evidence) => Diagnosis | null;

/** f varies by so many times what it mostly did. */
const RUN_AWAY = 100;
/** A difference of probabilities or rates that is worth a word. */
const WORTH = 0.02;

const short = (value: number): string => String(Number(value.toPrecision(3)));
const last = (course: readonly number[]): number | undefined => course.at(-1);
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const densities: Look = ({ course }) => {
  const names = ["train/f_data", "train/f_samples", "train/f_spread"];
  const [data, samples, spread] = names.map((name) => last(course(name)));
  if (data === undefined || samples === undefined || spread === undefined || !(spread > 0)) return null;
  const times = Math.abs(data - samples) / spread;
  const text = `f of data is ${short(data)} and of samples ${short(samples)}: ${short(times)} times the spread of f over data.`;
  const usual = median(course("train/f_spread"));
  if (spread > RUN_AWAY * usual)
    return {
      level: "warning",
      title: "f has run away",
      text: `f varies by ${short(spread)} over data, and mostly varied by ${short(usual)}: how far data and samples are apart tells nothing any more.`,
      advice: "A lower --lr, or a higher --pg-control; --recover steps back by itself.",
      metrics: names,
    };
  if (times <= NEAR) return { level: "good", title: "Data and samples are close", text, advice: null, metrics: names };
  return {
    level: times > APART ? "warning" : "note",
    title: "f of data and of samples are apart",
    text: `${text} Runs that go well have ${NEAR} at most.`,
    advice: "A lower --lr, --glr at a third of --lr or the same, or a higher --pg-control.",
    metrics: names,
  };
};

const GRADIENTS = ["train/loss_gradient_penalty", "train/chain_gradient_norm", "train/entropy_gradient_norm"];

/** A norm that has grown by a lot since the middle of the run. */
const gradients: Look = ({ course }) => {
  for (const name of GRADIENTS) {
    const values = course(name);
    if (values.length < 20) continue;
    const [before, now] = [median(values.slice(0, -10)), median(values.slice(-10))];
    if (!(before > 0) || now < 10 * before) continue;
    return {
      level: "warning",
      title: "Gradients grow",
      text: `${name} is ${short(now)} now, and was ${short(before)} in the middle.`,
      advice:
        name === "train/chain_gradient_norm"
          ? "--sgld-clip, a bound on the chains' steps, or a lower --sgld-lr, before they run off."
          : "A lower --lr, or a higher --pg-control, before it diverges; --recover steps back by itself.",
      metrics: [name],
    };
  }
  return null;
};

const scale: Look = ({ course, values: { minSigma, maxSigma, entWeight } }) => {
  const sigma = last(course("train/sigma"));
  if (sigma === undefined || typeof minSigma !== "number" || typeof maxSigma !== "number") return null;
  if (maxSigma <= minSigma * AT_BOUND) return null;
  const metrics = ["train/sigma"];
  if (minSigma <= LEAST_SIGMA && sigma <= minSigma * AT_BOUND)
    return {
      level: "note",
      title: "σ is at its least",
      text: `The noise of samples has the scale ${short(sigma)}, which is --min-sigma; of pictures that is usual.`,
      advice: `Where samples are all alike, a higher --ent-weight (it is ${entWeight}); where they are noisy, a lower --min-sigma.`,
      metrics,
    };
  if (maxSigma < GREATEST_SIGMA || sigma < maxSigma / AT_BOUND) return null;
  return {
    level: "warning",
    title: "σ is at its greatest",
    text: `The noise of samples has the scale ${short(sigma)}, which is --max-sigma: the entropy widens it as far as it may.`,
    advice: `A lower --ent-weight (it is ${entWeight}), or, if samples should be noisier, a higher --max-sigma.`,
    metrics,
  };
};

const posterior: Look = ({ course, values: { posteriorSamples } }) => {
  const ess = last(course("train/posterior_ess"));
  if (ess === undefined || posteriorSamples === 1) return null;
  const metrics = ["train/posterior_ess"];
  const text = `${short(ess)} of ${posteriorSamples} posterior samples count.`;
  const [least, most] = ESS_OF_PICTURES;
  if (ess >= most) return { level: "good", title: "Posterior samples share the weight", text, advice: null, metrics };
  if (ess >= COLLAPSED)
    return {
      level: "note",
      title: "Few posterior samples count",
      text: `${text} Pictures have ${least} to ${most} in runs that go well.`,
      advice: null,
      metrics,
    };
  return {
    level: "warning",
    title: "One posterior sample has all the weight",
    text: `${text} The entropy's gradient is that of one draw.`,
    advice: "A higher --min-sigma, more --posterior-samples, or another --post-lr.",
    metrics,
  };
};

const ACCEPTANCES = ["train/posterior_acceptance", "figure/acceptance_input", "figure/acceptance_latent"];

const acceptance: Look = ({ course }) => {
  for (const name of ACCEPTANCES) {
    const rate = last(course(name));
    if (rate === undefined || rate >= 0.2) continue;
    return {
      level: "warning",
      title: "Chains hardly move",
      text: `${name} is ${percent(rate)}: most proposals are refused, so that samples are nearly what they started from.`,
      advice: name.startsWith("train/")
        ? "HMC adapts its step size: look whether posterior_stepsize still falls; else a higher --min-sigma."
        : "f is steep there: a higher --pg-control, or a lower --lr.",
      metrics: [name],
    };
  }
  return null;
};

const classes: Look = ({ course, values: { entWeight, clfWeight } }) => {
  const name = "validation/sample_classes_missing";
  const missing = last(course(name));
  if (missing === undefined) return null;
  if (missing === 0)
    return {
      level: "good",
      title: "All classes are drawn",
      text: "The generator draws every class about as often as data has it.",
      advice: null,
      metrics: [name],
    };
  return {
    level: "warning",
    title: `${missing} ${missing === 1 ? "class is" : "classes are"} missing among samples`,
    text: `The generator draws less than ${100 * MISSING} % of what data has of them, by the model's own p(y|x).`,
    advice: `If it does not fall by itself: a higher --ent-weight (it is ${entWeight}), or a lower --clf-weight (it is ${clfWeight}).`,
    metrics: [name],
  };
};

const KINDS = ["given", "shuffled", "outward2", "outward16", "uniform"];

/** The density of a table should know odd rows better than a formula does. */
const outliers: Look = ({ course }) => {
  for (const kind of KINDS) {
    const name = `test/ood_auroc_${kind}`;
    const own = last(course(name));
    if (own === undefined) continue;
    const simple = ["mahalanobis", "knn"].flatMap((detector) => {
      const auroc = last(course(`${name}_${detector}`));
      return auroc === undefined || auroc < own + WORTH ? [] : [{ detector, auroc }];
    });
    const best = simple.sort((a, b) => b.auroc - a.auroc)[0];
    if (best === undefined) continue;
    return {
      level: "warning",
      title: `The density is behind ${best.detector === "knn" ? "nearest neighbours" : "Mahalanobis' distance"}`,
      text: `Rows held out are told from odd rows (${kind}) with AUROC ${own.toFixed(3)} by f, and ${best.auroc.toFixed(3)} by the simple detector.`,
      advice: "Train longer, or take --base: f then starts from a fitted density of the table.",
      metrics: [name, `${name}_${best.detector}`],
    };
  }
  return null;
};

/** Of the measure by which the best checkpoint is chosen. */
const progress: Look = ({ course, isDone }) => {
  for (const name of ["validation/accuracy", "validation/log_likelihood"]) {
    const values = course(name);
    if (values.length < 4) continue;
    const best = Math.max(...values.slice(-1000));
    const now = last(values) ?? best;
    const span = best - Math.min(...values.slice(-1000));
    if (!(span > 0)) return null;
    if (now < best - Math.max(0.2 * span, name.endsWith("accuracy") ? WORTH : 0))
      return {
        level: "warning",
        title: `${name.split("/")[1]} has fallen`,
        text: `It is ${short(now)}, and was ${short(best)} at best. The best checkpoint is kept, and is what scoring and exports take.`,
        advice: "A lower --lr, or fewer iterations; --ema averages weights over the last of them.",
        metrics: [name],
      };
    const third = values.slice(-Math.max(2, Math.ceil(values.length / 3)));
    const gained = now - third[0]!;
    if (gained > 0.1 * span && now === best)
      return {
        level: "note",
        title: isDone ? "It still improved at its end" : "It still improves",
        text: `${name} went from ${short(third[0]!)} to ${short(now)} in the last third of its evaluations.`,
        advice: isDone ? "More iterations: resume it with a higher --n-iters." : null,
        metrics: [name],
      };
    return null;
  }
  return null;
};

/** Titles of the signs that training tells by itself, and the look that sees the same. */
const SIGNS: Readonly<Record<string, readonly [title: string, look: Look | null]>> = {
  "samples-apart": ["f of data and of samples went apart", densities],
  "f-drifts": ["f drifts", null],
  "chains-steeper": ["f grew steep where chains go", gradients],
  "sigma-least": ["σ was held at its least", scale],
  "sigma-greatest": ["σ was held at its greatest", scale],
  "posterior-collapsed": ["The posterior's weights fell on one sample", posterior],
  "classes-missing": ["Classes were missing among samples", classes],
};

const LOOKS: readonly Look[] = [densities, gradients, scale, posterior, acceptance, classes, outliers, progress];

/** What is worst first. */
export function diagnose(evidence: Evidence): Diagnosis[] {
  const seen = new Map(LOOKS.map((look) => [look, look(evidence)]));
  const told = evidence.warnings.flatMap(({ sign, text }): Diagnosis[] => {
    const [title = sign, look = null] = (Object.hasOwn(SIGNS, sign) && SIGNS[sign]) || [];
    // What still is so is said by the numbers.
    const now = look === null ? null : seen.get(look);
    if (now != null && now.level !== "good") return [];
    const plain = text.replace(/^(warning|note): /, "");
    const [, what = plain, advice = null] = /^(.*?)[;:] ((?:try|where) .*)$/s.exec(plain) ?? [];
    return [{ level: text.startsWith("note") ? "note" : "warning", title, text: what, advice, metrics: [] }];
  });
  const order = ["warning", "note", "good"];
  return [...told, ...[...seen.values()].flatMap((each) => each ?? [])].sort(
    (a, b) => order.indexOf(a.level) - order.indexOf(b.level),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
