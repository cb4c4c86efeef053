/** docs/from-the-original.md: every flag of the original is in it, and is here what it says. */
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { parseArguments } from "../../src/cli/arguments.js";
import { OPTIONS as SAMPLE_OPTIONS } from "../../src/cli/commands/sample.js";
import { TAKEN } from "../../src/cli/commands/train.js";
import { OPTIONS as EVAL_OPTIONS } from "../../src/cli/eval-options.js";
import { asThere, NEEDLESS, ORIGINAL_EVAL } from "../../src/cli/original-eval.js";
import { datasetPart, interpolatedSet, OPTIONS, type Option } from "../../src/runs/config/index.js";

/** What the original's parsers take. */
const THERE = {
  "train.py": `log_file dataset data_root unit_interval logit nice data_aug img_size lr glr beta1 beta2 labels_per_class optimizer
    batch_size n_epochs sgld_steps mog_comps g_feats e_iters g_iters decay_epochs decay_rate warmup_iters seed h_dim noise_dim norm
    no_g_batch_norm resnet wide_resnet thicc_resnet max_sigma min_sigma dropout generator_type clf_only jem maximum_likelihood ssm vat
    vat_weight vat_eps jem_baseline n_steps buffer_size sgld_lr sgld_std reinit_freq ent_weight clf_weight clf_ent_weight mcmc_lr post_lr
    weight_decay p_control n_control pg_control save_dir ckpt_path ckpt_every save_every eval_every print_every viz_every load_path`,
  "eval.py": `eval score_fn ood_dataset dataset test_dataset datasets batch_size sigma norm n_steps width depth uncond sgld_lr sgld_std
    mcmc_lr save_dir n_sample_steps n_sample_batches load_path generator_type noise_dim unit_interval data_aug g_feats post_lr log_file
    ckpt_path logit`,
} as const;
const flagsOf = (program: keyof typeof THERE) => THERE[program].trim().split(/\s+/);

let docs: string;
beforeAll(async () => {
  docs = await readFile(new URL("../../docs/from-the-original.md", import.meta.url), "utf8");
});

/** Flags and what they are called to be, of the table below a heading. */
function table(program: keyof typeof THERE): ReadonlyMap<string, string> {
  const section = docs.split(`## Flags of ${program}\n`)[1]!.split("\n## ")[0]!;
  return new Map([...section.matchAll(/^\| `--(\w+)` \| ([\w ]+) \|/gm)].map(([, flag, here]) => [flag!, here!]));
}

/** A word that an option may have. */
const someValue = ({ type, choices }: Option): string[] =>
  type === "bool" ? [] : [String(choices?.[0] ?? (type === "string" || type === "strings" ? "x" : 1))];

describe.each([
  ["train.py", { ...TAKEN, ...OPTIONS }, TAKEN],
  ["eval.py", ORIGINAL_EVAL, NEEDLESS],
] as const)("%s", (program, options: Readonly<Record<string, Option>>, needless: Readonly<Record<string, Option>>) => {
  const taken = (flag: string): string | undefined => {
    const [option] = Object.entries(options).filter(([name, { aliases = [] }]) =>
      [name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`), ...aliases].includes(flag.replaceAll("_", "-")),
    );
    if (option === undefined) return undefined;
    const { values } = parseArguments([`--${flag}`, ...someValue(option[1])], options);
    return Object.keys(values)[0];
  };

  test("every flag is in the table, and the table has no other", () => {
    expect([...table(program).keys()].sort()).toEqual(flagsOf(program).sort());
  });

  test("those called same or renamed are taken, others are not, or change nothing", () => {
    for (const [flag, here] of table(program)) {
      const name = taken(flag);
      if (here === "left out") expect(name, flag).toBeUndefined();
      else expect(name, flag).toBeDefined();
      expect(name !== undefined && Object.hasOwn(needless, name), flag).toBe(here === "no effect");
    }
  });
});

describe("a command line of eval.py", () => {
  const ckpt = ["--ckpt_path", "MODEL.pt"];
  const out = ["--save_dir", "DIR"];
  const steps = ["--n_sample_steps", "100", "--n_steps", "40"];
  test.each<[string, string[], string, string]>([
    [
      "test_clf",
      [...ckpt, "--eval", "test_clf", "--dataset", "cifar_test"],
      "eval",
      "--ckpt-path MODEL.pt --what classification --dataset cifar_test",
    ],
    [
      "test_clf after steps",
      [...ckpt, "--eval=test_clf", "--test_dataset", "cifar_train", "--n_steps", "5", "--sigma", "1"],
      "eval",
      "--ckpt-path MODEL.pt --n-steps 5 --what classification --dataset cifar_train",
    ],
    [
      "OOD",
      [...ckpt, "--eval", "OOD", "--ood_dataset", "cifar_100"],
      "eval",
      "--ckpt-path MODEL.pt --what ood --against cifar_100 --scores px",
    ],
    [
      "OOD is meant where nothing is named",
      ["run", "--score_fn", "pxgrad"],
      "eval",
      "run --what ood --against svhn --scores pxgrad",
    ],
    [
      "logp_hist",
      [...ckpt, "--eval", "logp_hist", "--datasets", "svhn", "cifar10", ...out],
      "eval",
      "--ckpt-path MODEL.pt --out DIR --what histograms --dataset cifar10 --against svhn --scores px",
    ],
    [
      "logp_hist of one set",
      [...ckpt, "--eval", "logp_hist", "--datasets", "celeba"],
      "eval",
      "--ckpt-path MODEL.pt --what histograms --dataset celeba --against none --scores px",
    ],
    [
      "uncond_samples",
      [...ckpt, "--eval", "uncond_samples", ...out, ...steps],
      "sample",
      "--ckpt-path MODEL.pt --out DIR --count 64 --steps 100",
    ],
    [
      "uncond_samples, in batches",
      [
        ...ckpt,
        "--eval",
        "uncond_samples",
        "--n_sample_batches",
        "3",
        "--batch_size",
        "10",
        "--width",
        "2",
        "--depth",
        "28",
      ],
      "sample",
      "--ckpt-path MODEL.pt --count 30 --steps 100",
    ],
    [
      "cond_samples",
      [...ckpt, "--eval", "cond_samples", ...out, ...steps],
      "sample",
      "--ckpt-path MODEL.pt --out DIR --class all --steps 100",
    ],
  ])("%s", (_, argv, command, line) => {
    const there = asThere(argv)!;
    expect([there.command, there.argv.join(" ")]).toEqual([command, line]);
    // What it is here can be said here.
    const options: Readonly<Record<string, Option>> = command === "eval" ? EVAL_OPTIONS : SAMPLE_OPTIONS;
    expect(() => parseArguments(there.argv, options)).not.toThrow();
  });

  test("is told from one of vera's own", () => {
    expect(asThere(["run", "--what", "ood", "--sgld-lr", "0.5"])).toBeNull();
    expect(asThere(["--ckpt-path", "x", "--out", "y"])).toBeNull();
    expect(asThere(["--eval", "OOD", "--help"])).toBeNull();
  });

  test("names what it cannot have", () => {
    expect(() => asThere(["--eval", "nothing"])).toThrow(/--eval takes OOD, test_clf, .*not "nothing"/);
    expect(() => asThere(["--eval", "logp_hist"])).toThrow("needs --datasets");
  });
});

describe("names of data sets", () => {
  test.each([
    ["cifar_test", { name: "cifar10", part: "test" }],
    ["cifar_train", { name: "cifar10", part: "train" }],
    ["svhn_train", { name: "svhn", part: "train" }],
    ["cifar_100", { name: "cifar100", part: null }],
    ["cifar_100_test", { name: "cifar100", part: "test" }],
    ["stackmnist", { name: "stackedmnist", part: null }],
    ["stackmnist_test10k", { name: "stackedmnist-test10k", part: null }],
    ["stackmnist-test10k_train", { name: "stackedmnist-test10k", part: "train" }],
    ["photos", null],
    ["photos_test", null],
    ["_test", null],
  ])("%s", (typed, expected) => expect(datasetPart(typed)).toEqual(expected));

  test("means of two images", () => {
    expect(interpolatedSet("cifar_interp")).toBe("cifar10");
    expect(interpolatedSet("interp")).toBeNull();
    expect(interpolatedSet("photos_interp")).toBeNull();
  });

  test("no text is too odd to be looked up", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(datasetPart(text)?.name ?? "moons").toMatch(/^[\w-]+$/);
      }),
    );
  });
});
