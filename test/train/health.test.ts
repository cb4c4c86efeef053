/** What a run says of itself when it goes wrong: the rules on made metrics, and a run that is made to go wrong. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readMetrics, resolveConfig, train } from "../../src/runs/index.js";
import { Health, type Sign, samplesToJudge, type Warning, WINDOW } from "../../src/train/health.js";

const config = (flags: Record<string, unknown> = {}) =>
  resolveConfig({ flags: { dataset: "digits", jem: true, ...flags } });

/** Metrics that stay as they are, but for those that are functions of the iteration. */
type Course = Readonly<Record<string, number | ((iteration: number) => number)>>;
const GOOD: Course = { f_data: 5, f_samples: 3, f_spread: 2, sigma: 0.1, posterior_ess: 3 };

/** Watches so many iterations in calls of `stride`. */
function watched(health: Health, iterations: number, course: Course, stride = 10): Warning[] {
  const warnings: Warning[] = [];
  for (let at = 0; at < iterations; at += stride) {
    const values = Object.entries({ ...GOOD, ...course }).map(([name, of]): [string, Float32Array] => [
      name,
      Float32Array.from({ length: stride }, (_, i) => (typeof of === "number" ? of : of(at + i + 1))),
    ]);
    warnings.push(...health.watch(Object.fromEntries(values), at + stride));
  }
  return warnings;
}
const signs = (warnings: readonly Warning[]): Sign[] => warnings.map(({ sign }) => sign);
const seen = (iterations: number, course: Course, flags = {}) =>
  signs(watched(new Health(config(flags)), iterations, course));

describe("metrics", () => {
  test("of a good run nothing is told", () => {
    expect(seen(3000, {})).toEqual([]);
  });

  test("f of data and of samples apart, either way, for two windows: told once", () => {
    expect(seen(3000, { f_samples: -6 })).toEqual(["samples-apart"]); // 11 apart, the spread being 2
    expect(seen(3000, { f_samples: 16 })).toEqual(["samples-apart"]);
    expect(seen(3000, { f_samples: -4 })).toEqual([]); // 9 apart
    expect(seen(3000, { f_samples: (i) => (i <= WINDOW ? -50 : 3) })).toEqual([]); // one window
    const [warning] = watched(new Health(config({ lr: 0.02, glr: 0.5 })), 2 * WINDOW, { f_samples: -50 });
    expect(warning!.text).toMatch(/^warning: .* 5 and -50: 27\.5 times .*--lr \(it is 0\.02\).*--glr .*\(it is 0\.5\)/);
  });

  test("of chains it says what bounds them", () => {
    const flags = { jemBaseline: true };
    const [warning] = watched(new Health(config(flags)), 2 * WINDOW, { f_samples: -50 });
    expect(warning!.text).toMatch(/--sgld-clip .*\(it is none\)/);
    expect(warning!.text).not.toMatch(/--glr/);
    const [bounded] = watched(new Health(config({ ...flags, sgldClip: 3 })), 2 * WINDOW, { f_samples: -50 });
    expect(bounded!.text).toMatch(/--sgld-clip .*\(it is 3\)/);
  });

  test("f that grows steep where chains go, of what it was after the warm-up: told at once, with what bounds them", () => {
    const from = (start: number, steep: number) => ({
      chain_gradient_norm: (i: number) => (i <= start ? 1.2 : steep),
    });
    expect(seen(1000, from(600, 3.1))).toEqual(["chains-steeper"]);
    expect(seen(650, from(600, 3.1))).toEqual(["chains-steeper"]);
    expect(seen(1000, from(600, 2.9))).toEqual([]);
    expect(seen(1000, { chain_gradient_norm: (i) => 0.1 + i / 500 }, { warmupIters: 200 })).toEqual([]); // rises slowly
    const rising = { chain_gradient_norm: (i: number) => Math.min(i / 200, 1) ** 3 };
    expect(seen(1000, rising, { warmupIters: 200 })).toEqual([]); // with the rates
    const health = new Health(config({ jemBaseline: true, sgldClip: 2 }));
    const [warning] = watched(health, 650, from(600, 4.8));
    expect(warning!.text).toMatch(/^warning: .* 4\.8, 4 times .*--sgld-clip .*\(it is 2\)/);
    expect(health.isFine).toBe(false);
  });

  test("while the rates rise, the generator may be behind", () => {
    const early = { f_samples: (i: number) => (i <= 4 * WINDOW ? -50 : 3) };
    expect(seen(3000, early)).toEqual(["samples-apart"]);
    expect(seen(3000, early, { warmupIters: 4 * WINDOW })).toEqual([]);
    expect(seen(3000, { f_samples: -50 }, { warmupIters: 4 * WINDOW })).toEqual(["samples-apart"]);
  });

  test("what f is apart by is measured by its spread: f of a hundred times the scale is no other run", () => {
    expect(seen(3000, { f_data: 500, f_samples: 300, f_spread: 200 })).toEqual([]);
    expect(seen(3000, { f_data: 0.05, f_samples: -0.06, f_spread: 0.02 })).toEqual(["samples-apart"]);
  });

  test("f that drifts by more than 4 spreads in 500 iterations, for 500 on end", () => {
    const along = (perIteration: number) => ({
      f_data: (i: number) => 5 + perIteration * i,
      f_samples: (i: number) => 4 + perIteration * i,
    });
    expect(seen(3000, along(-0.02))).toEqual(["f-drifts"]); // 10 in 500 iterations: 5 spreads
    expect(seen(3000, along(0.008))).toEqual([]); // 2 spreads
    const settling = (i: number) => 5 + 0.02 * Math.min(i, 600);
    expect(seen(3000, { f_data: settling, f_samples: settling })).toEqual([]);
    // As far away and back: no drift.
    const back = (i: number) => 5 + 10 * Math.sin(i / 50);
    expect(seen(3000, { f_data: back, f_samples: back })).toEqual([]);
    // The level of a flow is its likelihood, which is to rise.
    expect(seen(3000, along(0.02), { jem: false, nice: true })).toEqual([]);
  });

  test("σ at a bound, for 500 iterations", () => {
    expect(seen(500, { sigma: 0.01 })).toEqual(["sigma-least"]);
    expect(seen(450, { sigma: 0.01 })).toEqual([]);
    expect(seen(3000, { sigma: (i) => (i % 400 < 100 ? 0.02 : 0.01) })).toEqual([]);
    expect(seen(3000, { sigma: 0.3 })).toEqual(["sigma-greatest"]);
    expect(seen(3000, { sigma: 0.05 }, { minSigma: 0.05 })).toEqual([]); // as the presets of pictures ask for it
    expect(seen(3000, { sigma: 0.05 }, { maxSigma: 0.05 })).toEqual([]); // and quickstart for that
    expect(seen(3000, { sigma: 0.5 }, { maxSigma: 0.5 })).toEqual(["sigma-greatest"]);
    expect(seen(3000, { sigma: 0.005 }, { minSigma: 0.005 })).toEqual(["sigma-least"]);
    expect(seen(3000, { sigma: 0.2 }, { minSigma: 0.2, maxSigma: 0.2 })).toEqual([]); // as it was asked for
    expect(watched(new Health(config()), 500, { sigma: 0.01 })[0]!.text).toMatch(/^note: .*--min-sigma 0\.01/);
  });

  test("a posterior of one sample, for 500 iterations; pictures have 1.01", () => {
    expect(seen(3000, { posterior_ess: 1.0004 })).toEqual(["posterior-collapsed"]);
    expect(seen(3000, { posterior_ess: 1.01 })).toEqual([]);
    expect(seen(3000, { posterior_ess: 1 }, { posteriorSamples: 1 })).toEqual([]);
  });

  test("what is told does not depend on how the iterations are cut", () => {
    const course = { f_data: (i: number) => 5 + 0.02 * i, f_samples: (i: number) => 4 - 0.01 * i, sigma: 0.01 };
    const run = (stride: number) => {
      const health = new Health(config());
      return { warnings: watched(health, 1000, course, stride), state: health.state };
    };
    const whole = run(WINDOW);
    expect(signs(whole.warnings)).toEqual(["samples-apart", "sigma-least", "f-drifts"]);
    expect(run(1)).toEqual(whole);
    expect(run(25)).toEqual(whole);
  });

  test("a state goes on where it was", () => {
    const course = { f_samples: -50, sigma: 0.01 };
    const whole = new Health(config());
    watched(whole, 520, course);
    const first = new Health(config());
    watched(first, 510, course);
    const second = new Health(config());
    second.state = JSON.parse(JSON.stringify(first.state));
    expect(second.watch({}, 520)).toEqual([]);
    expect(second.state.told).toEqual(whole.state.told);
  });

  test("while f is astray, nothing that is saved is worth going back to", () => {
    const health = new Health(config());
    watched(health, WINDOW, {});
    expect(health.isFine).toBe(true);
    watched(health, WINDOW, { f_samples: -50 });
    expect(health.isFine).toBe(false);
    watched(health, WINDOW, {});
    expect(health.isFine).toBe(true);
  });
});

describe("classes among samples", () => {
  const names = Array.from({ length: 10 }, (_, y) => String(y));
  const even = new Float64Array(10).fill(0.1);
  const without = (y: number, share = 0) => even.map((each, k) => (k === y ? share : each + (each - share) / 9));
  const judge = (health: Health, samples: Float64Array, { data = even, last = false, count = 200 } = {}) =>
    health.judgeClasses(samples, data, count, names, last);

  test("one that is missing twice is told, once", () => {
    const health = new Health(config());
    expect(judge(health, without(3))).toEqual({ missing: 1, warnings: [] });
    const { missing, warnings } = judge(health, without(3, 0.005));
    expect(missing).toBe(1);
    expect(signs(warnings)).toEqual(["classes-missing"]);
    expect(warnings[0]!.text).toMatch(
      /^warning: so far the generator hardly draws 3 \(0\.5 % of samples, 10\.0 % of data\).*200 samples.*--ent-weight/,
    );
    expect(judge(health, without(3)).warnings).toEqual([]);
  });

  test("or at the last evaluation; not another one, nor one with a tenth of its share", () => {
    expect(signs(judge(new Health(config()), without(3), { last: true }).warnings)).toEqual(["classes-missing"]);
    const health = new Health(config());
    judge(health, without(3));
    expect(judge(health, without(4)).warnings).toEqual([]);
    expect(judge(health, without(4, 0.011))).toEqual({ missing: 0, warnings: [] });
  });

  test("a class of which data would have fewer than 20 says nothing", () => {
    const rare = Float64Array.from([0.05, ...new Array(9).fill(0.95 / 9)]);
    const none = Float64Array.from([0, ...new Array(9).fill(1 / 9)]);
    expect(judge(new Health(config()), none, { data: rare, last: true }).missing).toBe(0); // 10 of 200
    expect(judge(new Health(config()), none, { data: rare, last: true, count: 400 }).missing).toBe(1);
  });

  test("more classes need more samples, and too many cannot be told", () => {
    expect([2, 10, 43, 100, 101, 1000].map(samplesToJudge)).toEqual([200, 200, 860, 2000, null, null]);
  });
});

describe("a run that is made to go wrong", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vera-health-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const flags = {
    dataset: "moons",
    batchSize: 20,
    printEvery: 50,
    evalEvery: 0,
    ckptEvery: 60,
    plots: false,
    threads: 1,
  };

  test("says so on the screen, in its metrics and in its checkpoint, once, and documents it", async () => {
    const path = join(folder, "stuck");
    const messages: string[] = [];
    // The generator stands still, the model does not.
    const stuck = { dataset: "digits", jem: true, noiseDim: 4, lr: 1e-3, glr: 1e-9, nIters: 150, evalEvery: 50 };
    await train(resolveConfig({ flags: { ...flags, ...stuck, saveDir: path } }), {
      onMessage: (text) => messages.push(text),
    });
    const warnings = (await readMetrics(path)).filter(({ kind }) => kind === "warning");
    const apart = warnings.filter(({ sign }) => sign === "samples-apart");
    expect(apart).toHaveLength(1);
    expect(messages.filter((text) => text === apart[0]!.text)).toHaveLength(1);
    const documented = await readFile(new URL("../../docs/metrics.md", import.meta.url), "utf8");
    for (const { sign } of warnings) expect(documented).toContain(`\`${sign}\``);
    for (const name of Object.keys(apart[0]!)) expect(documented).toContain(`\`${name}\``);
  });

  test("and stays quiet where it goes well", async () => {
    const path = join(folder, "good");
    const messages: string[] = [];
    await train(resolveConfig({ flags: { ...flags, lr: 1e-3, glr: 1e-3, nIters: 250, saveDir: path } }), {
      onMessage: (text) => messages.push(text),
    });
    expect(messages.filter((text) => /warning|note/.test(text))).toEqual([]);
    expect((await readMetrics(path)).some(({ kind }) => kind === "warning")).toBe(false);
  });
});
