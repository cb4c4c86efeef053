/** `vera eval` and `vera sample` from end to end, on runs of a few iterations. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { vera } from "../../src/cli/vera.js";
import { encodeNpy } from "../../src/data/formats/npy.js";
import { SCORE_NAMES } from "../../src/evaluate/outliers/scores.js";
import { array, readSafetensors, writeSafetensors } from "../../src/runtime/index.js";
import { trainBriefly } from "../export/runs.js";

let folder: string;
let digits: string;
let plane: string;
let mixture: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-eval-command-"));
  digits = await trainBriefly(join(folder, "digits"), { dataset: "digits", jem: true, noiseDim: 4 });
  plane = await trainBriefly(join(folder, "plane"), { dataset: "moons" });
  mixture = await trainBriefly(join(folder, "mixture"), { dataset: "moons", maximumLikelihood: true, mogComps: 3 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function cli(...argv: string[]) {
  let [out, err] = ["", ""];
  const terminal = { out: { write: (t: string) => (out += t) }, err: { write: (t: string) => (err += t) } };
  const code = await vera(argv, terminal);
  return { code, out, err };
}

/** Runs a command that must work. @returns what it wrote to a folder of its own, by name */
async function written(out: string, ...argv: string[]): Promise<ReadonlyMap<string, Record<string, unknown>>> {
  const to = join(folder, out);
  expect(await cli(...argv, "--out", to)).toMatchObject({ code: 0 });
  const names = await readdir(to);
  const content = async (name: string) =>
    name.endsWith(".json") ? JSON.parse(await readFile(join(to, name), "utf8")) : {};
  return new Map(await Promise.all(names.map(async (name) => [name, await content(name)] as const)));
}

describe("eval", () => {
  test("the density of a network in the plane is the same by annealing as on the grid", async () => {
    const likelihood = ["eval", plane, "--what", "likelihood"];
    const grid = (await written("grid", ...likelihood)).get("likelihood.json")!;
    const annealed = (
      await written("annealed", ...likelihood, "--check-partition", "--chains", "100", "--temperatures", "200")
    ).get("likelihood.json")!;
    type Z = {
      method: string;
      value: number;
      ais: { forward: { standardError: number; effectiveSampleSize: number } };
    };
    const [a, b] = [grid.logPartition as Z, annealed.logPartition as Z];
    expect([a.method, b.method]).toEqual(["grid", "ais"]);
    expect(b.ais.forward.effectiveSampleSize).toBeGreaterThan(50);
    expect(Math.abs(a.value - b.value)).toBeLessThan(4 * b.ais.forward.standardError + 1e-3);
  });

  test("a mixture is normalised, which annealing finds, too; other data are judged beside its own", async () => {
    const argv = [
      "eval",
      mixture,
      "--what",
      "likelihood",
      "--check-partition",
      "--chains",
      "100",
      "--temperatures",
      "200",
    ];
    const { code, out } = await cli(...argv, "--dataset", "circles", "--limit", "500", "--out", join(folder, "other"));
    expect(code).toBe(0);
    const number = String.raw`(-?\d+\.\d+)`;
    const [, z, error, bound] = new RegExp(
      `log Z ${number} ± ${number} and, from exact samples, at most ${number}`,
    ).exec(out)!;
    expect(Math.abs(Number(z))).toBeLessThan(4 * Number(error) + 1e-3);
    expect(Number(bound)).toBeGreaterThan(Number(z) - 8 * Number(error));
    expect(out).toMatch(/moons, training .* 500\n +moons, test .* 500\n +circles .* 500\n/);
  });

  test("estimators on other data and latent dimensions than the run's", async () => {
    const options = [
      "--limit",
      "300",
      "--latent-dim",
      "2",
      "--estimator-data",
      "digits",
      "--posterior-samples",
      "1",
      "50",
      "--repetitions",
      "40",
    ];
    const study = (await written("study", "eval", plane, "--what", "estimator", ...options)).get("estimator.json")!;
    expect(study).toMatchObject({ dim: 64, latentDim: 2, repetitions: 40 });
    const scores = study.scores as { name: string; samples: number }[];
    // Of HMC 50 are too many; the linear estimator has steps.
    expect(scores.map((s) => s.samples)).toEqual([1, 50, 1, 50, 1, 1, 2, 3, 5, 10]);
  });

  test("every refinement score, attacks and refined inputs", async () => {
    const options = [
      "--what",
      "classification",
      "ood",
      "attacks",
      "--limit",
      "30",
      "--scores",
      "all",
      "--bootstrap",
      "20",
    ];
    const more = ["--n-steps", "2", "--refine-steps", "2", "--attack-steps", "2", "--restarts", "1"];
    const files = await written("all", "eval", digits, ...options, ...more);
    const { against } = files.get("ood.json") as { against: { scores: object }[] };
    expect(Object.keys(against[0]!.scores)).toEqual(SCORE_NAMES);
    expect([...files.keys()]).toEqual(expect.arrayContaining(["attack-l2.png", "ood-refinel2.png", "reliability.png"]));
  });

  test("another run's scores stand beside, on the same rows", async () => {
    const flags = { dataset: "digits", clfOnly: true, unitInterval: true };
    const classifier = await trainBriefly(join(folder, "classifier"), flags);
    const options = ["--what", "ood", "--limit", "40", "--scores", "px", "mahalanobis", "--bootstrap", "20"];
    const argv = ["eval", digits, ...options, "--against", "interp", "uniform", "--baseline", classifier];
    const { out } = await cli(...argv, "--out", join(folder, "beside"));
    expect(out).toMatch(/against +model +score .*\n +interp \(40\) +run +px .*\n +mahalanobis .*\n +baseline +px /);
    type Report = { examples: number; against: { name: string; examples: number; scores: Record<string, object> }[] };
    const { baseline, ...own } = JSON.parse(await readFile(join(folder, "beside", "ood.json"), "utf8")) as Report & {
      baseline: Report;
    };
    for (const { examples, against } of [own, baseline]) {
      expect(examples).toBe(40);
      expect(against.map((set) => [set.name, set.examples])).toEqual([
        ["interp", 40],
        ["uniform", 40],
      ]);
      expect(Object.keys(against[0]!.scores)).toEqual(["px", "mahalanobis"]);
    }
    // The same as of the classifier's own evaluation: the rows are the same, however it scales them.
    const alone = await written("alone", "eval", classifier, ...options, "--against", "interp", "uniform");
    expect(alone.get("ood.json")).toMatchObject({ ...baseline });
    const wrong = await cli("eval", digits, "--baseline", plane, "--what", "ood");
    expect(wrong).toMatchObject({ code: 2, err: expect.stringMatching(/--baseline .* learned moons, the run digits/) });
  });

  test("predictions beside people's", async () => {
    const people = join(folder, "people.npy");
    // 359 test digits; people who name each class alike have an entropy of log 10.
    await writeFile(people, encodeNpy(array(Array(3590).fill(0.1), [359, 10])));
    const argv = ["eval", digits, "--what", "classification", "--people", people];
    const { out, err, code } = await cli(...argv, "--out", join(folder, "with-people"));
    expect(code).toBe(0);
    expect(out).toMatch(
      /against people's labels +as trained +with temperature +least\n +cross-entropy \(nats\) .* 2\.303\n/,
    );
    expect(out).toMatch(/People give 10\.00 % of their votes to the labels/);
    expect(err).toMatch(/less than half of their votes .* in the order of the test split/);
    const limited = await cli(...argv, "--limit", "50", "--out", join(folder, "refused"));
    expect(limited).toMatchObject({
      code: 1,
      err: expect.stringMatching(/\[359,10\], where \[50,10\] .*without --limit\n$/),
    });
  });

  test("folders of pictures, whatever their sizes and colours", async () => {
    const photos = join(folder, "photos");
    await mkdir(join(photos, "more"), { recursive: true });
    const picture = (width: number, height: number, background: string) =>
      sharp({ create: { width, height, channels: 3, background } });
    for (const [i, width] of [3, 8, 40, 200].entries()) {
      await picture(width, 30, "orange")
        .jpeg()
        .toFile(join(photos, `${i}.jpg`));
      await picture(width, 8, "white")
        .toColourspace("b-w")
        .png()
        .toFile(join(photos, "more", `${i}.png`));
    }
    const argv = ["eval", digits, "--what", "ood", "--limit", "20", "--scores", "px", "--bootstrap", "20", "--against"];
    const { against } = (await written("photos-eval", ...argv, photos)).get("ood.json") as {
      against: { name: string; examples: number }[];
    };
    expect(against).toMatchObject([{ name: "photos", examples: 8 }]);
    const refused = async (path: string) => {
      const { code, err } = await cli(...argv, path, "--out", join(folder, "refused"));
      expect(code).toBe(1);
      expect(err.trim().split("\n")).toHaveLength(1);
      return err;
    };
    expect(await refused(join(photos, "0.jpg"))).toMatch(
      /0\.jpg: a file, but the model takes pictures.*name the folder/,
    );
    await mkdir(join(folder, "empty"));
    expect(await refused(join(folder, "empty"))).toMatch(/empty: no pictures \(.*\)\n$/);
    await writeFile(join(photos, "4.png"), "no picture");
    expect(await refused(photos)).toMatch(/4\.png: truncated, or no picture/);
  });

  test("data that are not where they are said to be", async () => {
    const elsewhere = join(folder, "nothing");
    await mkdir(elsewhere, { recursive: true });
    const { code, err } = await cli(
      "eval",
      digits,
      "--what",
      "estimator",
      "--estimator-data",
      "mnist",
      "--data-root",
      elsewhere,
    );
    expect(code).toBe(1);
    expect(err).toContain(elsewhere);
  });

  test.each<readonly [readonly string[], number, RegExp]>([
    [["--what", "estimator", "--latent-dim", "64"], 2, /--latent-dim 64: digits has 64 dimensions/],
    [["--what", "estimator", "--posterior-samples", "1.5"], 2, /--posterior-samples takes whole numbers/],
    [["--what", "ood", "--scores", "none of them"], 2, /--scores takes px, .*mahalanobis.* or all/],
    [["--what", "everything"], 2, /--what takes classification, .* or all, not "everything"/],
    [["--what", "ood", "--against", "nowhere"], 1, /nowhere: no such file, folder or data set; there are uniform/],
    [["--what", "modes", "--classifier", "package.json"], 1, /package\.json is no digit classifier/],
    [["--what", "modes", "--classifier", "no.such"], 1, /cannot read the digit classifier no\.such: ENOENT/],
  ])("%j is refused in one line", async (argv, code, why) => {
    const result = await cli("eval", digits, ...argv, "--out", join(folder, "refused"));
    expect(result.code).toBe(code);
    expect(result.err).toMatch(why);
    expect(result.err.trim().split("\n")).toHaveLength(1);
  });

  test("a run of an architecture that this version does not know", async () => {
    const config = join(folder, "unknown", "config.json");
    await mkdir(join(folder, "unknown", "checkpoints"), { recursive: true });
    await writeFile(join(folder, "unknown", "checkpoints", "last.safetensors"), "");
    const known = JSON.parse(await readFile(join(plane, "config.json"), "utf8"));
    await writeFile(config, JSON.stringify({ ...known, architecture: "transformer" }));
    const { code, err } = await cli("eval", join(folder, "unknown"));
    expect(code).toBe(2);
    expect(err).toMatch(/config\.json: no architecture "transformer" in this version/);
    const { run: _, ...rest } = known;
    await writeFile(config, JSON.stringify(rest));
    expect((await cli("eval", join(folder, "unknown"))).err).toMatch(/config\.json is not what training leaves/);
  });
});

test("a checkpoint with parameters that are not finite is refused by every command", async () => {
  const broken = join(folder, "broken");
  await cp(plane, broken, { recursive: true });
  for (const name of await readdir(join(broken, "checkpoints"))) {
    const file = join(broken, "checkpoints", name);
    const bytes = await readFile(file);
    const { tensors } = readSafetensors(bytes);
    const weight = tensors.get("logp_net.0.weight")!.data as Float32Array;
    weight[3] = Number.NaN;
    await writeFile(file, writeSafetensors([...tensors], readSafetensors(bytes).metadata));
  }
  for (const argv of [["eval"], ["sample"], ["export", "--format", "onnx"]]) {
    const { code, err } = await cli(argv[0]!, broken, ...argv.slice(1));
    expect(code).toBe(1);
    expect(err).toMatch(
      /^vera: .*\.safetensors: model\.0\.weight holds numbers that are not finite; take another checkpoint\n$/,
    );
  }
});

describe("sample", () => {
  test("part of the transitions adapts the step size, the others are counted", async () => {
    const files = await written(
      "classes",
      "sample",
      digits,
      "--class",
      "3",
      "4",
      "--count",
      "2",
      "--steps",
      "6",
      "--confidence",
      "0",
    );
    const { classes } = files.get("classes.json") as { classes: { acceptance: number; kept: number }[] };
    for (const { acceptance, kept } of classes) {
      expect(acceptance).toBeGreaterThan(0);
      expect(kept).toBe(2);
    }
    expect([...files.keys()].sort()).toEqual(["classes.json", "classes.npy", "classes.png", "labels.npy"]);
    const none = await written("unrefined", "sample", digits, "--class", "3", "--steps", "0", "--count", "2");
    expect(none.get("classes.json")).toMatchObject({ classes: [{ acceptance: null }] });
  });

  test("unconditional, with chains as a picture", async () => {
    for (const [name, run, space] of [
      ["digits-samples", digits, "latent"],
      ["mixture-samples", mixture, "input"],
    ] as const) {
      const files = await written(name, "sample", run, "--count", "9", "--steps", "12");
      expect([...files.keys()]).toEqual(
        expect.arrayContaining(["samples.npy", "refined.npy", "chains.png", "acceptance.png"]),
      );
      const { refined } = files.get("samples.json") as { refined: { space: string; acceptance: number } };
      expect(refined.space).toBe(space);
      expect(refined.acceptance).toBeGreaterThan(0);
    }
  });

  test("classes of a model without any", async () => {
    const { code, err } = await cli("sample", plane, "--class", "all");
    expect(code).toBe(2);
    expect(err).toMatch(/was trained without classes: leave out --class/);
  });
});
