/** Command lines to values; the original's documented commands; help. */
import { describe, expect, test } from "vitest";
import { parseArguments } from "../../src/cli/arguments.js";
import { trainHelp } from "../../src/cli/commands/train.js";
import { UsageError } from "../../src/cli/errors.js";
import { columns, wrap } from "../../src/cli/help.js";
import { ConfigError, GROUPS, kebab, OPTIONS, PRESETS, resolveConfig } from "../../src/runs/config/index.js";

const parse = (line: string) => parseArguments(line.split(" ").filter(Boolean), OPTIONS);
const values = (line: string) => parse(line).values;

describe("values", () => {
  test.each([
    ["--batch-size 3", { batchSize: 3 }],
    ["--batch_size=3", { batchSize: 3 }],
    ["--lr .00003 --clf_weight 100. --glr 1e-4", { lr: 3e-5, clfWeight: 100, glr: 1e-4 }],
    ["--lr -1", { lr: -1 }],
    ["--lr abc", { lr: "abc" }],
    ["--lr 0x10", { lr: "0x10" }],
    ["--jem --no-plots", { jem: true, plots: false }],
    ["--jem false --plots TRUE", { jem: false, plots: true }],
    ["--jem=false --no_data_aug", { jem: false, dataAug: false }],
    ["--jem=maybe", { jem: "maybe" }],
    ["--decay_epochs 150 175 --jem", { decayEpochs: [150, 175], jem: true }],
    ["--decay-epochs 150,175", { decayEpochs: [150, 175] }],
    ["--decay-epochs=1,2 --lr 1", { decayEpochs: [1, 2], lr: 1 }],
    ["--decay-epochs none", { decayEpochs: [] }],
    ["--ignore id,name --categorical zip", { ignore: ["id", "name"], categorical: ["zip"] }],
    ["--label 0 --img-size 64 --norm batch", { label: "0", imgSize: 64, norm: "batch" }],
    ["--save-dir=a=b", { saveDir: "a=b" }],
    ["--threads auto", { threads: "auto" }],
    ["--lr 1 --lr 2", { lr: 2 }],
  ])("%s", (line, expected) => {
    expect(parse(line)).toEqual({ values: expected, positionals: [] });
  });

  test("positionals", () => {
    expect(parse("a --jem b -- --lr")).toEqual({ values: { jem: true }, positionals: ["a", "b", "--lr"] });
  });

  test("a missing value is named with what would do", () => {
    for (const line of ["--lr", "--lr --jem", "--decay-epochs", "--save-dir --jem"])
      expect(() => parse(line), line).toThrow(UsageError);
    expect(() => parse("--batch-size --jem")).toThrow("--batch-size needs a value: a whole number at least 2");
  });

  test("an unknown flag is named with the nearest", () => {
    expect(() => parse("--noise-dims 3")).toThrow(
      new ConfigError("there is no option --noise-dims; did you mean --noise-dim?"),
    );
    expect(() => parse("--no-batch-size")).toThrow("there is no option --no-batch-size");
  });
});

describe("the original's documented commands", () => {
  const cifar = (name: string) =>
    `--dataset ${name}
    --ent_weight 0.0001  --noise_dim 128
    --viz_every 1000 --save_dir /tmp/run --data_aug --dropout .3 --thicc_resnet
    --ckpt_path /tmp/model.pt --generator_type vera --n_epochs 200 --print_every 100
    --lr .00003 --glr .00006 --post_lr .00003 --batch_size 40 --pg_control .1
    --decay_epochs 150 175 --jem  --warmup_iters 2500 --clf_weight 100. --g_feats 256`.replaceAll("\n", " ");

  test.each(["cifar10", "cifar100"])("%s", (name) => {
    expect(resolveConfig({ flags: values(cifar(name)) })).toMatchObject({
      dataset: name,
      mode: "jem",
      architecture: "wide-resnet-28-10",
      noiseDim: 128,
      gFeats: 256,
      dropout: 0.3,
      entWeight: 1e-4,
      clfWeight: 100,
      pgControl: 0.1,
      lr: 3e-5,
      glr: 6e-5,
      postLr: 3e-5,
      batchSize: 40,
      nEpochs: 200,
      decayEpochs: [150, 175],
      warmupIters: 2500,
      vizEvery: 1000,
      printEvery: 100,
      saveDir: "/tmp/run",
      ckptPath: "/tmp/model.pt",
      generatorType: "vera",
      augmentation: { pad: 4, flip: true },
    });
  });

  test("the preset says the same", () => {
    const { saveDir, ckptPath, ...documented } = resolveConfig({ flags: values(cifar("cifar10")) });
    expect(resolveConfig({ preset: "cifar10-wrn" })).toMatchObject(documented);
  });

  test("mode counting", () => {
    expect(resolveConfig({ flags: values("--dataset stackmnist --img_size 64") }).architecture).toBe("dcgan64");
  });
});

describe("help", () => {
  const help = trainHelp();

  test("fits 80 columns", () => {
    expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("has every option with its explanation, every group and every preset", () => {
    const text = help.replace(/\s+/g, " ");
    for (const [title, options] of GROUPS) {
      expect(help).toContain(`\n\n${title}\n`);
      for (const [name, option] of Object.entries(options)) {
        expect(help, name).toMatch(new RegExp(`^ {2}--(no-)?${kebab(name)}( |$)`, "m"));
        expect(text, name).toContain(option.help);
      }
    }
    for (const name of Object.keys(PRESETS)) expect(help).toMatch(new RegExp(`^ {2}${name} `, "m"));
  });

  test("columns wrap beside the name, or below a long one", () => {
    expect(columns([["a", "one two"]], 4)).toBe("a   one two");
    expect(columns([["abcd", "one"]], 4)).toBe("abcd\n    one");
    expect(wrap("aa bb cc", 5)).toEqual(["aa bb", "cc"]);
  });
});
