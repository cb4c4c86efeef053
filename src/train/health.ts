/**
 * Signs that a run goes wrong while it can still be put right: each is told once, in one line that says what to try. What no longer can
 * be put right is in divergence.ts.
 *
 * All are measured against the run itself: f against its own spread over the data, σ against its bounds, classes among samples against
 * those among data. docs/metrics.md says what healthy runs have.
 */
import { type Means, RunningMeans, type Sums } from "./running-means.js";
import type { MetricTraces } from "./trainer.js";

/** What can be told. */
export const SIGNS = [
  "samples-apart",
  "f-drifts",
  "chains-steeper",
  "sigma-least",
  "sigma-greatest",
  "posterior-collapsed",
  "classes-missing",
] as const;
export type Sign = (typeof SIGNS)[number];

export interface Warning {
  readonly sign: Sign;
  /** One line, after "warning" or, for what is seen in runs that go well, too, "note": what is, and what to try. */
  readonly text: string;
}

/** All that is remembered from iteration to iteration, in checkpoints; plain JSON. */
export interface HealthState {
  /** Of the window that has begun. */
  readonly window: Sums;
  /** Consecutive windows in which a sign was seen, up to the last one. */
  readonly seen: Readonly<Partial<Record<Sign, number>>>;
  /** Mean and spread of f over data in the last windows. */
  readonly course: readonly (readonly [f: number, spread: number])[];
  /** Mean ‖∇f‖ along chains in the last windows after the warm-up. */
  readonly steepness: readonly number[];
  /** Classes that the last evaluation found missing. */
  readonly missing: readonly number[];
  readonly told: readonly Sign[];
}

export const HEALTHY: HealthState = { window: {}, seen: {}, course: [], steepness: [], missing: [], told: [] };

/** Iterations that are judged together. */
export const WINDOW = 50;
/** Windows that make a lasting state: of σ, of the posterior, of where f goes. */
const LASTING = 10;
/** f of data and of samples more spreads apart than this is a sign; healthy runs have {@link NEAR} at most. */
export const APART = 5;
export const NEAR = 4;
const APART_WINDOWS = 2;
/** f moves by this many spreads, in one direction, while {@link LASTING} windows pass. */
const [DRIFT, ONE_DIRECTION] = [4, 0.8];
/** ‖∇f‖ along chains of this many times what it was, the median of so many windows before, is a sign: in runs that go well it hardly moves. */
const [STEEPER, BEFORE] = [2.5, 5];
/** σ this near to a bound is at it. */
export const AT_BOUND = 1.01;
/** The default of --min-sigma: whoever set it higher meant noise of that scale, and nothing is told of σ that stays there. */
export const LEAST_SIGMA = 0.01;
/** The default of --max-sigma: whoever set it lower keeps samples from being noisier, and means σ to stay there. */
export const GREATEST_SIGMA = 0.3;
/** Fewer effective posterior samples than this are one: near 1 is no sign, since pictures have {@link ESS_OF_PICTURES}. */
export const COLLAPSED = 1.001;
/** In runs that go well. */
export const ESS_OF_PICTURES = [1.01, 1.5] as const;
/** A class is missing with less than this share of what data has of it, where data would have {@link EXPECTED} of as many. */
export const MISSING = 0.1;
const EXPECTED = 20;
/** Samples of an evaluation: as many as classes need, within bounds. */
const [FEWEST, MOST] = [200, 2000];

/** Samples whose classes are looked at; null where there are too many classes to tell by {@link MOST}. */
export function samplesToJudge(classes: number): number | null {
  const needed = classes * EXPECTED;
  return needed > MOST ? null : Math.max(FEWEST, needed);
}

/** Classes named in a warning. */
const SHOWN = 5;

/** Of a run's configuration: what is told apart by, and said with what to try. */
export interface HealthSettings {
  readonly mode: string;
  readonly density: string;
  readonly lr: number;
  readonly glr: number;
  readonly pControl: number;
  readonly pgControl: number;
  readonly entWeight: number;
  readonly clfWeight: number;
  readonly minSigma: number;
  readonly maxSigma: number;
  readonly posteriorSamples: number;
  readonly postLr: number;
  readonly warmupIters: number;
  readonly sgldClip: number | null;
}

export class Health {
  state: HealthState = HEALTHY;

  constructor(private readonly config: HealthSettings) {}

  /** Whether f has not gone astray by the last window: what was saved then is worth going back to. */
  get isFine(): boolean {
    const { seen } = this.state;
    return !seen["samples-apart"] && !seen["f-drifts"] && !seen["chains-steeper"];
  }

  /**
   * Takes the metrics of the iterations that ended at `iteration`. A window ends at multiples of {@link WINDOW}, which no call may pass.
   * @returns what is to be told
   */
  watch(traces: MetricTraces, iteration: number): Warning[] {
    const means = new RunningMeans(this.state.window);
    means.add(traces);
    const values = iteration % WINDOW === 0 ? means.take() : null;
    this.state = { ...this.state, window: means.state };
    if (values === null) return [];
    const { f_data: f, f_spread: spread } = values;
    const isFree = this.config.density === "network" && f !== undefined && spread !== undefined; // that of flows is normalised
    if (isFree)
      this.state = { ...this.state, course: [...this.state.course, [f, spread] as const].slice(-LASTING - 1) };
    const settled = iteration > this.config.warmupIters; // rates that still rise settle what follows
    const between = settled ? [...this.samplesApart(values), ...this.chainsSteeper(values)] : [];
    return [...between, ...this.drift(), ...this.sigma(values), ...this.posterior(values)];
  }

  /**
   * Takes what an evaluation found of the classes of the generator's samples.
   * @param samples mean p(y|x) over `count` samples, `[K]`
   * @param data the same over data
   * @param last no evaluation follows
   * @returns what is to be told, and how many classes are missing: one that is so twice in a row, or at last, is told
   */
  judgeClasses(
    samples: ArrayLike<number>,
    data: ArrayLike<number>,
    count: number,
    names: readonly string[],
    last: boolean,
  ): { readonly missing: number; readonly warnings: readonly Warning[] } {
    const missing = Array.from({ length: data.length }, (_, y) => y).filter(
      (y) => data[y]! * count >= EXPECTED && samples[y]! < MISSING * data[y]!,
    );
    const again = missing.filter((y) => last || this.state.missing.includes(y));
    this.state = { ...this.state, missing };
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    if (again.length === 0) return { missing: missing.length, warnings: [] };
    const warnings = this.tell("classes-missing", () => {
      const each = (y: number) => `${names[y] ?? y} (${percent(samples[y]!)} of samples, ${percent(data[y]!)} of data)`;
      const shown = again.slice(0, SHOWN).map(each).join(", ");
      const more = again.length > SHOWN ? ` and ${again.length - SHOWN} more` : "";
      const { entWeight, clfWeight } = this.config;
      return (
        `so far the generator hardly draws ${shown}${more}, by the model's own p(y|x) of ${count} samples: ` +
        `where sample_classes_missing does not fall by itself in the next evaluations, try a higher --ent-weight (it is ${entWeight}) or a lower --clf-weight (it is ${clfWeight})`
      );
    });
    return { missing: missing.length, warnings };
  }

  /** Samples that no longer follow f, or a model that falls for them. */
  private samplesApart({ f_data: data, f_samples: samples, f_spread: spread }: Means): Warning[] {
    if (data === undefined || samples === undefined || spread === undefined) return [];
    const times = Math.abs(data - samples) / spread;
    const { mode, lr, glr, pgControl } = this.config;
    const slower =
      mode === "jem-baseline" ? this.boundedChains() : `--glr at a third of --lr or the same (it is ${glr})`;
    return this.lasting("samples-apart", times > APART, APART_WINDOWS, () => {
      const where = `f of data and of samples are far apart, ${short(data)} and ${short(samples)}: ${short(times)} times the spread of f over data`;
      return `${where}, where runs that go well have ${NEAR} at most; try a lower --lr (it is ${lr}), ${slower}, or a higher --pg-control (it is ${pgControl})`;
    });
  }

  /** Chains that overshoot and make f steeper where they end, which makes them overshoot more. */
  private chainsSteeper({ chain_gradient_norm: norm }: Means): Warning[] {
    if (norm === undefined) return [];
    const { steepness } = this.state;
    this.state = { ...this.state, steepness: [...steepness, norm].slice(-BEFORE) };
    if (steepness.length < BEFORE) return [];
    const before = [...steepness].sort((a, b) => a - b)[BEFORE >> 1]!;
    return this.lasting("chains-steeper", norm > STEEPER * before, 1, () => {
      const where = `f grows steep where chains go: chain_gradient_norm is ${short(norm)}, ${short(norm / before)} times what it was`;
      return `${where}, as before chains run off; try a lower --lr (it is ${this.config.lr}), or ${this.boundedChains()}`;
    });
  }

  private boundedChains(): string {
    return `--sgld-clip below what chain_gradient_norm by --sgld-lr was before (it is ${this.config.sgldClip ?? "none"}) and --n-control 0.1`;
  }

  /** f moving as a whole: data alone does not say how high it should be. */
  private drift(): Warning[] {
    const { course } = this.state;
    if (course.length <= LASTING) return [];
    const [from, to] = [course[0]![0], course.at(-1)![0]];
    const way = course.reduce((sum, [f], i) => sum + Math.abs(f - course[Math.max(0, i - 1)]![0]), 0);
    const spread = course.reduce((sum, [, each]) => sum + each, 0) / course.length;
    const times = Math.abs(to - from) / spread;
    const drifts = times > DRIFT && Math.abs(to - from) > ONE_DIRECTION * way;
    const { pControl, lr } = this.config;
    // While a run settles in, f may move so far, but soon does no more.
    return this.lasting("f-drifts", drifts, LASTING, () => {
      const moved = `f drifts: over data it went from ${short(from)} to ${short(to)} in ${LASTING * WINDOW} iterations, ${short(times)} times its spread`;
      return `${moved}; try --p-control 0.1, which holds it near 0 (it is ${pControl}), or a lower --lr (it is ${lr})`;
    });
  }

  /** σ held by a bound for long is not what training would make it. */
  private sigma({ sigma }: Means): Warning[] {
    const { minSigma, maxSigma, entWeight } = this.config;
    if (sigma === undefined || maxSigma <= minSigma * AT_BOUND) return [];
    const held = (bound: string) =>
      `σ, the scale of the samples' noise, is held at ${bound} for ${LASTING * WINDOW} iterations`;
    return [
      ...this.lasting(
        "sigma-least",
        minSigma <= LEAST_SIGMA && sigma <= minSigma * AT_BOUND,
        LASTING,
        () =>
          `${held(`its least, --min-sigma ${minSigma},`)}, as is usual of pictures; where samples are all alike, try a higher --ent-weight (it is ${entWeight}), where they are noisy, a lower --min-sigma`,
      ),
      ...this.lasting(
        "sigma-greatest",
        maxSigma >= GREATEST_SIGMA && sigma >= maxSigma / AT_BOUND,
        LASTING,
        () =>
          `${held(`its greatest, --max-sigma ${maxSigma},`)}: the entropy widens it as far as it may; try a lower --ent-weight (it is ${entWeight}), or, if samples should be noisier, a higher --max-sigma`,
      ),
    ];
  }

  /** One posterior sample with all the weight: the entropy's gradient is then that of a single draw. */
  private posterior({ posterior_ess: ess }: Means): Warning[] {
    if (ess === undefined || this.config.posteriorSamples === 1) return [];
    const { minSigma, posteriorSamples, postLr } = this.config;
    return this.lasting(
      "posterior-collapsed",
      ess < COLLAPSED,
      LASTING,
      () =>
        `the posterior's weights fall on one sample, ${ess.toFixed(3)} of ${posteriorSamples} for ${LASTING * WINDOW} iterations (pictures have ${ESS_OF_PICTURES.join(" to ")} in runs that go well), so the entropy's gradient is that of one draw: ` +
        `try a higher --min-sigma (it is ${minSigma}), more --posterior-samples, or another --post-lr (it is ${postLr})`,
    );
  }

  /** Tells a sign that was seen in so many windows one after another. */
  private lasting(sign: Sign, isSeen: boolean, windows: number, text: () => string): Warning[] {
    const count = isSeen ? (this.state.seen[sign] ?? 0) + 1 : 0;
    this.state = { ...this.state, seen: { ...this.state.seen, [sign]: count } };
    return count >= windows ? this.tell(sign, text) : [];
  }

  private tell(sign: Sign, text: () => string): Warning[] {
    if (this.state.told.includes(sign)) return [];
    this.state = { ...this.state, told: [...this.state.told, sign] };
    return [{ sign, text: `${sign === "sigma-least" ? "note" : "warning"}: ${text()}` }];
  }
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
