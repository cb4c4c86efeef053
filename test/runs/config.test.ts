/** Configurations: what settings resolve to, what is refused and how that is said, precedence, resuming. */
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { DATASETS } from "../../src/data/index.js";
import {
  ConfigError,
  type ConfigSources,
  closest,
  DATASET_NAMES,
  formatConfig,
  OPTION_NAMES,
  OPTIONS,
  optionOf,
  PRESETS,
  resolveConfig,
  type TrainConfig,
  withoutEffect,
} from "../../src/runs/config/index.js";

type Flags = Record<string, unknown>;
const flags = (given: Flags): TrainConfig => resolveConfig({ flags: given });

describe("what settings resolve to", () => {
  const cifar = { dataset: "cifar10" };
  const cases: [Flags, Partial<TrainConfig>][] = [
    [{}, { dataset: "circles", mode: "vera", labels: "none", density: "network", architecture: "toy", noiseDim: 2 }],
    [
      {},
      {
        batchSize: 200,
        nEpochs: 200,
        lr: 1e-3,
        glr: 1e-3,
        beta1: 0,
        beta2: 0.9,
        seed: 1234,
        saveDir: "runs/circles-vera",
      },
    ],
    [{}, { decayEpochs: [160, 180], decayRate: 0.3, postLr: 0.02, mcmcLr: 0.02, sgldSteps: 100, entWeight: 1 }],
    [
      { ...cifar, jem: true },
      { mode: "jem", labels: "all", classes: 10, architecture: "dcgan32", noiseDim: 128 },
    ],
    [
      { ...cifar, labels_per_class: 400 },
      { mode: "semi-supervised", labels: "few" },
    ],
    [{ ...cifar, labels_per_class: 400, jem: true }, { mode: "semi-supervised" }],
    [
      { ...cifar, clf_only: true },
      { mode: "clf-only", labels: "all" },
    ],
    [{ ...cifar, clf_only: true, jem: true }, { mode: "clf-only" }],
    [
      { ...cifar, vat: true, jem: true },
      { mode: "vat", labels: "all" },
    ],
    [
      { ...cifar, vat: true, labels_per_class: 10 },
      { mode: "vat", labels: "few" },
    ],
    [
      { ...cifar, jem_baseline: true },
      { mode: "jem-baseline", labels: "none", nSteps: 20, sgldLr: 5e-5 },
    ],
    [
      { ...cifar, jem_baseline: true, jem: true, sgld_std: 0.1 },
      { labels: "all", sgldLr: 0.1 ** 2 / 2 },
    ],
    [{ ...cifar, jem_baseline: true, sgld_lr: 1 }, { sgldLr: 1 }],
    [{ ...cifar, norm: "batch" }, { architecture: "dcgan-bn" }],
    [
      { ...cifar, img_size: 64 },
      { architecture: "dcgan64", shape: [3, 64, 64] },
    ],
    [{ ...cifar, resnet: true, noise_dim: 128 }, { architecture: "resnet" }],
    [
      { ...cifar, wide_resnet: true, norm: "group" },
      { architecture: "wide-resnet-28-2", norm: "group" },
    ],
    [
      { ...cifar, thicc_resnet: true },
      { architecture: "wide-resnet-28-10", noiseDim: 128 },
    ],
    [{ dataset: "mnist" }, { architecture: "mlp", shape: [1, 28, 28], outputActivation: "tanh", scaling: "symmetric" }],
    [
      { dataset: "mnist", img_size: 32 },
      { architecture: "dcgan32", shape: [1, 32, 32] },
    ],
    [{ dataset: "mnist", img_size: 32, wide_resnet: true }, { architecture: "wide-resnet-28-2" }],
    [{ dataset: "mnist", img_size: "native" }, { imgSize: null }],
    [
      { dataset: "mnist", unit_interval: true },
      { scaling: "unit", outputActivation: "sigmoid" },
    ],
    [
      { dataset: "mnist", logit: true },
      { scaling: "logit", outputActivation: "tanh" },
    ],
    [
      { dataset: "mnist", logit: true, nice: true },
      { density: "nice", scaling: "logit", outputActivation: "none" },
    ],
    [
      { dataset: "mnist", unit_interval: true, mog_comps: 3 },
      { density: "mog", outputActivation: "sigmoid" },
    ],
    [
      { dataset: "mnist", unit_interval: true, nice: true },
      { scaling: "unit", outputActivation: "none" },
    ],
    [
      { dataset: "mnist", nice: true, maximum_likelihood: true },
      { mode: "maximum-likelihood", density: "nice" },
    ],
    [
      { dataset: "moons", mog_comps: 10, ssm: true },
      { mode: "ssm", density: "mog" },
    ],
    [
      { dataset: "moons", mog_comps: 10 },
      { mode: "vera", density: "mog", architecture: "toy" },
    ],
    [{ dataset: "digits" }, { architecture: "image-mlp", shape: [1, 8, 8] }],
    [{ dataset: "digits", labels_per_class: 2 }, { architecture: "small-mlp" }],
    [
      { dataset: "HUMAN", jem: true },
      { dataset: "human", architecture: "mlp", classes: 6, outputActivation: "none" },
    ],
    [
      { dataset: "stackmnist", img_size: 64 },
      { dataset: "stackedmnist", architecture: "dcgan64", classes: 1000 },
    ],
    [
      { dataset: "CIFAR-100", data_aug: true },
      { dataset: "cifar100", augmentation: { pad: 4, flip: true } },
    ],
    [{ dataset: "svhn", data_aug: true }, { augmentation: { pad: 4, flip: false } }],
    [
      { dataset: "mnist", data_aug: true },
      { augmentation: { pad: 0, flip: false, warp: { shift: 1 / 16, bend: 0.15 } } },
    ],
    [
      { csv: "data/iris.csv.gz", label: "species", jem: true },
      { dataset: null, dataName: "iris", classes: null },
    ],
    [{ csv: "a.csv" }, { classes: 0, shape: null, architecture: "small-mlp", ignore: [] }],
    [
      { csv: "a.csv", label: 4, ignore: "id", jem: true },
      { label: "4", ignore: ["id"], saveDir: "runs/a-jem" },
    ],
    [
      { csv: "a.csv", label: "y", jem: true },
      { mode: "base-only", labels: "all", architecture: "table-ensemble" },
    ],
    [
      { csv: "a.csv", label: "y", labels_per_class: 5 },
      { mode: "base-only", labels: "few", architecture: "table-ensemble", saveDir: "runs/a-semi-supervised" },
    ],
    [
      { csv: "a.csv", label: "y", clf_only: true },
      { mode: "clf-only", architecture: "table-ensemble" },
    ],
    [
      { csv: "a.csv", label: "y", vera: true, jem: true },
      { mode: "jem", architecture: "small-mlp" },
    ],
    [
      { csv: "a.csv", label: "y", vat: true },
      { mode: "vat", architecture: "small-mlp" },
    ],
    [
      { imageFolder: "my/cats/", jem: true },
      { dataName: "cats", architecture: "dcgan32", classes: null },
    ],
    [{ decayEpochs: "none" }, { decayEpochs: [] }],
    [{ decay_epochs: 3 }, { decayEpochs: [3] }],
    [
      { clf: true, dataset: "digits" },
      { jem: true, mode: "jem" },
    ],
    [
      { threads: "auto", scan: 8 },
      { threads: null, scan: 8 },
    ],
  ];
  test.each(cases)("%j", (given, expected) => {
    expect(flags(given)).toMatchObject(expected);
  });
});

describe("what is refused, and how that is said", () => {
  const cases: [Flags, string][] = [
    [{ batch_sise: 3 }, "there is no option --batch_sise; did you mean --batch-size?"],
    [{ batch: 3 }, "did you mean --batch-size?"],
    [{ xyzzyx: 3 }, "there is no option --xyzzyx"],
    [{ optimizer: "sgd" }, "--optimizer is not an option: the optimiser is Adam"],
    [{ batch_size: "abc" }, '--batch-size takes a whole number at least 2, not "abc"'],
    [{ batch_size: 2.5 }, "--batch-size takes a whole number at least 2, not 2.5"],
    [{ lr: 0 }, "--lr takes a number above 0, not 0"],
    [{ lr: Number.NaN }, "--lr takes a number above 0"],
    [{ dropout: 1 }, "--dropout takes a number at least 0 and below 1, not 1"],
    [{ jem: "yes" }, '--jem takes true or false, not "yes"'],
    [{ jem: null }, "--jem takes true or false, not null"],
    [{ norm: "spectral" }, '--norm takes none, batch, group, instance, layer, not "spectral"'],
    [{ img_size: 48 }, "--img-size takes 32, 64, or native, not 48"],
    [{ threads: 0 }, "--threads takes a whole number at least 1 and at most 1024, or auto, not 0"],
    [{ decay_epochs: [1, "x"] }, '--decay-epochs takes numbers, each at least 0, not [1,"x"]'],
    [{ decay_epochs: [2, 1] }, "--decay-epochs must increase, and 2 1 do not"],
    [{ save_dir: "" }, '--save-dir takes a text, not ""'],
    [{ dataset: "cifar" }, 'there is no data set "cifar"; did you mean cifar10?'],
    [{ dataset: "imagenet" }, "there are moons, circles"],
    [{ dataset: "celeba" }, "--dataset celeba: it has no training part"],
    [{ csv: "a.csv", dataset: "moons" }, "--dataset and --csv exclude each other: choose one source of data"],
    [{ unit_interval: true, logit: true, dataset: "mnist" }, "--unit-interval and --logit exclude each other"],
    [{ clf_only: true, jem_baseline: true }, "--clf-only and --jem-baseline exclude each other"],
    [{ vat: true, ssm: true }, "--vat and --ssm exclude each other: choose one way to train"],
    [{ nice: true, mog_comps: 2 }, "--nice and --mog-comps exclude each other"],
    [{ resnet: true, thicc_resnet: true, dataset: "cifar10" }, "--resnet and --thicc-resnet exclude each other"],
    [{ ssm: true }, "--ssm is for models whose likelihood is known: add --nice or --mog-comps N"],
    [{ maximum_likelihood: true, dataset: "mnist" }, "--maximum-likelihood is for models whose likelihood is known"],
    [{ nice: true, jem: true, dataset: "mnist" }, "--nice is a density without classes: leave out --jem"],
    [{ ssm: true, mog_comps: 2, labels_per_class: 1, dataset: "mnist" }, "leave out --labels-per-class"],
    [{ nice: true, dataset: "hepmass" }, "hepmass has 15 dimensions, an odd number"],
    [{ nice: true, ssm: true, resnet: true, dataset: "cifar10" }, "no generator is trained"],
    [{ jem: true }, "--jem needs labels, and circles has none"],
    [{ labels_per_class: 4 }, "--labels-per-class needs labels, and circles has none"],
    [{ csv: "a.csv", jem: true }, "--jem needs labels: name the column of classes with --label"],
    [{ label: "y" }, "--label is for tables given with --csv"],
    [{ data_aug: true }, "--data-aug is for images, and circles is a density in the plane"],
    [{ dataset: "human", labels_per_class: 10, consistency: 1 }, "--consistency is for images, and human is a table"],
    [{ logit: true, dataset: "human" }, "--logit is for images, and human is a table"],
    [
      { wide_resnet: true, dataset: "mnist" },
      "residual networks are for images of 32×32, and mnist is of 28×28: add --img-size 32",
    ],
    [{ wide_resnet: true, dataset: "human" }, "residual networks are for images of 32×32, and human is a table"],
    [{ resnet: true, noise_dim: 2, dataset: "cifar10" }, "--noise-dim 2: the ResNet generator takes 128 dimensions"],
    [
      { norm: "layer", dataset: "cifar10" },
      "--norm layer is for small and wide ResNets: add --small-resnet, --wide-resnet or --thicc-resnet",
    ],
    [{ norm: "batch", resnet: true, dataset: "cifar10" }, "--norm batch is for DCGAN and wide ResNets"],
    [{ clf_only: true, clf_weight: 0, p_control: 1, dataset: "digits" }, "leaves a classifier nothing to learn"],
    [{ vat: true, clf_weight: 0, vat_weight: 0, pg_control: 1, dataset: "digits" }, "nothing to learn"],
    [{ min_sigma: 0.5 }, "--min-sigma 0.5 is above --max-sigma 0.3"],
  ];
  test.each(cases)("%j", (given, message) => {
    expect(() => flags(given)).toThrow(ConfigError);
    expect(() => flags(given)).toThrow(message);
  });

  test("an option of a file or a preset is named as such", () => {
    expect(() => resolveConfig({ file: { lr: -1 } })).toThrow(
      "lr in the configuration file takes a number above 0, not -1",
    );
    expect(() => resolveConfig({ file: { lrr: 1 } })).toThrow("did you mean lr in the configuration file?");
    expect(() => resolveConfig({ preset: "quikstart" })).toThrow('no preset "quikstart"; did you mean quickstart?');
  });
});

describe("precedence", () => {
  const sources: ConfigSources = { flags: { lr: 3 }, file: { preset: "cifar10-wrn", lr: 2, glr: 2 } };

  test("flags over file over preset over defaults", () => {
    expect(resolveConfig(sources)).toMatchObject({ lr: 3, glr: 2, postLr: 3e-5, beta2: 0.9, dataset: "cifar10" });
  });

  test("a preset given by hand replaces the file's", () => {
    expect(resolveConfig({ ...sources, preset: "mnist" })).toMatchObject({ dataset: "mnist", thiccResnet: false });
  });

  test("a higher layer's alternative replaces a lower one's", () => {
    const wide = resolveConfig({ preset: "cifar10-wrn", flags: { wide_resnet: true } });
    expect(wide).toMatchObject({ architecture: "wide-resnet-28-2", thiccResnet: false });
    const table = resolveConfig({ preset: "quickstart", flags: { csv: "a.csv", label: "y" } });
    expect(table).toMatchObject({ dataset: null, csv: "a.csv", mode: "jem" });
  });

  test("data of the user's own starts from its preset, unless another is named", () => {
    const { dcganWidth } = PRESETS.pictures!.settings;
    expect(resolveConfig({ flags: { image_folder: "my/cats" } })).toMatchObject({ dcganWidth, nIters: 1500 });
    const table = { csv: "a.csv", label: "y" };
    const { batchSize, entWeight } = PRESETS.table!.settings;
    expect(resolveConfig({ flags: table })).toMatchObject({ batchSize, entWeight });
    expect(resolveConfig({ file: table, flags: { batch_size: 32 } })).toMatchObject({ batchSize: 32, entWeight });
    expect(resolveConfig({ flags: table, preset: "human" })).toMatchObject({ batchSize: 100 });
    expect(resolveConfig({ flags: { dataset: "human" } })).toMatchObject({ batchSize: 200, entWeight: 1 });
    expect(resolveConfig({ file: { csv: "a.csv" }, flags: { dataset: "moons" } })).toMatchObject({ nIters: null });
  });

  test("of two lengths the one asked for last counts", () => {
    const table = { csv: "a.csv", label: "y" };
    expect(resolveConfig({ flags: { ...table, n_epochs: 7 } })).toMatchObject({ nEpochs: 7, nIters: null });
    expect(resolveConfig({ file: { n_iters: 5 }, flags: { n_epochs: 7 } })).toMatchObject({ nEpochs: 7, nIters: null });
    expect(resolveConfig({ flags: { n_iters: 5, n_epochs: 7 } })).toMatchObject({ nEpochs: 7, nIters: 5 });
  });

  test("a flag can take back what a preset says", () => {
    expect(resolveConfig({ preset: "quickstart", flags: { jem: false } }).mode).toBe("vera");
  });

  test("the inputs are not changed, and defaults are the table's", () => {
    const given = Object.freeze({ decayEpochs: Object.freeze([1, 2]) });
    expect(flags(given).decayEpochs).toEqual([1, 2]);
    expect(flags({}).decayEpochs).toEqual(OPTIONS.decayEpochs.default);
  });
});

describe("names that every object has", () => {
  test.each(["constructor", "toString", "__proto__", "hasOwnProperty"])("%s is no name of anything", (name) => {
    const of = (flags: Record<string, unknown>) => () => resolveConfig({ flags });
    expect(of({ dataset: name })).toThrow(`--dataset: there is no data set "${name}"; there are moons, circles`);
    expect(() => resolveConfig({ preset: name })).toThrow(`there is no preset "${name}"; there are quickstart`);
    expect(of(JSON.parse(`{"${name}": 1}`))).toThrow(/^there is no option --/);
    expect(of({ base: name })).toThrow(/--base takes none, gaussian, mixture, pool, not/);
  });
});

describe("saved configurations", () => {
  const run = resolveConfig({ preset: "cifar10-wrn", flags: { save_dir: "runs/mine" } });
  const json = JSON.parse(JSON.stringify({ ...run, run: { vera: "0.1.0" } })) as Flags;

  test("a configuration is JSON", () => {
    expect(JSON.parse(JSON.stringify(run))).toEqual(run);
  });

  test("another run can start from one, in a folder of its own", () => {
    const other = resolveConfig({ file: json });
    expect(other).toEqual({ ...run, saveDir: "runs/cifar10-jem" });
  });

  test("the printed form is a configuration file", () => {
    for (const name of Object.keys(PRESETS)) {
      const config = resolveConfig({ preset: name, flags: { save_dir: "1e3", data_root: "a: b", resume: "true" } });
      expect(resolveConfig({ file: parse(formatConfig(config)) })).toEqual(config);
    }
  });

  test("a resumed run is what it was, but for how long, how fast and what is written", () => {
    const resumed = resolveConfig({ saved: json, flags: { resume: "moved/here", n_epochs: 300, threads: 1 } });
    expect(resumed).toEqual({ ...run, resume: "moved/here", saveDir: "moved/here", nEpochs: 300, threads: 1 });
  });

  test("a resumed run keeps the networks it was begun with, where a new one would get others", () => {
    const saved = { ...flags({ dataset: "mnist", logit: true }), outputActivation: "none" }; // as of an earlier version
    expect(resolveConfig({ saved, flags: { resume: "r" } }).outputActivation).toBe("none");
    expect(resolveConfig({ file: saved }).outputActivation).toBe("tanh");
    const imported = { ...flags({ csv: "a.csv", vera: true }), architecture: "mlp" };
    expect(resolveConfig({ saved: imported, flags: { resume: "r" } }).architecture).toBe("mlp");
  });

  test.each([
    [{ batch_size: 41 }, "--batch-size cannot change when a run is resumed: it was 40"],
    [{ dataset: "svhn" }, '--dataset cannot change when a run is resumed: it was "cifar10"'],
    [{ save_dir: "x" }, "--save-dir cannot change when a run is resumed"],
  ])("%j cannot change", (change, message) => {
    expect(() => resolveConfig({ saved: json, flags: { resume: "r", ...change } })).toThrow(message);
  });

  test("the same value again is no change", () => {
    expect(resolveConfig({ saved: json, flags: { resume: "r", batch_size: 40, dataset: "CIFAR10" } }).batchSize).toBe(
      40,
    );
  });

  test("files and presets do not mix with resuming", () => {
    expect(() => resolveConfig({ saved: json, flags: { resume: "r" }, preset: "mnist" })).toThrow(
      "keeps its configuration",
    );
    expect(() => resolveConfig({ saved: json, flags: { resume: "r" }, file: {} })).toThrow("keeps its configuration");
  });
});

describe("the table", () => {
  test("every option explains itself, in sentences", () => {
    for (const name of OPTION_NAMES) expect(optionOf(name).help, name).toMatch(/^[A-Z0-9`].*\.$/);
  });

  test("every default is within its own range", () => {
    const defaults = Object.fromEntries(OPTION_NAMES.map((name) => [name, OPTIONS[name].default]));
    expect(flags(defaults)).toEqual(flags({}));
  });

  test("underscores, hyphens and camel case are the same name", () => {
    for (const name of OPTION_NAMES) {
      const hyphens = name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
      const value = OPTIONS[name].default;
      for (const spelling of [name, hyphens, hyphens.replaceAll("-", "_")])
        expect(() => flags({ [spelling]: value }), spelling).not.toThrow();
    }
  });

  test("Fashion-MNIST's presets are MNIST's, on other pictures, by wider networks where all labels are known", () => {
    const wider: Readonly<Record<string, object>> = {
      "": { dcganWidth: 32, generatorType: "laplace" },
      "-clf": { dcganWidth: 32 },
    };
    for (const end of ["", "-clf", "-vat", "-semi", "-clf-10"]) {
      const [digits, clothes] = [PRESETS[`mnist${end}`]!, PRESETS[`fashion-mnist${end}`]!];
      expect(clothes.settings).toEqual({ ...digits.settings, ...wider[end], dataset: "fashion-mnist" });
      expect(clothes.description).toBe(
        digits.description.replace(/mnist/i, (set) => (set === "MNIST" ? "Fashion-MNIST" : "fashion-mnist")),
      );
      const architecture = (preset: string) => resolveConfig({ preset }).architecture;
      expect(architecture(`fashion-mnist${end}`)).toBe(architecture(`mnist${end}`));
    }
    // A mirrored shoe is a shoe, a mirrored 2 no 2.
    expect(flags({ dataset: "FashionMNIST", data_aug: true }).augmentation).toEqual({ pad: 2, flip: true });
    expect(flags({ dataset: "mnist", data_aug: true }).augmentation).toMatchObject({ flip: false });
  });

  test("every preset resolves", () => {
    for (const [name, { settings }] of Object.entries(PRESETS))
      expect(resolveConfig({ preset: name }), name).toMatchObject(settings);
  });

  test("the data sets are the registry's, but for those without a training part", () => {
    const trainable = DATASETS.map(({ name }) => name).filter((name) => name !== "celeba");
    expect([...DATASET_NAMES].sort()).toEqual([...trainable].sort());
    for (const { name, kind } of DATASETS.filter((d) => trainable.includes(d.name)))
      expect(flags({ dataset: name }).dataKind, name).toBe(kind);
  });

  test("options without effect are found, where they differ from the default", () => {
    const config = flags({ dataset: "mnist", jem: true, h_dim: 3, vat_eps: 2, vat_weight: 1, dropout: 0.1 });
    expect(withoutEffect(config, ["hDim", "vatEps", "vatWeight", "dropout", "lr"])).toEqual([
      "hDim",
      "vatEps",
      "dropout",
    ]);
  });

  test.each<[Flags, string[]]>([
    [{ dataset: "digits", jem: true }, ["clfEntWeight"]],
    [{ dataset: "digits", jem: true, jemBaseline: true }, ["clfEntWeight"]],
    [{ dataset: "digits", labelsPerClass: 5, jemBaseline: true }, []],
    [{ dataset: "digits", vat: true }, ["pControl", "nControl", "pgControl"]],
    [{ dataset: "digits", clfOnly: true }, ["clfEntWeight", "pControl", "nControl"]],
    [{ dataset: "digits", clfOnly: true, labelsPerClass: 5 }, ["clfEntWeight", "pControl", "nControl"]],
    [{ dataset: "digits", jemBaseline: true }, ["clfWeight", "clfEntWeight"]],
    [{ csv: "a.csv", vera: true }, ["clfWeight", "clfEntWeight"]],
  ])("weights of terms that the loss has not: %j", (given, expected) => {
    const weights = { clfWeight: 3, clfEntWeight: 2, pControl: 0.1, nControl: 0.2, pgControl: 0.3 };
    const found = withoutEffect(flags({ ...given, ...weights }), Object.keys(weights) as (keyof typeof weights)[]);
    expect(found).toEqual(expected);
  });
});

test("the closest name is a typing error away, or nothing", () => {
  const names = ["batch-size", "beta1", "beta2", "lr", "glr", "train", "data"];
  expect(closest("batchsize", names)).toBe("batch-size");
  expect(closest("trian", names)).toBe("train");
  expect(closest("bat", names)).toBe("batch-size");
  expect(closest("completely", names)).toBeUndefined();
});

describe("a table of one's own", () => {
  const of = (flags: Record<string, unknown>) => resolveConfig({ flags: { csv: "t.csv", ...flags } });

  test("stands on the pool, and needs no network", () => {
    expect(of({})).toMatchObject({ base: "pool", mode: "base-only", labels: "none" });
    expect(of({ label: "y", jem: true })).toMatchObject({ base: "pool", mode: "base-only", labels: "all" });
    expect(of({ label: "y", labelsPerClass: 10 })).toMatchObject({ mode: "base-only", labels: "few" });
  });

  test("other ways to train stand on it, too; densities of their own do not", () => {
    expect(of({ vera: true })).toMatchObject({ base: "pool", mode: "vera" });
    expect(of({ energyDiscrepancy: true, label: "y", jem: true })).toMatchObject({
      base: "pool",
      mode: "energy-discrepancy",
      labels: "all",
    });
    expect(of({ mogComps: 8, maximumLikelihood: true })).toMatchObject({ base: "none", density: "mog" });
    expect(of({ base: "gaussian" })).toMatchObject({ base: "gaussian", mode: "base-only" });
    expect(() => of({ base: "gaussian", nice: true })).toThrow(/--nice and --base exclude each other/);
    expect(() => of({ base: "none" })).toThrow(/--base-only needs a base measure/);
    expect(of({ base: "none", vera: true })).toMatchObject({ base: "none", mode: "vera" });
  });
});
