/** The program itself: output, messages, exit codes, Ctrl-C. */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatError } from "../../src/cli/errors.js";
import { vera } from "../../src/cli/vera.js";
import { resolveConfig } from "../../src/runs/config/index.js";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const MAIN = path("../../src/cli/main.ts");

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a TypeScript program; `onErr` sees standard error as it grows. */
function run(
  file: string,
  argv: readonly string[],
  onErr: (text: string, kill: () => void) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), file, ...argv]);
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
    onErr(err, () => child.kill("SIGINT"));
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, err }));
  });
}

/** The same without a process of its own. */
async function inProcess(...argv: string[]): Promise<Ended> {
  let [out, err] = ["", ""];
  const terminal = {
    out: { write: (s: string) => (out += s) },
    err: { write: (s: string) => (err += s) },
  };
  const code = await vera(argv, terminal);
  return { code, out, err };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vera-cli-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("as a program", () => {
  test("results on standard output, exit code 0", async () => {
    const { version } = JSON.parse(await readFile(path("../../package.json"), "utf8")) as { version: string };
    expect(await run(MAIN, ["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  });

  test("an error is one line on standard error", async () => {
    expect(await run(MAIN, ["train", "--batch_sise", "3"])).toEqual({
      code: 2,
      out: "",
      err: "vera: there is no option --batch_sise; did you mean --batch-size?\n",
    });
  });
});

describe("Ctrl-C", () => {
  const TRAINING = path("fixtures/endless-training.ts");

  test("once: the run is saved, and how to go on is said", async () => {
    let asked = false;
    const { code, err } = await run(TRAINING, ["50"], (_, kill) => {
      if (!asked) kill();
      asked = true;
    });
    expect(code).toBe(130);
    expect(err).toMatch(
      /finishing this iteration, then saving; Ctrl-C again stops at once\nsaved\nstopped at iteration \d+ of 1000000; continue with: vera train --resume 'my runs\/a'\n$/,
    );
  });

  test("twice: at once", async () => {
    let asked = 0;
    const { code, err } = await run(TRAINING, ["60000"], (text, kill) => {
      if (asked === 0 || (asked === 1 && text.includes("again stops at once"))) {
        asked++;
        kill();
      }
    });
    expect(code).toBe(130);
    expect(err).not.toContain("saved");
  });
});

describe("commands", () => {
  test("help of every command fits 80 columns", async () => {
    const others = ["eval", "score", "sample", "import", "export"].map((name) => [name, "--help"]);
    for (const argv of [[], ["--help"], ["train", "-h"], ["data"], ["data", "--help"], ["data", "list"], ...others]) {
      const { code, out, err } = await inProcess(...argv);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
    }
  });

  test("data list says what is there", async () => {
    const { out } = await inProcess("data", "list", "--data-root", folder);
    expect(out).toContain(`looked for in ${folder}`);
    expect(out).toMatch(/^digits +built in/m);
    expect(out).toMatch(/^cifar10 +missing/m);
  });

  test("data fetch of a set that is shipped, or cannot be fetched", async () => {
    expect(await inProcess("data", "fetch", "digits")).toMatchObject({ code: 0, err: "digits needs no files\n" });
    const refused = await inProcess("data", "fetch", "celeba", "--data-root", folder);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^vera: data set "celeba": cannot be fetched; .*\n$/);
  });

  test.each([
    [["trian"], 2, 'vera: there is no command "trian"; did you mean train?\n'],
    [["toString"], 2, 'vera: there is no command "toString"; see vera --help\n'],
    [["data", "fetch"], 2, "vera: vera data fetch needs the name of a data set: see vera data list\n"],
    [["data", "get", "x"], 2, "vera: vera data get x: expected list, or fetch NAME\n"],
    [["train", "moons"], 2, 'vera: "moons" belongs to no option; see vera train --help\n'],
    [["train", "--lr"], 2, "vera: --lr needs a value: a number above 0\n"],
    [["train", "--until", "0"], 2, "vera: --until takes a whole number at least 1, not 0\n"],
    [["train", "--overwrite=maybe"], 2, 'vera: --overwrite takes true or false, not "maybe"\n'],
    [["train", "--config", "absent.yaml"], 2, "vera: configuration file absent.yaml: there is no such file\n"],
    [["train", "--resume", "absent"], 2, "vera: --resume: absent holds no config.json: is it the folder of a run?\n"],
  ])("%j", async (argv, code, err) => {
    expect(await inProcess(...argv)).toEqual({ code, out: "", err });
  });

  test("--debug shows the stack", async () => {
    expect((await inProcess("train", "--lr", "x", "--debug")).err).toMatch(/^vera: ConfigError: --lr .*\n +at /);
    const caused = new Error("outer\n  twice", { cause: new Error("inner") });
    expect(formatError(caused, false)).toBe("vera: outer twice");
    expect(formatError(caused, true)).toMatch(/caused by Error: inner/);
  });

  test("a configuration file: YAML or JSON, its errors with line and column", async () => {
    const file = join(folder, "config.yaml");
    await writeFile(file, "dataset: moons\nlr: [1\n");
    expect((await inProcess("train", "--config", file)).err).toMatch(
      /^vera: configuration file .*config\.yaml: .*line \d+, column \d+\n$/,
    );
    await writeFile(file, "- 1\n");
    expect((await inProcess("train", "--config", file)).err).toContain(
      "options and values expected, like batch-size: 100",
    );
    await writeFile(file, '{"lr": "fast"}');
    expect((await inProcess("train", "--config", file)).err).toContain(
      'lr in the configuration file takes a number above 0, not "fast"',
    );
  });

  test("a dry run prints the configuration and the model, and writes nothing", async () => {
    const file = join(folder, "moons.yaml");
    await writeFile(file, "dataset: moons\nh_dim: 7\n");
    const saveDir = join(folder, "dry");
    const { code, out, err } = await inProcess(
      "train",
      "--config",
      file,
      "--vat-eps",
      "2",
      "--dry-run",
      "--save-dir",
      saveDir,
    );
    expect(err).toBe("note: --vat-eps has no effect here (vera, toy)\n");
    expect(code).toBe(0);
    expect(out).toMatch(/^dataset: +moons$/m);
    expect(out).toMatch(/^# mode: +vera$/m);
    expect(out).toContain("[7, 2]");
    await expect(readFile(saveDir)).rejects.toThrow("ENOENT");
  });

  test("a run that stops where it was told to has ended well", async () => {
    const saveDir = join(folder, "until");
    const flags = ["--dataset", "moons", "--n-iters", "20", "--no-plots", "--save-dir", saveDir];
    const { code, err } = await inProcess("train", ...flags, "--until", "10");
    expect(err).toMatch(/stopped at iteration 10 of 20; continue with: vera train --resume .*until\n$/);
    expect(code).toBe(0);
    expect((await inProcess("train", "--resume", saveDir)).code).toBe(0);
  });

  test("a folder that holds a run is not written over", async () => {
    const used = join(folder, "used");
    await mkdir(used);
    const run = { vera: "0.1.0", data: { name: "moons" } };
    await writeFile(join(used, "config.json"), JSON.stringify({ ...resolveConfig(), run }));
    const { code, err } = await inProcess("train", "--save-dir", used);
    expect(code).toBe(2);
    expect(err).toContain(`${used} holds a run: continue it with --resume ${used}`);
  });
});
